package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/board"
)

func newBoardMerge(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "merge BASE OURS THEIRS",
		Short: "Merge two boards by what they say, for git",
		Long: "Bring what THEIRS changed since BASE into OURS, which is written. Only a field that both\n" +
			"changed differently is a conflict: OURS holds, and the board gets a hotspot that asks about\n" +
			"it; the conflicts are printed and the exit code is 1. --install makes git do so for every\n" +
			"board of this repository.",
	}
	install := cmd.Flags().Bool("install", false, "set this up as git's merge driver for "+boardFile+" in this repository")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if *install {
			return usage(cobra.NoArgs)(cmd, args)
		}
		return exactArgs(3, "three boards: the common one, ours and theirs")(cmd, args)
	}
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		if *install {
			return installMerge(cmd, env, form)
		}
		return mergeBoards(env, args, form)
	}
	return cmd
}

// merged is what became of a merge, in its JSON form.
type merged struct {
	File      string           `json:"file"`
	Conflicts []board.Conflict `json:"conflicts"`
	Problems  board.Problems   `json:"problems"` // what is new on one side clashes with what is new on the other
}

func mergeBoards(env Env, names []string, form string) error {
	unlock, err := lockBoard(names[1])
	if err != nil {
		return err
	}
	defer unlock()
	files := make([]*board.File, len(names))
	for i, name := range names {
		var err error
		if _, files[i], err = readBoard(env, name); err != nil {
			return err
		}
	}
	text, conflicts := board.Merge(files[0], files[1], files[2])
	if err := replaceFile(names[1], text); err != nil {
		return fmt.Errorf("write the merged board: %w", err)
	}
	done := merged{File: names[1], Conflicts: append([]board.Conflict{}, conflicts...), Problems: board.Problems{}}
	for _, c := range conflicts {
		fmt.Fprintln(env.Stderr, c)
	}
	if _, err := board.Parse(names[1], text); err != nil {
		if !errors.As(err, &done.Problems) {
			return err
		}
		fmt.Fprintln(env.Stderr, done.Problems)
	}
	if form == "json" {
		if err := printJSON(env.Stdout, done); err != nil {
			return err
		}
	}
	if len(done.Conflicts)+len(done.Problems) > 0 {
		return &codedError{code: exitFailure}
	}
	return nil
}

// The driver, and the line of .gitattributes that names it.
const (
	driver    = "stormbus board merge %O %A %B"
	attribute = boardFile + " merge=stormbus"
)

// installMerge tells git of the driver: the command in the repository's own
// configuration, the files in .gitattributes, which is to be committed.
func installMerge(cmd *cobra.Command, env Env, form string) error {
	git := func(args ...string) (string, error) {
		var stdout, stderr bytes.Buffer
		c := exec.CommandContext(cmd.Context(), "git", args...)
		c.Stdout, c.Stderr, c.Env = &stdout, &stderr, env.Environ
		if err := c.Run(); err != nil {
			return "", withCode(exitUsage, "git %s: %w\n%s", args[0], err, strings.TrimSpace(stderr.String()))
		}
		return strings.TrimSpace(stdout.String()), nil
	}
	top, err := git("rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	for _, setting := range [][2]string{
		{"merge.stormbus.name", "merge storming boards by what they say"},
		{"merge.stormbus.driver", driver},
	} {
		if _, err := git("config", setting[0], setting[1]); err != nil {
			return err
		}
	}
	attributes := filepath.Join(top, ".gitattributes")
	if err := addLine(attributes, attribute); err != nil {
		return fmt.Errorf("write .gitattributes: %w", err)
	}
	if form == "json" {
		return printJSON(env.Stdout, map[string]string{"driver": driver, "attributes": attributes})
	}
	fmt.Fprintln(env.Stdout, "git merges "+boardFile+" with stormbus here; commit .gitattributes, and let everybody run this command once")
	return nil
}

// addLine adds a line to a file, unless it has it already.
func addLine(name, line string) error {
	text, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if slices.Contains(strings.Split(string(text), "\n"), line) {
		return nil
	}
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return os.WriteFile(name, append(text, line+"\n"...), 0o644)
}
