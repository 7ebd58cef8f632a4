package cli

import (
	"fmt"

	"github.com/spf13/cobra"
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
