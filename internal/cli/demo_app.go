package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"stormbus/examples/cinema"
	"stormbus/internal/arn"
	"stormbus/internal/cli/aws"
	"stormbus/internal/clock"
)

// deployer deploys an example through the public AWS APIs, as a user would.
type deployer struct {
	client *aws.Client
	scope  arn.Scope
}

func (d *deployer) deploy(ctx context.Context, app cinema.App) error {
	if err := d.client.JSON(ctx, "events", "AWSEvents.CreateEventBus", map[string]any{"Name": app.Bus}, nil); err != nil {
		return err
	}
	for _, queue := range app.Queues {
		if err := d.client.JSON(ctx, "sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": queue}, nil); err != nil {
			return err
		}
	}
	for _, f := range app.Functions {
		if err := d.function(ctx, f); err != nil {
			return fmt.Errorf("function %s: %w", f.Name, err)
		}
	}
	for _, r := range app.Rules {
		if err := d.rule(ctx, app.Bus, r); err != nil {
			return fmt.Errorf("rule %s: %w", r.Name, err)
		}
	}
	return nil
}

func (d *deployer) function(ctx context.Context, f cinema.Function) error {
	code, err := f.Zip()
	if err != nil {
		return err
	}
	err = d.client.REST(ctx, "lambda", http.MethodPost, "/2015-03-31/functions", map[string]any{
		"FunctionName": f.Name, "Runtime": f.Runtime, "Handler": f.Handler, "Timeout": f.Timeout,
		"Role":        "arn:aws:iam::" + d.scope.Account + ":role/cinema",
		"Code":        map[string]any{"ZipFile": code},
		"Environment": map[string]any{"Variables": f.Environment},
	}, nil)
	if err != nil {
		return err
	}
	return d.awaitActive(ctx, f.Name)
}

// awaitActive waits, as the waiters of AWS's SDKs do, until a function can run.
func (d *deployer) awaitActive(ctx context.Context, name string) error {
	for {
		var out struct{ State, StateReason string }
		if err := d.client.REST(ctx, "lambda", http.MethodGet, "/2015-03-31/functions/"+name+"/configuration", nil, &out); err != nil {
			return err
		}
		switch out.State {
		case "Active":
			return nil
		case "Failed":
			return fmt.Errorf("it could not be made: %s", out.StateReason)
		}
		if err := clock.Sleep(ctx, clock.Real(), 10*time.Millisecond); err != nil {
			return err
		}
	}
}

func (d *deployer) rule(ctx context.Context, bus string, r cinema.Rule) error {
	err := d.client.JSON(ctx, "events", "AWSEvents.PutRule", map[string]any{
		"Name": r.Name, "EventBusName": bus, "EventPattern": string(r.Pattern), "Description": r.Description,
	}, nil)
	if err != nil {
		return err
	}
	targets := make([]map[string]any, 0, len(r.Targets))
	for i, t := range r.Targets {
		targets = append(targets, d.target(fmt.Sprintf("target-%d", i+1), t))
	}
	var out struct {
		FailedEntryCount int
		FailedEntries    []struct{ TargetId, ErrorCode, ErrorMessage string }
	}
	in := map[string]any{"Rule": r.Name, "EventBusName": bus, "Targets": targets}
	if err := d.client.JSON(ctx, "events", "AWSEvents.PutTargets", in, &out); err != nil {
		return err
	}
	for _, failed := range out.FailedEntries {
		return fmt.Errorf("target %s: %s: %s", failed.TargetId, failed.ErrorCode, failed.ErrorMessage)
	}
	return nil
}

func (d *deployer) target(id string, t cinema.Target) map[string]any {
	target := map[string]any{"Id": id}
	if t.Function != "" {
		target["Arn"] = d.scope.Function(t.Function, "").String()
	} else {
		target["Arn"] = d.scope.Queue(t.Queue).String()
	}
	if t.Retry != nil {
		target["RetryPolicy"] = map[string]any{
			"MaximumRetryAttempts":     t.Retry.MaximumRetryAttempts,
			"MaximumEventAgeInSeconds": t.Retry.MaximumEventAgeInSeconds,
		}
	}
	if t.DeadLetterQueue != "" {
		target["DeadLetterConfig"] = map[string]any{"Arn": d.scope.Queue(t.DeadLetterQueue).String()}
	}
	return target
}
