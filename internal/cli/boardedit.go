package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"stormbus/internal/board"
)

const editHelp = "\n\nThe board is written in its canonical form. The change enters the log .stormbus/board.log beside it,\n" +
	"from which `stormbus board undo` takes it back."

func newBoardPut(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "put SECTION KEY [FIELD VALUE]",
		Short: "Set a field of an item, which is made if it is not there",
		Long: "Set a field of an item; without one, make the item. `put bus FIELD VALUE` sets a field of the bus,\n" +
			"and `put name VALUE` the board's name.\n\n" +
			"VALUE is text; or it is JSON, if it parses as a list, a map, a number, true or false. A text that looks\n" +
			"like one of these stands in JSON's quotes: '\"2025\"'." + editHelp,
		Example: "  stormbus board put events SeatsHeld\n" +
			"  stormbus board put events SeatsHeld by HoldSeats\n" +
			"  stormbus board put events SeatsHeld data '{\"id\": \"uuid\", \"seats\": \"[string]\"}'\n" +
			"  stormbus board put services bookings owns '[\"Booking\"]'",
	}
	e := newEditor(cmd, env)
	e.withBase(cmd)
	cmd.Args = usage(cobra.RangeArgs(2, 4))
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		edit, rest := board.Place(args...)
		edit.Op = board.Put
		if edit.Field != "" {
			if len(rest) != 1 && strings.HasPrefix(strings.TrimSpace(edit.Field), "{") {
				return withCode(exitUsage, "fields are put one at a time, as in `%s %s %s FIELD VALUE`; `stormbus board add` sets many, from a file", cmd.CommandPath(), edit.Section, edit.Key)
			}
			if len(rest) != 1 {
				return withCode(exitUsage, "%s needs one value (see `%s --help`)", edit.Field, cmd.CommandPath())
			}
			value, err := valueOf(rest[0])
			if err != nil {
				return err
			}
			edit.Value = value
		}
		return e.edit(cmd.Context(), edit)
	}
	return cmd
}

// valueOf is an argument as a value: JSON, or else a text.
func valueOf(arg string) (json.RawMessage, error) {
	trimmed := strings.TrimSpace(arg)
	if json.Valid([]byte(trimmed)) && trimmed != "null" {
		return json.RawMessage(trimmed), nil
	}
	if strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, "{") {
		var v any
		err := json.Unmarshal([]byte(trimmed), &v)
		return nil, withCode(exitUsage, `%s begins like a list or a map, but is not JSON: %w; write '["Booking"]', or '"[string]"' if it is a text`, arg, err)
	}
	return json.Marshal(arg)
}

func newBoardDel(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "del SECTION KEY [FIELD]",
		Short: "Remove an item, or a field of it",
		Long:  "Remove an item, or a field of it. References to the item stay; `stormbus board check` lists them." + editHelp,
		Args:  usage(cobra.RangeArgs(1, 3)),
	}
	e := newEditor(cmd, env)
	e.withBase(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		edit, rest := board.Place(args...)
		if edit.Op = board.Delete; len(rest) > 0 || edit.Key == "" && edit.Field == "" {
			return withCode(exitUsage, "want a section and an item, and perhaps a field (see `%s --help`)", cmd.CommandPath())
		}
		return e.edit(cmd.Context(), edit)
	}
	return cmd
}

func newBoardRename(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rename SECTION OLD NEW",
		Short: "Give an item another name, also where it is referred to",
		Long:  "Give an item another name, also where it is referred to. Its field was keeps the first one." + editHelp,
		Args:  exactArgs(3, "a section, a name and the new name"),
	}
	e := newEditor(cmd, env)
	e.withBase(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return e.edit(cmd.Context(), board.Edit{Op: board.Rename, Section: args[0], Key: args[1], To: args[2]})
	}
	return cmd
}

func newBoardRank(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rank EVENT --after OTHER | --first | --at N",
		Short: "Move an event on the timeline",
		Long: "Move an event on the timeline. Where no rank is left between two events, all events get new ones, in\n" +
			"gaps of ten." + editHelp,
		Args: exactArgs(1, "an event"),
	}
	e := newEditor(cmd, env)
	e.withBase(cmd)
	after := cmd.Flags().String("after", "", "the event before it")
	first := cmd.Flags().Bool("first", false, "put it before all others")
	at := cmd.Flags().Int("at", 0, "its rank; events of equal rank are parallel")
	cmd.MarkFlagsMutuallyExclusive("after", "first", "at")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		edit := board.Edit{Op: board.Rank, Section: "events", Key: args[0], After: *after}
		switch {
		case !cmd.Flags().Changed("at") && !cmd.Flags().Changed("after") && !cmd.Flags().Changed("first"):
			return withCode(exitUsage, "where is %s to go: --after EVENT, --first or --at N?", args[0])
		case cmd.Flags().Changed("at"):
			edit.Op, edit.Field, edit.Value = board.Put, "at", json.RawMessage(strconv.Itoa(*at))
			if err := e.mustHave(edit.Key); err != nil {
				return err
			}
		case !*first && *after == "":
			return withCode(exitUsage, "--after names no event; --first puts it before all others")
		}
		return e.edit(cmd.Context(), edit)
	}
	return cmd
}

// mustHave refuses an event that is not there: putting its rank would make it.
func (e *editor) mustHave(event string) error {
	_, f, err := readBoard(e.env, *e.file)
	if err != nil || f.Board().Events[event] != nil {
		return err
	}
	_, err = f.Apply(board.Edit{Op: board.Rank, Section: "events", Key: event})
	return refused(err)
}

func newBoardBulk(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "bulk",
		Short: "Make many edits as one step, from lines of JSON on standard input",
		Long: "Make all edits that stand on standard input, one a line, or none of them. They are one step of undo.\n" +
			"An edit is a JSON object: op is put, delete, rename or rank; section, key, field and value say what; to is the\n" +
			"new name of a rename, and after the event before a ranked one." + editHelp,
		Example: `  echo '{"op": "put", "section": "events", "key": "SeatsHeld", "field": "at", "value": 30}' | stormbus board bulk`,
		Args:    usage(cobra.NoArgs),
	}
	e := newEditor(cmd, env)
	e.withBase(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		edits, err := readEdits(env.Stdin)
		if err != nil {
			return err
		}
		return e.edit(cmd.Context(), edits...)
	}
	return cmd
}

// readEdits reads edits, one a line.
func readEdits(r io.Reader) ([]board.Edit, error) {
	if r == nil {
		return nil, withCode(exitUsage, "there is no standard input")
	}
	var edits []board.Edit
	lines := bufio.NewScanner(io.LimitReader(r, maxDocument))
	lines.Buffer(nil, maxDocument)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var edit board.Edit
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		err := d.Decode(&edit)
		if err == nil && d.More() {
			err = errors.New("there is more than one edit in the line")
		}
		if err != nil {
			return nil, withCode(exitUsage, `line %d: %w; an edit is {"op": "put", "section": "events", "key": "SeatsHeld", "field": "at", "value": 30}`, n, err)
		}
		edits = append(edits, edit)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the edits: %w", err)
	}
	return edits, nil
}

func newBoardUndo(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "undo",
		Short: "Take back your latest change",
		Long: "Take back the latest change of yours that is not undone. What somebody else, or the file, has changed\n" +
			"since stays: it is told as a conflict, and the exit code is 1.",
		Args: usage(cobra.NoArgs),
	}
	e := newEditor(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return e.change(cmd.Context(), func(l *board.Log, author string) (board.Result, error) { return l.Undo(author, *e.id) })
	}
	return cmd
}

func newBoardRedo(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "redo",
		Short: "Make the change again that you have undone last",
		Args:  usage(cobra.NoArgs),
	}
	e := newEditor(cmd, env)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return e.change(cmd.Context(), func(l *board.Log, author string) (board.Result, error) { return l.Redo(author, *e.id) })
	}
	return cmd
}
