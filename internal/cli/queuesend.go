package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/cli/aws"
	"stormbus/internal/svc/sqs"
)

func newQueueSend(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "send NAME BODY",
		Short: "Send a message to a queue",
		Args:  exactArgs(2, "the name or the ARN of a queue, and the body of the message"),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	group := cmd.Flags().String("group", "", "the MessageGroupId; FIFO queues need one")
	dedup := cmd.Flags().String("dedup", "", "the MessageDeduplicationId, for FIFO queues")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
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
		in := map[string]any{"QueueUrl": server.urlOf(q), "MessageBody": args[1]}
		if *group != "" {
			in["MessageGroupId"] = *group
		}
		if *dedup != "" {
			in["MessageDeduplicationId"] = *dedup
		}
		var out map[string]string
		if err := server.call(cmd.Context(), q, "SendMessage", in, &out); err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, out)
		}
		_, err = fmt.Fprintln(env.Stdout, out["MessageId"])
		return err
	}
	return cmd
}

func newQueuePurge(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "purge NAME",
		Short: "Remove all messages of a queue; once in 60 seconds",
		Args:  exactArgs(1, "the name or the ARN of a queue"),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
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
		if err := server.call(cmd.Context(), q, "PurgeQueue", map[string]any{"QueueUrl": server.urlOf(q)}, nil); err != nil {
			return err
		}
		fmt.Fprintf(env.Stderr, "stormbus: %s is empty\n", q.Name)
		if form == "json" {
			return printJSON(env.Stdout, map[string]string{"name": q.Name, "arn": q.ARN})
		}
		return nil
	}
	return cmd
}

func newQueueRedrive(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "redrive NAME",
		Short: "Move the messages of a dead-letter queue back to where they came from",
		Long: "Start a message move task. It goes on in the server; `stormbus queues` shows how the\n" +
			"queues fill and empty.",
		Args: exactArgs(1, "the name or the ARN of a dead-letter queue"),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	to := cmd.Flags().String("to", "", "another queue to move the messages to: its name or its ARN")
	rate := cmd.Flags().Int("rate", 0, "messages a second, 1 to 500; 0 means as fast as it goes")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
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
		in := map[string]any{"SourceArn": q.ARN}
		if *to != "" {
			next, err := server.queue(cmd.Context(), *to)
			if err != nil {
				return err
			}
			in["DestinationArn"] = next.ARN
		}
		if *rate != 0 {
			in["MaxNumberOfMessagesPerSecond"] = *rate
		}
		var out struct{ TaskHandle string }
		if err := server.call(cmd.Context(), q, "StartMessageMoveTask", in, &out); err != nil {
			return notOfAQueue(q, err)
		}
		fmt.Fprintf(env.Stderr, "stormbus: the messages of %s are on their way\n", q.Name)
		if form == "json" {
			return printJSON(env.Stdout, out)
		}
		_, err = fmt.Fprintln(env.Stdout, out.TaskHandle)
		return err
	}
	return cmd
}

// notOfAQueue says what can be done where SQS moves nothing back, on AWS neither:
// the dead letters are not those of another queue.
func notOfAQueue(q sqs.Summary, err error) error {
	if refused, ok := errors.AsType[*aws.Error](err); !ok || !strings.Contains(refused.Message, "must be configured as a Dead Letter Queue") {
		return err
	}
	return fmt.Errorf("%w; no queue sends its dead letters to %s. What a rule or a function gave up is published, or its function invoked, again by hand: `stormbus queue peek %s --output json` shows it", err, q.Name, q.Name)
}
