package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/cli/aws"
	"stormbus/internal/console"
	"stormbus/internal/svc/sqs"
)

// redriveFlags are the flags of queue redrive.
type redriveFlags struct {
	to      string
	rate    int
	targets bool
	limit   int
	dryRun  bool
}

func newQueueRedrive(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "redrive NAME",
		Short: "Send dead letters back to where they were to go",
		Long: "Send the dead letters of a queue back to where they were to go.\n\n" +
			"What rules and functions gave up is delivered again to its target, with the retries and the dead-letter\n" +
			"queue that the target has now. Each message leaves the queue when its new delivery is durable. What\n" +
			"cannot be delivered stays, and is told with the reason; then the exit code is 1.\n\n" +
			"What a queue gave up (its RedrivePolicy names NAME) is moved back by a message move task of SQS, which\n" +
			"goes on in the server; `stormbus queues` shows how the queues fill and empty.",
		Args: exactArgs(1, "the name or the ARN of a dead-letter queue"),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	var f redriveFlags
	cmd.Flags().StringVar(&f.to, "to", "", "move task: another queue to move the messages to, its name or its ARN")
	cmd.Flags().IntVar(&f.rate, "rate", 0, "move task: messages a second, 1 to 500; 0 means as fast as it goes")
	cmd.Flags().BoolVar(&f.targets, "targets", false, "no move task: deliver what rules and functions gave up, of a queue that gets both")
	cmd.Flags().IntVar(&f.limit, "limit", 0, "deliver so many dead letters at most; 0 means all")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "change nothing, and tell what would go where")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		if err := f.check(); err != nil {
			return err
		}
		server, err := find()
		if err != nil {
			return err
		}
		q, err := server.queue(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		moves, err := f.moves(cmd.Context(), server, q)
		if err != nil {
			return err
		}
		if moves {
			return moveBack(cmd.Context(), env, server, q, f, form)
		}
		in := console.Redrive{Queue: q.ARN, Limit: f.limit, DryRun: f.dryRun}
		return redriveLetters(cmd.Context(), env, server, q, in, form)
	}
	return cmd
}

// check refuses flags that do not go together.
func (f *redriveFlags) check() error {
	switch {
	case f.limit < 0:
		return withCode(exitUsage, "--limit %d: want a number of dead letters, or 0 for all", f.limit)
	case (f.to != "" || f.rate != 0) && (f.targets || f.limit != 0 || f.dryRun):
		return withCode(exitUsage, "--to and --rate are for a move task of SQS, which knows no --targets, --limit and --dry-run")
	}
	return nil
}

// moves reports whether a move task is wanted: by its flags, or because the queue
// gets the dead letters of other queues.
func (f *redriveFlags) moves(ctx context.Context, s *server, q sqs.Summary) (bool, error) {
	if f.targets || f.to != "" || f.rate != 0 {
		return !f.targets, nil
	}
	all, err := s.queues(ctx)
	if err != nil {
		return false, err
	}
	source := slices.IndexFunc(all, func(o sqs.Summary) bool { return o.DeadLetters == q.ARN })
	if source >= 0 && (f.limit != 0 || f.dryRun) {
		return false, withCode(exitUsage, "%s gets the dead letters of the queue %s: a move task brings them back, which knows no --limit and no --dry-run; with --targets only what rules and functions gave up is delivered",
			q.Name, all[source].Name)
	}
	return source >= 0, nil
}

// moveBack starts a message move task.
func moveBack(ctx context.Context, env Env, s *server, q sqs.Summary, f redriveFlags, form string) error {
	in := map[string]any{"SourceArn": q.ARN}
	if f.to != "" {
		next, err := s.queue(ctx, f.to)
		if err != nil {
			return err
		}
		in["DestinationArn"] = next.ARN
	}
	if f.rate != 0 {
		in["MaxNumberOfMessagesPerSecond"] = f.rate
	}
	var out struct{ TaskHandle string }
	if err := s.call(ctx, q, "StartMessageMoveTask", in, &out); err != nil {
		return notOfAQueue(q, err)
	}
	fmt.Fprintf(env.Stderr, "stormbus: the messages of %s are on their way\n", q.Name)
	if form == "json" {
		return printJSON(env.Stdout, out)
	}
	_, err := fmt.Fprintln(env.Stdout, out.TaskHandle)
	return err
}

// notOfAQueue says what can be done where SQS moves nothing back, on AWS neither:
// the dead letters are not those of another queue.
func notOfAQueue(q sqs.Summary, err error) error {
	if refused, ok := errors.AsType[*aws.Error](err); !ok || !strings.Contains(refused.Message, "must be configured as a Dead Letter Queue") {
		return err
	}
	return fmt.Errorf("%w; no queue sends its dead letters to %s. What a rule or a function gave up goes back to its target: `stormbus queue redrive %s`, without --to and --rate", err, q.Name, q.Name)
}
