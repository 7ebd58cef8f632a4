package cli

import (
	"github.com/spf13/cobra"

	"stormbus/internal/clock"
	"stormbus/internal/pinball"
)

func newPinball(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pinball [FILE]",
		Short: "Find the signs of a distributed monolith on the board",
		Long: "Look at the board, " + boardFile + " if none is named, for the signs of a distributed monolith: calls\n" +
			"that wait, shared data, leaky contexts, events that cause themselves, dead ends. Exits with 1\n" +
			"if there is a finding as bad as --fail-on or worse. The board's section ignores accepts\n" +
			"findings until a day, with a reason.",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	format := addFormatFlag(cmd, "text", "json", "sarif")
	failOn := cmd.Flags().String("fail-on", "error", "the severity that makes the exit code 1: error, warn, note, never")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		form, err := format()
		if err != nil {
			return err
		}
		limit, ok := map[string]pinball.Severity{"error": pinball.Error, "warn": pinball.Warn, "note": pinball.Note, "never": ""}[*failOn]
		if !ok {
			return withCode(exitUsage, "--fail-on %s: want error, warn, note or never", *failOn)
		}
		name := boardsOf(args)[0]
		_, f, err := readBoard(env, name)
		if err != nil {
			return err
		}
		report := pinball.Check(f.Board(), pinball.Limits{}, clock.Real().Now())
		switch form {
		case "json":
			err = printJSON(env.Stdout, report)
		case "sarif":
			err = printJSON(env.Stdout, report.Sarif(name, f.Line))
		default:
			err = report.WriteText(env.Stdout)
		}
		if worst := report.Worst(); err == nil && limit != "" && worst != "" && worst.AtLeast(limit) {
			err = &codedError{code: exitFailure}
		}
		return err
	}
	return cmd
}
