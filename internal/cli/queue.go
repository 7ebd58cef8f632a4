package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"stormbus/internal/cli/aws"
	"stormbus/internal/svc/sqs"
)

func newQueues(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queues",
		Short: "List the queues and how many messages they hold",
		Args:  usage(cobra.NoArgs),
	}
	find := addEndpointFlag(cmd, env)
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		server, err := find()
		if err != nil {
			return err
		}
		all, err := server.queues(cmd.Context())
		if err != nil {
			return err
		}
		if form == "json" {
			return printJSON(env.Stdout, all)
		}
		return printQueues(env.Stdout, all)
	}
	return cmd
}

func printQueues(to io.Writer, all []sqs.Summary) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "QUEUE\tVISIBLE\tIN FLIGHT\tDELAYED\tREGION\tACCOUNT\tDEAD LETTERS TO")
	for _, q := range all {
		dead := q.DeadLetters[strings.LastIndex(q.DeadLetters, ":")+1:]
		if dead == "" {
			dead = "-"
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\t%s\t%s\n", q.Name, q.Visible, q.InFlight, q.Delayed, q.Region, q.Account, dead)
	}
	return w.Flush()
}

func newQueue(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queue",
		Short: "Look into a queue, send to it, empty it, move its dead letters back",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newQueuePeek(env), newQueueSend(env), newQueueRedrive(env), newQueuePurge(env))
	return cmd
}

// queues asks the server for all queues.
func (s *server) queues(ctx context.Context) ([]sqs.Summary, error) {
	var all []sqs.Summary
	err := s.getJSON(ctx, "/_stormbus/api/queues", &all)
	return all, err
}

// queue finds a queue by its name or its ARN.
func (s *server) queue(ctx context.Context, name string) (sqs.Summary, error) {
	all, err := s.queues(ctx)
	if err != nil {
		return sqs.Summary{}, err
	}
	fit := slices.DeleteFunc(all, func(q sqs.Summary) bool { return q.Name != name && q.ARN != name })
	switch len(fit) {
	case 0:
		return sqs.Summary{}, withCode(exitNotFound, "there is no queue %s (see `stormbus queues`)", name)
	case 1:
		return fit[0], nil
	}
	var arns []string
	for _, q := range fit {
		arns = append(arns, q.ARN)
	}
	return sqs.Summary{}, withCode(exitUsage, "several queues are called %s: name one of %s", name, strings.Join(arns, ", "))
}

// call calls an operation of SQS in the account and the region of a queue.
func (s *server) call(ctx context.Context, q sqs.Summary, operation string, in map[string]any, out any) error {
	client := &aws.Client{Endpoint: s.url, Region: q.Region, Account: q.Account, Credentials: s.credentials}
	err := client.JSON(ctx, "sqs", "AmazonSQS."+operation, in, out)
	var refused *aws.Error
	if errors.As(err, &refused) {
		return fmt.Errorf("%s: %w", q.Name, err)
	}
	return err
}

// urlOf is the address of a queue at the server.
func (s *server) urlOf(q sqs.Summary) string { return s.url + "/" + q.Account + "/" + q.Name }
