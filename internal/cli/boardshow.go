package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/board"
	"stormbus/internal/clock"
	"stormbus/internal/pinball"
)

func newBoardStatus(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status [FILE]",
		Short: "Show the eight steps, and what each still lacks",
		Args:  usage(cobra.MaximumNArgs(1)),
	}
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		_, f, err := readBoard(env, boardsOf(args)[0])
		if err != nil {
			return err
		}
		report := pinball.Check(f.Board(), pinball.Limits{}, clock.Real().Now())
		steps := f.Steps(report.Concerns())
		if form == "json" {
			return printJSON(env.Stdout, steps)
		}
		return writeSteps(env.Stdout, steps)
	}
	return cmd
}

// writeSteps writes a checklist.
func writeSteps(w io.Writer, steps []board.Step) error {
	var b strings.Builder
	for _, s := range steps {
		mark, state := "[ ]", ""
		switch {
		case s.Done:
			mark = "[x]"
		case !s.Begun:
			state = ": not begun"
		default:
			state = fmt.Sprintf(": %d open", s.Missing)
		}
		fmt.Fprintf(&b, "%s %d %s%s\n", mark, s.Number, s.Name, state)
		if !s.Begun {
			continue
		}
		for _, c := range s.Checks {
			if len(c.Open) == 0 {
				continue
			}
			fmt.Fprintf(&b, "      %s\n", c.Check)
			for _, open := range c.Open {
				fmt.Fprintf(&b, "        %s\n", open)
			}
		}
		for _, spot := range s.Spots {
			fmt.Fprintf(&b, "      the hotspot %s is open\n", spot)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func newBoardShow(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show [FILE]",
		Short: "Draw the timeline, and the services round the bus",
		Args:  usage(cobra.MaximumNArgs(1)),
	}
	format := addFormatFlag(cmd, "text", "json", "mermaid", "svg", "html")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		form, err := format()
		if err != nil {
			return err
		}
		_, f, err := readBoard(env, boardsOf(args)[0])
		if err != nil {
			return err
		}
		b := f.Board()
		var drawn string
		switch form {
		case "json":
			return printJSON(env.Stdout, map[string]any{"timeline": b.Timeline(), "arrows": b.Arrows()})
		case "mermaid":
			drawn = b.Mermaid()
		case "svg":
			drawn = b.SVG()
		case "html":
			drawn = b.HTML()
		default:
			drawn = b.Text()
		}
		_, err = io.WriteString(env.Stdout, drawn)
		return err
	}
	return cmd
}
