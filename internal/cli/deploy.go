package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/cli/project"
	"stormbus/internal/clock"
	"stormbus/internal/function/python"
)

func newDeploy(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deploy [DIR]",
		Short: "Make a running server have what the board in DIR wants, once",
		Long: "Write the code that is missing in DIR (default: the current directory), and create, update and delete\n" +
			"on a running server what the board wants, and nothing that it did not make. `stormbus up` does the\n" +
			"same for its own server, and goes on as files are saved. Exits with 1 if anything is wrong.",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	target := addTargetFlags(cmd, env, "deploy to")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		dir := "."
		if len(args) == 1 {
			dir = args[0]
		}
		p, err := project.Open(dir)
		if errors.Is(err, project.ErrNoBoard) {
			return withCode(exitUsage, "%s: %w; `stormbus new NAME` makes a project", dir, err)
		}
		if err != nil {
			return withCode(exitUsage, "%w", err)
		}
		d, err := target(cmd.Context())
		if err != nil {
			return err
		}
		live := newLive(env, d.Client, p, hostInterpreters(env), env.Stdout)
		err = live.Sync(cmd.Context(), clock.Real().Now())
		if errors.Is(err, project.ErrProblems) {
			return &codedError{code: exitFailure} // they have been told
		}
		return err
	}
	return cmd
}

// hostInterpreters are the interpreters of this machine, which need not be the
// server's: they only check what is about to be deployed.
func hostInterpreters(env Env) interpretersOf {
	return func(ctx context.Context) ([]python.Interpreter, error) {
		return app.Interpreters(ctx, env.Environ), nil
	}
}
