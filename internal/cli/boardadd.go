package cli

import (
	"github.com/spf13/cobra"

	"stormbus/internal/board"
)

func newBoardAdd(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add FILE",
		Short: "Add to the board what another, partial board says",
		Long: "Set every field that FILE sets, a board of any part: what a step of a workshop has found, for example.\n" +
			"What FILE does not speak of stays. All of it is one step of undo; - reads standard input." + editHelp,
		Args: exactArgs(1, "a board with what is to be added"),
	}
	e := newEditor(cmd, env)
	e.withBase(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		_, part, err := readBoard(env, args[0])
		if err != nil {
			return err
		}
		nothing, err := board.Parse(args[0], nil)
		if err != nil {
			return err
		}
		edits := board.Diff(nothing, part)
		if len(edits) == 0 {
			return withCode(exitUsage, "%s says nothing that could be added", args[0])
		}
		return e.edit(cmd.Context(), edits...)
	}
	return cmd
}
