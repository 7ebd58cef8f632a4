package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"stormbus/examples/cinema"
	"stormbus/internal/app"
	"stormbus/internal/arn"
	"stormbus/internal/cli/aws"
	"stormbus/internal/clock"
	"stormbus/internal/lineage"
)

func newDemo(env Env) *cobra.Command {
	f := serverFlags{host: "127.0.0.1", durability: "power", logFormat: "text", logLevel: "warn", region: "eu-west-1", account: "123456789012"}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the cinema example: three bookings, from event to event, explained",
		Long: "Start a server on a temporary data directory, deploy the cinema example, let three customers\n" +
			"book seats (one card is declined), and show what each booking caused.",
		Args: usage(cobra.NoArgs),
	}
	cmd.Flags().IntVar(&f.port, "port", 4566, "port to listen on; 0 picks a free one")
	exit := cmd.Flags().Bool("exit", false, "end after the story; the exit code says whether every chain ended as it should")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !cmd.Flags().Changed("port") && !portIsFree(cmd.Context(), f.host, f.port) {
			fmt.Fprintf(env.Stderr, "stormbus: port %d is in use, taking a free one\n", f.port)
			f.port = 0
		}
		return runDemo(cmd.Context(), env, f, *exit)
	}
	return cmd
}

func portIsFree(ctx context.Context, host string, port int) bool {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func runDemo(ctx context.Context, env Env, f serverFlags, exit bool) (err error) {
	begin := clock.Real().Now()
	if f.data, err = os.MkdirTemp("", "stormbus-demo-"); err != nil {
		return fmt.Errorf("make a data directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(f.data)) }()
	cfg, err := f.config(env)
	if err != nil {
		return err
	}
	a, err := start(ctx, cfg)
	if err != nil {
		return err
	}
	ready := clock.Real().Now().Sub(begin)
	fmt.Fprintf(env.Stdout, "stormbus %s is ready at %s (%d ms)\n", cfg.Version, a.URL(), ready.Milliseconds())
	first, story := tellStory(ctx, env, a, cfg)
	switch {
	case ctx.Err() != nil:
		story = withCode(exitInterrupted, "interrupted before the story ended")
	case story != nil:
		story = fmt.Errorf("the story did not end as it should:\n%w", story)
	}
	if exit || story != nil {
		return errors.Join(story, stop(ctx, a))
	}
	printGoOn(env, a, cfg, first)
	return waitAndStop(ctx, env, a)
}

func stop(ctx context.Context, a *app.App) error {
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := a.Stop(drain); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// tellStory deploys the example, runs its customers and prints their trees. It
// returns the id of the first event of all.
func tellStory(ctx context.Context, env Env, a *app.App, cfg app.Config) (firstEvent string, err error) {
	spec, err := cinema.Load()
	if err != nil {
		return "", err
	}
	customers, err := cinema.Customers()
	if err != nil {
		return "", err
	}
	switch pythons, err := a.Interpreters(ctx); {
	case err != nil:
		return "", err
	case len(pythons) == 0:
		return "", fmt.Errorf("%s: %s", noPython, installPython)
	}
	begin := clock.Real().Now()
	client := &aws.Client{Endpoint: a.URL(), Region: cfg.Region, Account: cfg.Account}
	d := deployer{client: client, scope: arn.Scope{Region: cfg.Region, Account: cfg.Account}}
	if err := d.deploy(ctx, spec); err != nil {
		return "", fmt.Errorf("deploy the example: %w", err)
	}
	fmt.Fprintf(env.Stdout, "deployed the cinema: 1 bus, %d rules, %d functions, %d queues (%d ms)\n",
		len(spec.Rules), len(spec.Functions), len(spec.Queues), clock.Real().Now().Sub(begin).Milliseconds())
	begin = clock.Real().Now()
	ids := make([]string, len(customers))
	for i, who := range customers {
		if ids[i], err = holdSeats(ctx, client, who); err != nil {
			return "", fmt.Errorf("hold seats for %s: %w", who.Name, err)
		}
	}
	return ids[0], followAll(ctx, env, &server{url: a.URL()}, customers, ids, begin)
}

// followAll waits for the customers' chains, prints each and judges them.
func followAll(ctx context.Context, env Env, s *server, customers []cinema.Customer, ids []string, begin time.Time) error {
	var failures []error
	for i, who := range customers {
		if err := followOne(ctx, env, s, who, ids[i]); err != nil {
			failures = append(failures, err)
		}
	}
	if len(failures) == 0 {
		fmt.Fprintf(env.Stdout, "\n%d chains ended as they should (%d ms)\n", len(customers), clock.Real().Now().Sub(begin).Milliseconds())
	}
	return errors.Join(failures...)
}

func followOne(ctx context.Context, env Env, s *server, who cinema.Customer, id string) error {
	ctx, cancel := context.WithTimeout(ctx, storyTime)
	defer cancel()
	tree, err := follow(ctx, s, id)
	if tree == nil {
		return fmt.Errorf("follow %s: %w", who.Name, err)
	}
	fmt.Fprintf(env.Stdout, "\n%s\n", headline(who))
	if err := lineage.WriteTree(env.Stdout, tree, lineage.TextOptions{}); err != nil {
		return err
	}
	return judge(who, tree)
}

func headline(who cinema.Customer) string {
	if who.DeadLetters > 0 {
		return who.Name + " books, and the card is declined"
	}
	return who.Name + " books"
}

// printGoOn tells what can be done with the demo's server while it runs.
func printGoOn(env Env, a *app.App, cfg app.Config, event string) {
	fmt.Fprintf(env.Stdout, "\nThe server runs until you press Ctrl-C. In another terminal:\n\n")
	for _, kv := range sdkEnvironment(a.URL(), cfg.Region, cfg.Account) {
		fmt.Fprintf(env.Stdout, "  export %s\n", kv)
	}
	fmt.Fprintf(env.Stdout, "\n  %s trace %s\n", env.program(), event)
	fmt.Fprintf(env.Stdout, "  %s events tail\n", env.program())
	fmt.Fprintf(env.Stdout, "  aws events list-rules --event-bus-name cinema\n")
}
