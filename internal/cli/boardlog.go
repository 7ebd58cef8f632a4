package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/board"
)

// maxBoardLog bounds what is read of a log: its board and its entries, both as
// JSON, with room to spare.
const maxBoardLog = 8 * board.MaxSize

// editor makes changes of a board's file that can be undone: they enter a log
// beside it.
type editor struct {
	env          Env
	file, author *string
	id           *string
	base         *int
	output       func() (string, error)
}

func newEditor(cmd *cobra.Command, env Env) *editor {
	e := &editor{env: env}
	e.file = cmd.Flags().StringP("file", "f", boardFile, "the board")
	e.author = cmd.Flags().String("author", "", "who makes the change (default: git's user.name, or the user of this system)")
	e.id = cmd.Flags().String("id", "", "an id of your own: a change with the same id is made once")
	e.output = addOutputFlag(cmd, "text", "json")
	return e
}

// withBase adds the flag for what the author has seen.
func (e *editor) withBase(cmd *cobra.Command) {
	e.base = cmd.Flags().Int("base", -1, "the revision that the author saw (default: the latest); what others have written over since is told")
}

// edit makes edits as one step of undo.
func (e *editor) edit(ctx context.Context, edits ...board.Edit) error {
	return e.change(ctx, func(l *board.Log, author string) (board.Result, error) {
		base := l.Rev()
		if *e.base >= 0 {
			base = *e.base
		}
		return l.Apply(board.Operation{ID: *e.id, Author: author, Base: base, Edits: edits})
	})
}

// change does something to the board and its log, both of which are whole at every
// moment. The board is written first: if the log is not, the next change takes what
// is new in the board for one that was made in the file.
func (e *editor) change(ctx context.Context, do func(l *board.Log, author string) (board.Result, error)) error {
	form, err := e.output()
	if err != nil {
		return err
	}
	name := *e.file
	if name == "-" {
		return withCode(exitUsage, "a change needs a file: give --file")
	}
	unlock, err := lockBoard(name)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.MkdirAll(filepath.Dir(logFile(name)), 0o755); err != nil {
		return fmt.Errorf("make the folder of the log: %w", err)
	}
	text, l, err := readLog(e.env, name)
	if err != nil {
		return err
	}
	result, err := do(l, authorOf(ctx, e.env, *e.author, name))
	if err != nil {
		return refused(err)
	}
	if formatted := l.File().Format(); !bytes.Equal(text, formatted) && result.Entry.Rev != 0 && !result.Repeated {
		if err := replaceFile(name, formatted); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	var lines bytes.Buffer
	_, _ = l.WriteTo(&lines) // into memory
	if err := replaceFile(logFile(name), lines.Bytes()); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	return tell(e.env, form, result)
}

// refused is the error of a change that was not made. Places in a file that was
// never written would mislead.
func refused(err error) error {
	problems := board.Problems(nil)
	switch {
	case errors.As(err, &problems):
		lines := make([]string, len(problems))
		for i, p := range problems {
			lines[i] = strings.TrimPrefix(p.String(), fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column))
		}
		return withCode(exitUsage, "nothing was changed: %s", strings.Join(lines, "\n  "))
	case errors.Is(err, board.ErrNothingToUndo), errors.Is(err, board.ErrNothingToRedo):
		return withCode(exitNotFound, "%w (see `stormbus board log`, and --author)", err)
	case errors.Is(err, board.ErrForgotten):
		return withCode(exitNotFound, "%w", err)
	}
	return withCode(exitUsage, "nothing was changed: %w", err)
}

// tell prints what was done: changes to standard output, clashes to standard error.
// An undo that could not take back all fails.
func tell(env Env, form string, r board.Result) error {
	clashes := r.Entry.Clashes
	if r.Repeated {
		clashes = nil // told when it was made
	}
	if form == "json" {
		if err := printJSON(env.Stdout, r); err != nil {
			return err
		}
	} else {
		switch {
		case r.Repeated:
			fmt.Fprintf(env.Stdout, "made before, as revision %d\n", r.Entry.Rev)
		case r.Entry.Rev == 0:
			fmt.Fprintln(env.Stdout, "nothing to change")
		}
		if !r.Repeated {
			tellChanges(env.Stdout, r.Entry.Changes)
		}
	}
	for _, c := range clashes {
		fmt.Fprintf(env.Stderr, "conflict: %s\n", oneLine(c.String()))
	}
	if len(clashes) > 0 && r.Entry.Kind != board.Edited {
		return &codedError{code: exitFailure}
	}
	return nil
}

// maxToldChanges is how many changes are told one by one.
const maxToldChanges = 12

// tellChanges prints changes, or in which sections they are if they are many.
func tellChanges(w io.Writer, changes []board.Change) {
	if len(changes) <= maxToldChanges {
		for i := range changes {
			fmt.Fprintln(w, oneLine(changes[i].String()))
		}
		return
	}
	items := map[string]map[string]bool{}
	for i := range changes {
		c := &changes[i]
		if items[c.Section] == nil {
			items[c.Section] = map[string]bool{}
		}
		if c.Key != "" {
			items[c.Section][c.Key] = true
		}
	}
	var sections []string
	for _, name := range slices.Sorted(maps.Keys(items)) {
		if n := len(items[name]); n > 0 {
			sections = append(sections, fmt.Sprintf("%d of %s", n, name))
		}
	}
	fmt.Fprintf(w, "%d changes: %s\n", len(changes), strings.Join(sections, ", "))
}

// logFile is the log of a board, beside it.
func logFile(name string) string {
	base := filepath.Base(name)
	log := "board.log"
	if base != boardFile {
		log = "board-" + base + ".log"
	}
	return filepath.Join(filepath.Dir(name), ".stormbus", log)
}

// readLog reads a board and its log. What the board says otherwise than the log
// has entered it.
func readLog(env Env, name string) ([]byte, *board.Log, error) {
	text, f, err := readBoard(env, name)
	if err != nil {
		return nil, nil, err
	}
	lines, err := readFileUpTo(logFile(name), maxBoardLog)
	if errors.Is(err, fs.ErrNotExist) {
		return text, board.NewLog(f, board.Limits{}), nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the log: %w", err)
	}
	l, err := board.ReadLog(name, bytes.NewReader(lines), board.Limits{})
	if err != nil {
		return nil, nil, withCode(exitFailure, "the log %s is damaged: %w\nRemove it: the board stays, and what was done cannot be undone any more.", logFile(name), err)
	}
	if !bytes.Equal(l.File().Format(), f.Format()) {
		l.Adopt(f)
	}
	return text, l, nil
}

// authorOf is who makes a change.
func authorOf(ctx context.Context, env Env, given, name string) string {
	if given != "" {
		return given
	}
	git := exec.CommandContext(ctx, "git", "config", "user.name")
	git.Dir, git.Env = filepath.Dir(name), env.Environ
	if out, err := git.Output(); err == nil && strings.TrimSpace(string(out)) != "" {
		return strings.TrimSpace(string(out))
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "somebody"
}

func newBoardLog(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Show what was changed on the board, by whom, and what can be restored",
		Long: "Show the changes of a board that its log knows, oldest first: revision, author, and what is\n" +
			"otherwise since then. What was changed in the file itself has the author " + board.FileAuthor + ".",
		Args: usage(cobra.NoArgs),
	}
	file := cmd.Flags().StringP("file", "f", boardFile, "the board")
	since := cmd.Flags().Int("since", -1, "only what came after this revision")
	output := addOutputFlag(cmd, "text", "json")
	cmd.RunE = func(*cobra.Command, []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		_, l, err := readLog(env, *file)
		if err != nil {
			return err
		}
		entries, err := l.Since(max(*since, l.First()))
		if *since >= 0 {
			entries, err = l.Since(*since)
		}
		if err != nil {
			return refused(err)
		}
		if form == "json" {
			return printJSON(env.Stdout, append([]board.Entry{}, entries...))
		}
		return writeEntries(env, entries)
	}
	return cmd
}

// writeEntries writes entries of a log for people.
func writeEntries(env Env, entries []board.Entry) error {
	var b strings.Builder
	for i := range entries {
		e := &entries[i]
		what := ""
		if e.Kind != board.Edited {
			what = fmt.Sprintf(", %s of %d", e.Kind, e.Of)
		}
		fmt.Fprintf(&b, "%d %s%s\n", e.Rev, oneLine(e.Author), what)
		for k := range e.Changes {
			fmt.Fprintf(&b, "  %s\n", oneLine(e.Changes[k].String()))
		}
		for _, c := range e.Clashes {
			fmt.Fprintf(&b, "  conflict: %s\n", oneLine(c.String()))
		}
	}
	_, err := env.Stdout.Write([]byte(b.String()))
	return err
}
