package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"regexp"
	"time"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/cli/project"
	"stormbus/internal/clock"
	"stormbus/internal/telemetry"
)

// drainTime is how long a server may take to end what it has begun.
const drainTime = 8 * time.Second

// serverFlags are the flags of the verbs that start a server.
type serverFlags struct {
	dir        string // of the project
	host       string
	port       int
	data       string
	durability string
	logFormat  string
	logLevel   string
	region     string
	account    string
	allowHosts []string
	auth       string // "" is off
	keys       string
	strict     bool
	poll       bool
	form       string // how to print: text or json
}

func newUp(env Env) *cobra.Command {
	var f serverFlags
	cmd := &cobra.Command{
		Use:   "up [DIR]",
		Short: "Start the server, run the board in DIR and apply what is saved; events are kept in DIR/.stormbus",
		Long: "Start the server for the project in DIR (default: the current directory).\n" +
			"It prints its address, the environment variables for AWS SDKs, and runs until it is interrupted.\n\n" +
			"With a " + boardFile + " in DIR it writes the code that is missing, makes what the board wants, and applies\n" +
			"what is saved while it runs. What a person wrote is never overwritten or deleted.",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	flags := cmd.Flags()
	noWatch := flags.Bool("no-watch", false, "apply the board in DIR once, and not what is saved later")
	flags.BoolVar(&f.poll, "poll", false, "look for what was saved twice a second: for folders of another machine, where the system does not tell")
	flags.IntVar(&f.port, "port", 4566, "port to listen on; 0 picks a free one")
	flags.StringVar(&f.host, "host", "127.0.0.1", "address to listen on")
	flags.StringVar(&f.data, "data", "", "data directory (default DIR/.stormbus)")
	flags.StringVar(&f.durability, "durability", "power", "what an answer survives: power (every commit is synced to disk) or process (kill -9 only, faster)")
	flags.StringVar(&f.logFormat, "log-format", "text", "how to log to standard error: text or json")
	flags.StringVar(&f.logLevel, "log-level", "info", "least level to log: debug, info, warn or error")
	flags.StringVar(&f.region, "region", "us-east-1", "region of calls that name none")
	flags.StringVar(&f.account, "account", "000000000000", "account of calls whose access key id is not an account")
	flags.StringSliceVar(&f.allowHosts, "allow-host", nil, "host name at which the server may be reached, beside localhost and addresses")
	flags.StringVar(&f.auth, "auth", "off", "whether signatures are verified: off (any credentials; a 12-digit access key id is the account) or enforce (those of --keys)")
	flags.StringVar(&f.keys, "keys", "", "file of keys for --auth=enforce, one ACCESS_KEY_ID SECRET ACCOUNT [SESSION_TOKEN] a line")
	flags.BoolVar(&f.strict, "strict", false, "refuse, as AWS does, to create a queue in the 60 seconds after one of its name was deleted")
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if f.form, err = output(); err != nil {
			return err
		}
		f.dir = "."
		if len(args) == 1 {
			f.dir = args[0]
		}
		dir := f.dir
		if f.data == "" {
			f.data = filepath.Join(dir, ".stormbus")
		}
		p, err := project.Open(dir)
		if err != nil && !errors.Is(err, project.ErrNoBoard) {
			return withCode(exitUsage, "%w", err)
		}
		if f.poll && *noWatch {
			return withCode(exitUsage, "--poll looks for what is saved, --no-watch does not want to know: give one of them")
		}
		return runUp(cmd.Context(), env, f, p, !*noWatch)
	}
	return cmd
}

// runUp runs a server and, unless it is nil, a project on it.
func runUp(ctx context.Context, env Env, f serverFlags, p *project.Project, watch bool) error {
	begin := clock.Real().Now()
	cfg, err := f.config(env)
	if err != nil {
		return err
	}
	if p != nil && !watch {
		// Nobody mends the board while the server runs.
		if _, err := p.Load(); err != nil {
			fmt.Fprintln(env.Stderr, err)
			return &codedError{code: exitUsage}
		}
	}
	a, err := start(ctx, cfg)
	if err != nil {
		return err
	}
	told := project.Config{Project: p, Poll: f.poll, Out: env.Stdout}
	ready := newReady(a, cfg, p, clock.Real().Now().Sub(begin))
	if f.form == "json" {
		told.Out, told.Report = io.Discard, reportLines(env)
		err = printLine(env.Stdout, ready)
	} else {
		ready.write(env.Stdout)
	}
	if err != nil {
		return errors.Join(err, stop(ctx, a))
	}
	if p == nil {
		if f.form == "text" {
			fmt.Fprintf(env.Stdout, "There is no %s in %s, so that no board runs; `stormbus new NAME` makes a project.\n\n", boardFile, f.dir)
		}
		return waitAndStop(ctx, env, a)
	}
	return runProject(ctx, env, a, cfg, told, watch)
}

// start starts a server. To be interrupted before it is ready is no failure.
func start(ctx context.Context, cfg app.Config) (*app.App, error) {
	a := app.New(cfg)
	err := a.Start(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil, withCode(exitInterrupted, "interrupted before the server was ready")
	}
	return a, err
}

// waitAndStop runs a until ctx ends or a fails, then drains it.
func waitAndStop(ctx context.Context, env Env, a *app.App) error {
	return stopAfter(ctx, a, wait(ctx, env, a))
}

// wait runs a until ctx ends or a fails, and returns its failure.
func wait(ctx context.Context, env Env, a *app.App) error {
	select {
	case <-ctx.Done():
		fmt.Fprintln(env.Stderr, "stormbus: stopping; what was acknowledged is kept")
		return nil
	case failure := <-a.Failed():
		return failure
	}
}

// stopAfter drains a, which may have failed.
func stopAfter(ctx context.Context, a *app.App, failure error) error {
	failure = errors.Join(failure, stop(ctx, a))
	if failure != nil && errors.Is(failure, app.ErrStoreHalted) {
		return &codedError{code: exitHalted, err: failure}
	}
	return failure
}

// exitHalted says that the store could not make a commit durable and stopped.
const exitHalted = 70

func (f serverFlags) config(env Env) (app.Config, error) {
	if f.durability != "power" && f.durability != "process" {
		return app.Config{}, withCode(exitUsage, "--durability %s: want power or process", f.durability)
	}
	if f.port < 0 || f.port > 65535 {
		return app.Config{}, withCode(exitUsage, "--port %d: want 0 to 65535", f.port)
	}
	if !regexp.MustCompile(`^\d{12}$`).MatchString(f.account) {
		return app.Config{}, withCode(exitUsage, "--account %s: want 12 digits", f.account)
	}
	if !regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`).MatchString(f.region) {
		return app.Config{}, withCode(exitUsage, "--region %s: want a region such as us-east-1", f.region)
	}
	if err := f.checkAuth(); err != nil {
		return app.Config{}, err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return app.Config{}, withCode(exitUsage, "--log-level %s: want debug, info, warn or error", f.logLevel)
	}
	log, err := telemetry.NewLogger(env.Stderr, f.logFormat, level)
	if err != nil {
		return app.Config{}, withCode(exitUsage, "--log-format: %w", err)
	}
	data, err := filepath.Abs(f.data)
	if err != nil {
		return app.Config{}, fmt.Errorf("data directory %s: %w", f.data, err)
	}
	return app.Config{
		Host: f.host, Port: f.port, AllowHosts: f.allowHosts, DataDir: data, Durability: f.durability,
		KeysFile: f.keys, Strict: f.strict, Region: f.region, Account: f.account, Logger: log, Environ: env.Environ, Version: Version,
	}, nil
}

// checkAuth checks that --auth and --keys fit each other.
func (f serverFlags) checkAuth() error {
	switch f.auth {
	case "", "off":
		if f.keys != "" {
			return withCode(exitUsage, "--keys wants --auth=enforce: without it nothing is verified")
		}
	case "enforce":
		if f.keys == "" {
			return withCode(exitUsage, "--auth=enforce wants --keys FILE")
		}
	default:
		return withCode(exitUsage, "--auth %s: want off or enforce", f.auth)
	}
	return nil
}
