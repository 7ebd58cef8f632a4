// Package cli is stormbus's command line: one file per verb. The verbs up and
// demo start a server in this process; the others talk to a running one, or
// are pure.
//
// Data goes to standard output, progress and hints to standard error.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes of every verb.
const (
	exitOK          = 0
	exitFailure     = 1
	exitUsage       = 2
	exitNotFound    = 3
	exitAssertion   = 4
	exitInterrupted = 130
)

// Env is what a command may know of its surroundings. Main fills it; tests
// make their own.
type Env struct {
	Program string   // the file that runs
	Args    []string // without the program's name
	Environ []string // KEY=value
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
}

// Main runs the command line of this process and returns its exit code.
func Main() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A second signal ends the process at once, as a person expects who is
	// tired of waiting.
	context.AfterFunc(ctx, stop)
	return Run(ctx, Env{Program: os.Args[0], Args: os.Args[1:], Environ: os.Environ(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
}

// Run runs one command line and returns its exit code. When ctx ends, servers
// drain and commands stop.
func Run(ctx context.Context, env Env) int {
	root := newRoot(env)
	root.SetArgs(env.Args)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var coded *codedError
	if !errors.As(err, &coded) {
		coded = &codedError{code: exitFailure, err: err}
	}
	if coded.err != nil {
		fmt.Fprintf(env.Stderr, "stormbus: %v\n", err)
	}
	return coded.code
}

// program is how to call this program again, as far as the person at the
// terminal is concerned: "go run" puts the binary where nobody finds it.
func (e Env) program() string {
	if strings.Contains(filepath.ToSlash(e.Program), "/go-build") {
		return "go run ./cmd/stormbus"
	}
	return "stormbus"
}

// codedError is an error that asks for its own exit code. A nil err means that
// everything has been said already.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *codedError) Unwrap() error { return e.err }

func withCode(code int, format string, args ...any) error {
	return &codedError{code: code, err: fmt.Errorf(format, args...)}
}

// usage gives the errors of a check of arguments the exit code for usage.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return withCode(exitUsage, "%w (see `%s --help`)", err, cmd.CommandPath())
		}
		return nil
	}
}

func newRoot(env Env) *cobra.Command {
	root := &cobra.Command{
		Use:           "stormbus",
		Short:         "The event bus that a team can design, run, see through and ship",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return withCode(exitUsage, "%w", err) })
	root.AddCommand(
		newNew(env),
		newUp(env),
		newDemo(env),
		newBoard(env),
		newTrace(env),
		newEvents(env),
		newQueues(env),
		newQueue(env),
		newStore(env),
		newPattern(env),
		newPinball(env),
		newPlan(env),
		newDeploy(env),
		newGenerate(env),
		newDoctor(env),
		newVersion(env),
	)
	return root
}
