package board

import (
	"encoding/json"
	"errors"
	"fmt"
)

// FileAuthor is the author of what somebody changed in the file itself, with an
// editor or by git.
const FileAuthor = "file"

// Operation is what a client asks for: edits that are one step of undo.
type Operation struct {
	// ID is the client's own, so that an operation that is sent again is not made
	// again. It may be empty.
	ID     string `json:"id,omitempty"`
	Author string `json:"author"`
	// Base is the revision of the board that the author saw.
	Base  int    `json:"base"`
	Edits []Edit `json:"edits"`
}

// Kind is a kind of entry of a log.
type Kind string

// The kinds of entries.
const (
	Edited Kind = "edit"
	Undone Kind = "undo" // the inverse of an edit of the same author
	Redone Kind = "redo"
)

// Entry is one line of a log: what became of an operation.
type Entry struct {
	Rev     int      `json:"rev"` // of the board after it
	ID      string   `json:"id,omitempty"`
	Author  string   `json:"author"`
	Kind    Kind     `json:"kind"`
	Of      int      `json:"of,omitempty"`    // of Undone and Redone: the edit's Rev
	Parts   []int    `json:"parts,omitempty"` // of Undone and Redone: which of its changes
	Changes []Change `json:"changes,omitempty"`
	Clashes []Clash  `json:"clashes,omitempty"`
}

// Clash is a place of the board that two people changed. After an edit, Lost is
// what somebody else had written there, whom the author of the edit could not
// have seen. After an undo or a redo, which overwrite nobody, Lost is what it
// would have written there.
type Clash struct {
	Path   string          `json:"path"`
	Author string          `json:"author"` // the other one
	Rev    int             `json:"rev"`    // of the other's change; 0 if it is forgotten
	Lost   json.RawMessage `json:"lost,omitempty"`
	Held   json.RawMessage `json:"held,omitempty"` // what the board says
	// Restore is the edit that writes Lost.
	Restore Edit `json:"restore"`
}

// String says what the clash is.
func (c Clash) String() string {
	if string(c.Held) == string(c.Lost) {
		return fmt.Sprintf("%s has another comment, by %s", c.Path, c.Author)
	}
	return fmt.Sprintf("%s is %s and not %s, against %s", c.Path, said(string(c.Held)), said(string(c.Lost)), orElse(c.Author, "what was there"))
}

// Result is what became of an operation.
type Result struct {
	Rev      int   `json:"rev"`                // of the board now
	Repeated bool  `json:"repeated,omitempty"` // the operation was made before, and nothing was done now
	Entry    Entry `json:"entry,omitzero"`     // what was done; its Rev is 0 if nothing was
}

// Limits are how much a log keeps. Zero means the default.
type Limits struct {
	Entries int // 1000
	Bytes   int // of entries as JSON, 4 MiB
}

func (l Limits) orDefaults() Limits {
	if l.Entries == 0 {
		l.Entries = 1000
	}
	if l.Bytes == 0 {
		l.Bytes = 4 << 20
	}
	return l
}

// Log is a board that several people change, and the latest of what they did. It
// is a pure model: it neither reads files nor the time, and is not safe for
// concurrent use.
//
// The unit of conflict is one field. The last writer wins, and who lost is told by
// the entry's clashes and can restore it. Undo takes back the newest edit of its
// author, field by field; what somebody else has changed since stays, and is told.
// Names are followed: an edit of an item that was renamed meanwhile finds it.
//
// All that a log knows follows from its entries, so that a log that was read from
// its lines goes on as the one that was written. Old entries fall out; what they
// did cannot be undone any more, and clients that saw no later revision must read
// the board again.
type Log struct {
	file    *File
	rev     int
	first   int // the oldest revision that clients may build upon
	entries []Entry
	sizes   []int // of the entries, as JSON
	size    int
	limits  Limits
	past    *past
}

// NewLog returns a log of a board with the revision 0.
func NewLog(f *File, limits Limits) *Log {
	return &Log{file: f, limits: limits.orDefaults(), past: newPast()}
}

// File returns the board as it is now.
func (l *Log) File() *File { return l.file }

// Rev returns the revision of the board. Each change makes it larger by one.
func (l *Log) Rev() int { return l.rev }

// First returns the oldest revision that the log reaches back to.
func (l *Log) First() int { return l.first }

// Since returns the entries after a revision. It is an error if they are not all
// known any more.
func (l *Log) Since(rev int) ([]Entry, error) {
	if err := l.known(rev); err != nil {
		return nil, err
	}
	return l.entries[rev-l.first:], nil
}

// ErrForgotten means that the log does not reach back to a revision.
var ErrForgotten = errors.New("the log does not reach back to this revision; read the board again")

func (l *Log) known(rev int) error {
	switch {
	case rev > l.rev:
		return fmt.Errorf("the revision %d is not there yet: the board is at %d", rev, l.rev)
	case rev < l.first:
		return fmt.Errorf("revision %d: %w", rev, ErrForgotten)
	}
	return nil
}

var errNoAuthor = errors.New("an operation has an author")

// Apply makes the edits of an operation, all or none.
func (l *Log) Apply(op Operation) (Result, error) {
	if op.Author == "" {
		return Result{}, errNoAuthor
	}
	if r, again := l.repeated(op.ID); again {
		return r, nil
	}
	if err := l.known(op.Base); err != nil {
		return Result{}, err
	}
	edits, err := l.rebase(op)
	if err != nil {
		return Result{}, err
	}
	made, err := l.file.Apply(edits...)
	if err != nil {
		return Result{}, err
	}
	var renames []Edit
	for _, e := range edits {
		if e.Op == Rename {
			renames = append(renames, e)
		}
	}
	e := Entry{ID: op.ID, Author: op.Author, Kind: Edited, Changes: changed(l.file, made, renames)}
	e.Clashes = l.overwritten(op, e.Changes)
	return l.append(e, made), nil
}

// Adopt takes over a board that somebody changed in the file itself since the last
// operation. What that says otherwise enters the log as an edit of [FileAuthor].
func (l *Log) Adopt(f *File) Result {
	return l.append(Entry{Author: FileAuthor, Kind: Edited, Changes: changed(l.file, f, renamesBetween(l.file, f))}, f)
}

// repeated answers an operation that was made before.
func (l *Log) repeated(id string) (Result, bool) {
	rev := l.past.seen[id]
	if id == "" || rev == 0 {
		return Result{}, false
	}
	return Result{Rev: l.rev, Repeated: true, Entry: l.entries[rev-l.first-1]}, true
}

// append makes an entry the last one. An entry that says nothing is left out,
// unless its id has to be remembered.
func (l *Log) append(e Entry, f *File) Result {
	l.file = f
	if len(e.Changes)+len(e.Parts)+len(e.Clashes) == 0 && e.ID == "" {
		return Result{Rev: l.rev}
	}
	l.rev++
	e.Rev = l.rev
	l.keep(e)
	l.past.add(&e)
	l.trim()
	return Result{Rev: l.rev, Entry: e}
}

func (l *Log) keep(e Entry) {
	text, _ := json.Marshal(e) // it is made of texts and numbers
	l.entries, l.sizes, l.size = append(l.entries, e), append(l.sizes, len(text)), l.size+len(text)
}

// trim lets the oldest entries fall out, a quarter of them at once, and forgets
// all that followed from them. The newest entry stays, however large.
func (l *Log) trim() {
	if len(l.entries) <= l.limits.Entries && l.size <= l.limits.Bytes {
		return
	}
	drop := 0
	for drop < len(l.entries)-1 && (len(l.entries)-drop > l.limits.Entries*3/4 || l.size > l.limits.Bytes*3/4) {
		l.size -= l.sizes[drop]
		drop++
	}
	l.entries, l.sizes = append([]Entry(nil), l.entries[drop:]...), append([]int(nil), l.sizes[drop:]...)
	l.first += drop
	l.past = newPast()
	for i := range l.entries {
		l.past.add(&l.entries[i])
	}
}

// namesSince tells which names have changed since a revision.
func (l *Log) namesSince(rev int) naming {
	m := naming{}
	for i := range l.entries {
		if l.entries[i].Rev <= rev {
			continue
		}
		for _, c := range l.entries[i].Changes {
			if c.To != "" {
				m.renamed(c.Section, c.Key, c.To)
			}
		}
	}
	return m
}

// rebase gives the items in the edits the names that they have now.
func (l *Log) rebase(op Operation) ([]Edit, error) {
	m := l.namesSince(op.Base)
	if len(m) == 0 {
		return op.Edits, nil
	}
	made := append([]Edit(nil), op.Edits...)
	for i := range made {
		e := &made[i]
		e.Key, e.After = l.now(m, e.Section, e.Key), l.now(m, e.Section, e.After)
		s := sectionNamed(e.Section)
		if e.Op != Put || s == nil || e.Field == "" {
			continue
		}
		value, err := fromJSON(e.Value)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", e.Op, e.path(), err)
		}
		m.translate(value, ruleNamed(s.fields, e.Field))
		e.Value = toJSON(value)
	}
	return made, nil
}

// now is the name that an item has now, unless there is another one that has the
// old name.
func (l *Log) now(m naming, section, name string) string {
	if key, _ := pairIn(valueOf(l.file.root, section), name); key != nil {
		return name
	}
	return m.now(section, name)
}

// overwritten are the places where an operation writes over what somebody else has
// written since its base.
func (l *Log) overwritten(op Operation, changes []Change) []Clash {
	type touch struct {
		first  json.RawMessage // what was there before
		author string          // the last who touched it
		rev    int
	}
	since := map[cell]*touch{}
	for _, e := range l.entries[op.Base-l.first:] {
		for _, one := range l.past.touched[e.Rev] {
			t := since[one.cell]
			if t == nil {
				t = &touch{first: one.before}
				since[one.cell] = t
			}
			t.author, t.rev = e.Author, e.Rev
		}
	}
	if len(since) == 0 {
		return nil
	}
	var clashes []Clash
	former := map[[2]string]string{} // of items that the operation renamed
	for i := range changes {
		c := changes[i]
		if c.isSection() {
			continue
		}
		if name, renamed := former[[2]string{c.Section, c.Key}]; renamed {
			c.Key = name
		}
		if c.To != "" {
			former[[2]string{c.Section, c.To}] = c.Key
		}
		before, after := c.values()
		t := since[l.past.cellOf(&c)]
		if t == nil || t.author == op.Author || string(before) == string(t.first) {
			continue
		}
		at := changes[i]
		if at.To != "" {
			at.Key = at.To
		}
		clashes = append(clashes, Clash{Path: at.path(), Author: t.author, Rev: t.rev, Lost: before, Held: after, Restore: at.edit(before)})
	}
	return clashes
}
