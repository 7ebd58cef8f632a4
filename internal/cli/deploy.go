package cli

import (
	"context"
	"errors"
	"io"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/cli/aws"
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
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
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
		return deployOnce(cmd.Context(), env, d.Client, project.Config{Project: p, Interpreters: hostInterpreters(env)}, form)
	}
	return cmd
}

// deployOnce makes a server have what a project says, and tells what was done.
func deployOnce(ctx context.Context, env Env, client *aws.Client, c project.Config, form string) error {
	c.Out = env.Stdout
	var printed error
	if form == "json" {
		c.Out = io.Discard
		c.Report = func(r project.Report) { printed = printJSON(env.Stdout, r) }
	}
	err := newLive(env, client, c).Sync(ctx, clock.Real().Now())
	if errors.Is(err, project.ErrProblems) {
		err = &codedError{code: exitFailure} // they have been told
	}
	return errors.Join(printed, err)
}

// hostInterpreters are the interpreters of this machine, which need not be the
// server's: they only check what is about to be deployed.
func hostInterpreters(env Env) interpretersOf {
	return func(ctx context.Context) ([]python.Interpreter, error) {
		return app.Interpreters(ctx, env.Environ), nil
	}
}
