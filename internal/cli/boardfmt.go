package cli

import (
	"bytes"
	"fmt"

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
	check := cmd.Flags().Bool("check", false, "change nothing; name the boards that are not in canonical form, and exit with 1")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return rewriteAll(env, boardsOf(args), *check, func(name string, text []byte) ([]byte, error) {
			f, err := board.Parse(name, text)
			if err != nil {
				return nil, err
			}
			return f.Format(), nil
		})
	}
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
	check := cmd.Flags().Bool("check", false, "change nothing; name the boards that need it, and exit with 1")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		return rewriteAll(env, boardsOf(args), *check, board.Fix)
	}
	return cmd
}

// remake makes the text of a board anew.
type remake func(name string, text []byte) ([]byte, error)

// rewriteAll makes boards anew, or in a check says which of them would be
// different.
func rewriteAll(env Env, names []string, check bool, anew remake) error {
	different := false
	for _, name := range names {
		text, made, err := rewrite(env, name, !check, anew)
		if err != nil {
			return err
		}
		changed := !bytes.Equal(text, made)
		different = different || changed
		switch {
		case name == standardInput && !check:
			_, err = env.Stdout.Write(made)
		case changed:
			_, err = fmt.Fprintln(env.Stdout, name)
		}
		if err != nil {
			return fmt.Errorf("print %s: %w", name, err)
		}
	}
	if check && different {
		return &codedError{code: exitFailure}
	}
	return nil
}

// rewrite makes one board anew and returns its text before and after. A board that
// stays as it is is not written to, and not locked; one that is to be written is
// read again, since another command may have changed it meanwhile.
func rewrite(env Env, name string, write bool, anew remake) (text, made []byte, err error) {
	text, made, err = remade(env, name, anew)
	if err != nil || !write || name == standardInput || bytes.Equal(text, made) {
		return text, made, err
	}
	unlock, err := lockBoard(name)
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	if text, made, err = remade(env, name, anew); err != nil {
		return nil, nil, err
	}
	if err := replaceFile(name, made); err != nil {
		return nil, nil, fmt.Errorf("write %s: %w", name, err)
	}
	return text, made, nil
}

// remade reads a board and makes it anew.
func remade(env Env, name string, anew remake) (text, made []byte, err error) {
	if text, err = readText(env, name); err != nil {
		return nil, nil, err
	}
	if made, err = anew(name, text); err != nil {
		return nil, nil, unreadable(env, err)
	}
	return text, made, nil
}
