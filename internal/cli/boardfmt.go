package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"stormbus/internal/board"
)

func newBoardFmt(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fmt [FILE...]",
		Short: "Write boards in the canonical form, comments kept",
		Long: "Write boards in the one canonical form: sections and fields in a fixed order, items by name,\n" +
			"comments kept. The names of boards that were changed are printed. Without a file it is " + boardFile + ";\n" +
			"- reads a board and prints it.",
		Args: cobra.ArbitraryArgs,
	}
	rewrites(cmd, env, "change nothing; name the boards that are not in canonical form, and exit with 1", func(name string, text []byte) ([]byte, error) {
		f, err := board.Parse(name, text)
		if err != nil {
			return nil, err
		}
		return f.Format(), nil
	})
	return cmd
}

func newBoardFix(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fix [FILE...]",
		Short: "Bring boards of an older version, and drafts, to the current version",
		Long: "Bring boards of an older version of the format, and drafts as people write them in a workshop, to the\n" +
			"current version in canonical form, comments kept: lists of names become maps, tabs become spaces. The names\n" +
			"of boards that were changed are printed. Without a file it is " + boardFile + "; - reads a board and prints it.",
		Args: cobra.ArbitraryArgs,
	}
	rewrites(cmd, env, "change nothing; name the boards that need it, and exit with 1", board.Fix)
	return cmd
}

// remake makes the text of a board anew.
type remake func(name string, text []byte) ([]byte, error)

// rewritten is what became of a board that was made anew, in its JSON form.
type rewritten struct {
	File    string `json:"file"`
	Changed bool   `json:"changed"`        // in a check: it would be
	Text    string `json:"text,omitempty"` // made of what was read from standard input
}

// rewrites lets cmd make boards anew, or in a check say which of them would be
// different.
func rewrites(cmd *cobra.Command, env Env, checkHelp string, anew remake) {
	check := cmd.Flags().Bool("check", false, checkHelp)
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		all, failure := []rewritten{}, error(nil)
		for _, name := range boardsOf(args) {
			one, err := rewrite(env, name, !*check, anew)
			if err != nil {
				failure = err
				break
			}
			all = append(all, one)
		}
		// What was done is told, also if something else could not be.
		if failure == nil || len(all) > 0 {
			failure = errors.Join(failure, printRewritten(env, form, all))
		}
		if failure == nil && *check && slices.ContainsFunc(all, func(one rewritten) bool { return one.Changed }) {
			return &codedError{code: exitFailure}
		}
		return failure
	}
}

// printRewritten prints the names of the boards that were changed, or what was
// made of standard input.
func printRewritten(env Env, form string, all []rewritten) (err error) {
	if form == "json" {
		return printJSON(env.Stdout, all)
	}
	for _, one := range all {
		switch {
		case one.Text != "":
			_, err = io.WriteString(env.Stdout, one.Text)
		case one.Changed:
			_, err = fmt.Fprintln(env.Stdout, one.File)
		}
		if err != nil {
			return fmt.Errorf("print %s: %w", one.File, err)
		}
	}
	return nil
}

// rewrite makes one board anew. One that stays as it is is not written to, and not
// locked; one that is to be written is read again, since another command may have
// changed it meanwhile.
func rewrite(env Env, name string, write bool, anew remake) (rewritten, error) {
	one, made, err := remade(env, name, anew)
	if name == standardInput && write {
		one.Text = string(made)
	}
	if err != nil || !write || !one.Changed || name == standardInput {
		return one, err
	}
	unlock, err := lockBoard(name)
	if err != nil {
		return one, err
	}
	defer unlock()
	if one, made, err = remade(env, name, anew); err != nil {
		return one, err
	}
	if err := replaceFile(name, made); err != nil {
		return one, fmt.Errorf("write %s: %w", name, err)
	}
	return one, nil
}

// remade reads a board and makes it anew.
func remade(env Env, name string, anew remake) (one rewritten, made []byte, err error) {
	text, err := readText(env, name)
	if err != nil {
		return one, nil, err
	}
	if made, err = anew(name, text); err != nil {
		return one, nil, unreadable(env, err)
	}
	return rewritten{File: name, Changed: !bytes.Equal(text, made)}, made, nil
}
