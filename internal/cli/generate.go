package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"stormbus/internal/codegen"
)

func newGenerate(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "generate [DIR]",
		Short: "Write the Python of a board's services: events, publishing, handlers, tests",
		Long: "Write what the board of a folder, " + boardFile + " of the current one if none is named, results in:\n" +
			"for each service the folder gen, which is generated anew each time, and beginnings of handlers,\n" +
			"which are written once and then yours. Nothing that a person wrote is changed; a generated file\n" +
			"that somebody edited is left alone, and the exit code is 1. " + codegen.LockFile + " notes what was generated.",
		Args: usage(cobra.MaximumNArgs(1)),
	}
	output := addOutputFlag(cmd, "text", "json")
	planOnly := cmd.Flags().Bool("plan", false, "write nothing; say what would be done about each file")
	check := cmd.Flags().Bool("check", false, "write nothing; exit with 1 if anything is stale, edited or missing")
	overwrite := cmd.Flags().Bool("overwrite", false, "generate also those files anew that somebody edited")
	cmd.MarkFlagsMutuallyExclusive("plan", "check")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		dir := "."
		if len(args) == 1 {
			dir = args[0]
		}
		files, err := filesOf(env, dir)
		if err != nil {
			return err
		}
		changes, err := compareFiles(dir, files)
		if err != nil {
			return err
		}
		if *overwrite {
			changes = codegen.Overwriting(files, changes)
		}
		if !*planOnly && !*check {
			if err := codegen.Write(dir, files, changes); err != nil {
				return fmt.Errorf("generate: %w", err)
			}
		}
		if err := printChanges(env, changes, form, *planOnly); err != nil {
			return err
		}
		return judgeChanges(changes, *check)
	}
	return cmd
}

// filesOf generates from the board of a folder. What is wrong is told, one
// problem a line.
func filesOf(env Env, dir string) ([]codegen.File, error) {
	name := filepath.Join(dir, boardFile)
	_, f, err := readBoard(env, name)
	if err != nil {
		return nil, err
	}
	if problems := f.Check(); len(problems) > 0 {
		fmt.Fprintln(env.Stderr, problems)
		return nil, &codedError{code: exitFailure}
	}
	p, err := planBoard(env, name, f)
	if err != nil {
		return nil, err
	}
	files, err := codegen.Files(f.Board(), p)
	return files, tellProblems(env, name, f, err)
}

func compareFiles(dir string, files []codegen.File) ([]codegen.Change, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the project: %w", err)
	}
	defer root.Close()
	return codegen.Compare(root.FS(), files)
}

// printChanges prints what is to be done, or was. Files that stay as they are are
// named only if everything is to be told.
func printChanges(env Env, changes []codegen.Change, form string, everything bool) error {
	told := []codegen.Change{}
	for _, c := range changes {
		if everything || c.Action != codegen.Leave {
			told = append(told, c)
		}
	}
	if form == "json" {
		return printJSON(env.Stdout, told)
	}
	for _, c := range told {
		line := fmt.Sprintf("%-11s %s", c.Action, c.Path)
		if c.Line > 0 {
			line += fmt.Sprintf(":%d", c.Line)
		}
		if c.From != "" {
			line += " from " + c.From
		}
		if c.Why != "" {
			line += ": " + c.Why
		}
		if _, err := fmt.Fprintln(env.Stdout, line); err != nil {
			return err
		}
	}
	return nil
}

// judgeChanges returns an error if a file was edited that is generated; in a
// check, if anything is not as it should be.
func judgeChanges(changes []codegen.Change, check bool) error {
	for _, c := range changes {
		if c.Action == codegen.Edited || check && c.Action != codegen.Leave && c.Action != codegen.Orphan {
			return &codedError{code: exitFailure}
		}
	}
	return nil
}
