package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"stormbus/examples/cinema"
	"stormbus/internal/app"
	"stormbus/internal/cli/aws"
	"stormbus/internal/cli/project"
	"stormbus/internal/clock"
)

func newDemo(env Env) *cobra.Command {
	f := serverFlags{host: "127.0.0.1", durability: "power", logFormat: "text", logLevel: "warn", region: "eu-west-1", account: "123456789012"}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run the cinema example: four bookings, from event to event, explained",
		Long: "Make the cinema example from its board in a temporary folder, run it, let four customers book\n" +
			"seats (not every card is good), and show what each booking caused.",
		Args: usage(cobra.NoArgs),
	}
	cmd.Flags().IntVar(&f.port, "port", 4566, "port to listen on; 0 picks a free one")
	exit := cmd.Flags().Bool("exit", false, "end after the story; the exit code says whether every chain ended as it should")
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) (err error) {
		if f.form, err = output(); err != nil {
			return err
		}
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
	dir, err := os.MkdirTemp("", "stormbus-demo-")
	if err != nil {
		return fmt.Errorf("make a directory for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	f.data = filepath.Join(dir, ".stormbus")
	cfg, err := f.config(env)
	if err != nil {
		return err
	}
	a, err := start(ctx, cfg)
	if err != nil {
		return err
	}
	story := &demo{env: env, form: f.form, app: a, server: &server{url: a.URL()}}
	ready := newReady(a, cfg, nil, clock.Real().Now().Sub(begin))
	err = story.say(ready, "stormbus %s is ready at %s (%d ms)\n", ready.Version, ready.URL, ready.MS)
	if err == nil {
		story.client, err = ownClient(a, cfg)
	}
	if err != nil {
		return errors.Join(err, stop(ctx, a))
	}
	defer story.client.HTTP.CloseIdleConnections()
	err = story.tell(ctx, filepath.Join(dir, cinemaTemplate))
	switch {
	case ctx.Err() != nil:
		err = withCode(exitInterrupted, "interrupted before the story ended")
	case err != nil:
		err = fmt.Errorf("the story did not end as it should:\n%w", err)
	}
	if exit || err != nil {
		return errors.Join(err, stop(ctx, a))
	}
	if f.form == "text" {
		printGoOn(env, a, cfg, story)
	}
	return watchAndStop(ctx, env, a, story.live)
}

func stop(ctx context.Context, a *app.App) error {
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	if err := a.Stop(drain); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// demo is the cinema, made and run as a user would, and its customers.
type demo struct {
	env    Env
	form   string
	app    *app.App
	client *aws.Client
	server *server

	project    *project.Project
	live       *project.Live
	firstEvent string // id of the first event of all
}

// tell makes the project, runs it, lets its customers in and prints their trees.
func (d *demo) tell(ctx context.Context, dir string) error {
	customers, err := cinema.Customers()
	if err != nil {
		return err
	}
	switch pythons, err := d.app.Interpreters(ctx); {
	case err != nil:
		return err
	case len(pythons) == 0:
		return fmt.Errorf("%s: %s", noPython, installPython)
	}
	if err := d.run(ctx, dir); err != nil {
		return fmt.Errorf("run the example: %w", err)
	}
	begin := clock.Real().Now()
	ids := make([]string, len(customers))
	for i, who := range customers {
		if ids[i], err = holdSeats(ctx, d.client, who); err != nil {
			return fmt.Errorf("hold seats for %s: %w", who.Name, err)
		}
	}
	d.firstEvent = ids[0]
	return d.followAll(ctx, customers, ids, begin)
}

// run makes the project in a folder and has the server run it.
func (d *demo) run(ctx context.Context, dir string) error {
	begin := clock.Real().Now()
	if _, err := project.Create(dir, project.Template{Files: cinema.Files}); err != nil {
		return err
	}
	var err error
	if d.project, err = project.Open(dir); err != nil {
		return err
	}
	state, err := d.project.Load()
	if err != nil {
		return err
	}
	// What it prints is for somebody who works on the project.
	var told bytes.Buffer
	c := project.Config{Project: d.project, Interpreters: interpreters(d.env, d.app), Out: &told}
	if d.form == "json" {
		c.Report = reportLines(d.env)
	}
	d.live = newLive(d.env, d.client, c)
	if err := d.live.Sync(ctx, begin); err != nil {
		return fmt.Errorf("%w:\n%s", err, told.Bytes())
	}
	if p := state.Plan; d.form == "text" {
		fmt.Fprintf(d.env.Stdout, "%s runs: 1 bus, %d rules, %d functions, %d queues (%d ms)\n",
			project.BoardFile, len(p.Rules), len(p.Functions), len(p.Queues), clock.Real().Now().Sub(begin).Milliseconds())
	}
	return nil
}

// followAll waits for the customers' chains, prints each and judges them.
func (d *demo) followAll(ctx context.Context, customers []cinema.Customer, ids []string, begin time.Time) error {
	var failures []error
	for i, who := range customers {
		if err := d.followOne(ctx, who, ids[i]); err != nil {
			failures = append(failures, err)
		}
	}
	end := endedLine{newLine("ended"), len(failures) == 0, len(customers), clock.Real().Now().Sub(begin).Milliseconds()}
	if end.OK || d.form == "json" {
		failures = append(failures, d.say(end, "\n%d chains ended as they should (%d ms)\n", end.Chains, end.MS))
	}
	return errors.Join(failures...)
}

func (d *demo) followOne(ctx context.Context, who cinema.Customer, id string) error {
	ctx, cancel := context.WithTimeout(ctx, storyTime)
	defer cancel()
	tree, err := follow(ctx, d.server, id)
	if tree == nil {
		err = fmt.Errorf("follow %s: %w", who.Name, err)
	} else {
		err = judge(who, tree)
	}
	return errors.Join(err, d.tellChain(who, id, tree, err))
}
