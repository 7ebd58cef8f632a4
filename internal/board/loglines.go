package board

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// logVersion is the version of a log's lines.
const logVersion = 1

// logHead is the first line of a log.
type logHead struct {
	Version int    `json:"board_log"`
	First   int    `json:"first"` // revision before the first entry
	Rev     int    `json:"rev"`   // and after the last one
	Text    string `json:"text"`  // the board at that revision
}

// WriteTo writes the log as lines of JSON: the board, then one entry a line.
func (l *Log) WriteTo(w io.Writer) (int64, error) {
	counted := &counter{w: w}
	e := json.NewEncoder(counted)
	e.SetEscapeHTML(false)
	if err := e.Encode(logHead{Version: logVersion, First: l.first, Rev: l.rev, Text: string(l.file.Format())}); err != nil {
		return counted.n, err
	}
	for i := range l.entries {
		if err := e.Encode(&l.entries[i]); err != nil {
			return counted.n, err
		}
	}
	return counted.n, nil
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// ReadLog reads a log that WriteTo has written. name is the board's, for messages.
func ReadLog(name string, r io.Reader, limits Limits) (*Log, error) {
	d := json.NewDecoder(bufio.NewReader(r))
	var head logHead
	if err := d.Decode(&head); err != nil {
		return nil, fmt.Errorf("line 1: %w", err)
	}
	if head.Version != logVersion {
		return nil, fmt.Errorf("line 1: the log has version %d, and this stormbus reads %d", head.Version, logVersion)
	}
	f, err := Parse(name, []byte(head.Text))
	if err != nil {
		return nil, fmt.Errorf("line 1: the board in it: %w", err)
	}
	l := NewLog(f, limits)
	l.first, l.rev = head.First, head.Rev
	for i := 0; d.More(); i++ {
		var e Entry
		if err := d.Decode(&e); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		if wrong := l.wrong(&e, head.First+i+1); wrong != "" {
			return nil, fmt.Errorf("line %d: %s", i+2, wrong)
		}
		l.keep(e)
		l.past.add(&e)
	}
	if len(l.entries) != head.Rev-head.First {
		return nil, fmt.Errorf("there are %d entries, and should be %d", len(l.entries), head.Rev-head.First)
	}
	l.trim() // the limits may be others
	return l, nil
}

// wrong says why an entry cannot be the one of a revision.
func (l *Log) wrong(e *Entry, rev int) string {
	if e.Rev != rev {
		return fmt.Sprintf("the entry has revision %d, and should have %d", e.Rev, rev)
	}
	s := l.past.steps[e.Of]
	switch e.Kind {
	case Edited:
		return ""
	case Undone, Redone:
		if s == nil && e.Of > l.first {
			return fmt.Sprintf("there is no edit %d to %s", e.Of, e.Kind)
		}
	default:
		return fmt.Sprintf("there is no kind of entry %q", e.Kind)
	}
	for _, i := range e.Parts {
		if s != nil && (i < 0 || i >= len(s.cells) || len(s.cells[i]) == 0 || s.undone[i] != (e.Kind == Redone)) {
			return fmt.Sprintf("the change %d of the edit %d is not to %s", i, e.Of, e.Kind)
		}
	}
	return ""
}
