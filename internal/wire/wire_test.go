package wire_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"stormbus/internal/shape/cloudwatch"
	"stormbus/internal/shape/events"
	"stormbus/internal/shape/eventsv2"
	"stormbus/internal/shape/lambda"
	"stormbus/internal/shape/s3"
	"stormbus/internal/shape/sqs"
	"stormbus/internal/shape/sts"
	"stormbus/internal/wire"
	"stormbus/internal/wire/wiretest"
)

const secret = "the password is swordfish"

// newServer is a server with a few operations of each protocol. What it logs
// goes to log.
func newServer(log io.Writer, change ...func(*wire.Config)) *wire.Server {
	c := wire.Config{
		Services: []wire.Service{
			{Model: events.Model, Operations: []wire.Operation{
				wire.Op("PutEvents", putEvents),
				wire.Op("DeleteRule", func(context.Context, *events.DeleteRuleInput) (*events.DeleteRuleOutput, error) {
					return nil, nil
				}),
				wire.Op("PutTargets", func(context.Context, *events.PutTargetsInput) (*events.PutTargetsOutput, error) {
					return nil, nil
				}),
				wire.Op("ListEventBuses", func(context.Context, *events.ListEventBusesInput) (*events.ListEventBusesOutput, error) {
					return nil, errors.New(secret)
				}),
				wire.Op("ListRules", func(context.Context, *events.ListRulesInput) (*events.ListRulesOutput, error) {
					panic(secret)
				}),
			}},
			{Model: sqs.Model, Operations: []wire.Operation{
				wire.Op("SendMessage", func(context.Context, *sqs.SendMessageInput) (*sqs.SendMessageOutput, error) {
					return nil, nil
				}),
				wire.Op("SendMessageBatch", func(context.Context, *sqs.SendMessageBatchInput) (*sqs.SendMessageBatchOutput, error) {
					return nil, nil
				}),
				wire.Op("GetQueueUrl", func(context.Context, *sqs.GetQueueUrlInput) (*sqs.GetQueueUrlOutput, error) {
					return nil, wire.Errorf(sqs.ErrQueueDoesNotExist, "The specified queue does not exist.")
				}),
			}},
			{Model: lambda.Model, Operations: lambdaOperations()},
			{Model: sts.Model, Operations: []wire.Operation{wire.Op("GetCallerIdentity", identity)}},
			{Model: s3.Model, Operations: s3Operations()},
			{Model: eventsv2.Model, Operations: eventsv2Operations()},
			{Model: cloudwatch.Model, Operations: cloudwatchOperations()},
		},
		Internal: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "internal "+r.URL.Path)
		}),
		AllowedHosts: []string{"stormbus.internal"},
		Logger:       slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&c)
	}
	return wire.NewServer(c)
}

func lambdaOperations() []wire.Operation {
	return []wire.Operation{
		wire.Op("Invoke", func(_ context.Context, in *lambda.InvokeInput) (*lambda.InvokeOutput, error) {
			return &lambda.InvokeOutput{
				StatusCode: new(int64(202)), Payload: in.Payload, FunctionError: new("Unhandled"),
				ExecutedVersion: new(*in.FunctionName + " " + *in.Qualifier + " " + *in.InvocationType),
			}, nil
		}),
		wire.Op("GetFunction", func(_ context.Context, in *lambda.GetFunctionInput) (*lambda.GetFunctionOutput, error) {
			return nil, wire.Errorf(lambda.ErrResourceNotFoundException, "Function not found: %s", *in.FunctionName)
		}),
		wire.Op("ListFunctions", func(context.Context, *lambda.ListFunctionsInput) (*lambda.ListFunctionsOutput, error) {
			e := wire.Errorf(lambda.ErrTooManyRequestsException, "Rate exceeded")
			e.Fields = map[string]any{"retryAfterSeconds": "7", "Reason": "CallerRateLimitExceeded"}
			return nil, e
		}),
		wire.Op("ListTags", func(_ context.Context, in *lambda.ListTagsInput) (*lambda.ListTagsOutput, error) {
			return &lambda.ListTagsOutput{Tags: map[string]string{"resource": *in.Resource, "a": "b"}}, nil
		}),
		wire.Op("DeleteFunction", func(context.Context, *lambda.DeleteFunctionInput) (*lambda.DeleteFunctionOutput, error) {
			return nil, nil
		}),
		wire.Op("CreateFunction", func(context.Context, *lambda.CreateFunctionInput) (*lambda.CreateFunctionOutput, error) {
			return nil, nil
		}),
	}
}

func identity(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	r := wire.From(ctx)
	return &sts.GetCallerIdentityOutput{
		Account: &r.Scope.Account, UserId: new(r.AccessKeyID + "@" + r.Scope.Region), Arn: new("<&>" + r.BaseURL),
	}, nil
}

func TestTranscripts(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	wiretest.Run(t, newServer(&log), "testdata/wire/*.txtar")
	// The errors of the service itself are in the log, and only there.
	if n := bytes.Count(log.Bytes(), []byte(secret)); n != 2 {
		t.Errorf("the log has the text of internal errors %d times, want 2:\n%s", n, &log)
	}
	if !bytes.Contains(log.Bytes(), []byte("wire_test.go")) {
		t.Error("the log has no stack of the panic")
	}
}
