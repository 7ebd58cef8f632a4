package cli

import (
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"stormbus/internal/svc/sqs"
)

func newQueuePeek(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "peek NAME",
		Short: "Show the oldest messages of a queue without receiving them",
		Long: "Show the oldest messages of a queue, also those that are in flight or delayed. Nothing\n" +
			"changes: no message is hidden, and no receive is counted.",
		Args: exactArgs(1, "the name or the ARN of a queue"),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	most := cmd.Flags().Int("max", 10, "how many messages at most, up to 100")
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
		var messages []sqs.Peeked
		path := fmt.Sprintf("/_stormbus/api/queues/messages?queue=%s&max=%d", url.QueryEscape(q.ARN), *most)
		if err := server.getJSON(cmd.Context(), path, &messages); err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, messages)
		}
		if len(messages) == 0 {
			fmt.Fprintf(env.Stderr, "stormbus: %s has no messages\n", args[0])
		}
		return printMessages(env.Stdout, messages)
	}
	return cmd
}

func printMessages(to io.Writer, messages []sqs.Peeked) error {
	for _, m := range messages {
		times := fmt.Sprintf("received %d times", m.Receives)
		if m.Receives == 1 {
			times = "received once"
		}
		if m.Group != "" {
			times += "  group " + oneLine(m.Group)
		}
		if _, err := fmt.Fprintf(to, "%s  %s  %s  %s\n", m.Sent.Local().Format("2006-01-02 15:04:05"), m.ID, times, oneLine(m.Body)); err != nil {
			return err
		}
	}
	return nil
}
