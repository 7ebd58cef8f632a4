package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"stormbus/internal/board"
)

// boardFile is the file of a board, if none is named.
const boardFile = "storm.yaml"

func newBoard(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "board",
		Short: "Work on the storming board, storm.yaml",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBoardFmt(env), newBoardFix(env), newBoardCheck(env), newBoardStatus(env), newBoardShow(env), newBoardMerge(env), newBoardSchema(env),
		newBoardPut(env), newBoardDel(env), newBoardRename(env), newBoardRank(env), newBoardBulk(env), newBoardAdd(env), newBoardUndo(env), newBoardRedo(env), newBoardLog(env))
	return cmd
}

// boardsOf are the files that a command line names.
func boardsOf(args []string) []string {
	if len(args) == 0 {
		return []string{boardFile}
	}
	return args
}

// readBoard reads a board from a file, or from standard input if its name is
// "-".
func readBoard(env Env, name string) ([]byte, *board.File, error) {
	text, err := readText(env, name)
	if err != nil {
		return nil, nil, err
	}
	f, err := board.Parse(name, text)
	if err != nil {
		return nil, nil, unreadable(env, err)
	}
	return text, f, nil
}

// unreadable tells what is wrong with a board.
func unreadable(env Env, err error) error {
	fmt.Fprintln(env.Stderr, err)
	return &codedError{code: exitUsage}
}

// readText reads the text of a board.
func readText(env Env, name string) (text []byte, err error) {
	if name == "-" {
		text, err = io.ReadAll(io.LimitReader(env.Stdin, board.MaxSize+1))
	} else {
		text, err = readFileUpTo(name, board.MaxSize+1)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil, noBoard(name)
	}
	if err != nil {
		return nil, withCode(exitUsage, "read the board: %w", err)
	}
	return text, nil
}

func readFileUpTo(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit))
}

// replaceFile writes a file so that it is whole at every moment.
func replaceFile(name string, content []byte) error {
	mode := os.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	target, err := filepath.EvalSymlinks(name)
	if errors.Is(err, os.ErrNotExist) {
		target, err = name, nil
	}
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(target), ".storm-*"+filepath.Ext(target))
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(mode), file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), target)
}

func newBoardCheck(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "Find references that lead nowhere, and contradictions",
		Long: "Find references that lead nowhere and statements that contradict each other. A board in the\n" +
			"middle of a workshop has such; one that shall run has none.",
		Args: cobra.ArbitraryArgs,
	}
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		all := board.Problems{}
		for _, name := range boardsOf(args) {
			_, f, err := readBoard(env, name)
			if err != nil {
				return err
			}
			all = append(all, f.Check()...)
		}
		if form == "json" {
			err = printJSON(env.Stdout, all)
		} else if len(all) > 0 {
			_, err = fmt.Fprintln(env.Stdout, all)
		}
		if err == nil && len(all) > 0 {
			err = &codedError{code: exitFailure}
		}
		return err
	}
	return cmd
}

func newBoardSchema(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of storm.yaml, for editors",
		Args:  usage(cobra.NoArgs),
	}
	output := addOutputFlag(cmd, "json")
	cmd.RunE = func(*cobra.Command, []string) error {
		if _, err := output(); err != nil {
			return err
		}
		_, err := env.Stdout.Write(board.JSONSchema())
		return err
	}
	return cmd
}
