package codegen

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// LockFile is the file, in the project's folder, that says what was generated.
const LockFile = "storm.lock"

// lockVersion is the version of its format.
const lockVersion = 1

// maxLock is the size of the largest lock that is read.
const maxLock = 64 << 20

// lock is what was generated: by it edits, files that nothing generates any more
// and renamed handlers are known. It is text with one line per file, sorted, so
// that git merges it.
type lock struct {
	Lock      int                  `yaml:"lock"`
	Generated map[string]string    `yaml:"generated"` // path: hash of the content
	Once      map[string]string    `yaml:"once"`      // path: item of the board, and what it was called first
	Events    map[string]lockEvent `yaml:"events"`    // by name
}

type lockEvent struct {
	Version int    `yaml:"v"`
	Schema  string `yaml:"schema"` // hash of the file
}

func newLock() *lock {
	return &lock{Lock: lockVersion, Generated: map[string]string{}, Once: map[string]string{}, Events: map[string]lockEvent{}}
}

// readLock reads the lock of a project; one that is not there is empty.
func readLock(root fs.FS) (*lock, []byte, error) {
	text, err := fs.ReadFile(root, LockFile)
	l := newLock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return l, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("read %s: %w", LockFile, err)
	case len(text) > maxLock:
		return nil, nil, fmt.Errorf("%s has %d bytes, more than %d; delete it, and generate anew", LockFile, len(text), maxLock)
	}
	if err := l.decode(text); err != nil {
		return nil, nil, fmt.Errorf("%s cannot be read: %w; in a merge take the version of one branch (`git checkout --ours %s 'services/*/gen/*'`), then `stormbus generate --overwrite`", LockFile, err, LockFile)
	}
	if l.Lock != lockVersion {
		return nil, nil, fmt.Errorf("%s is of version %d, and this program knows version %d; update stormbus", LockFile, l.Lock, lockVersion)
	}
	for path := range l.Generated {
		if !fs.ValidPath(path) {
			return nil, nil, fmt.Errorf("%s names %q, which is no path below its folder; take the line away", LockFile, path)
		}
	}
	return l, text, nil
}

// decode reads the text of a lock. That no key is there twice, as after a merge,
// is looked up here: the library compares each key with every other one.
func (l *lock) decode(text []byte) error {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return err
	}
	if err := distinctKeys(&document); err != nil {
		return err
	}
	return document.Load(l, yaml.WithUniqueKeys(false))
}

// distinctKeys is an error if a map in a node has a key twice.
func distinctKeys(n *yaml.Node) error {
	lines := map[string]int{}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if first, twice := lines[child.Value]; twice {
				return fmt.Errorf("line %d: %q is there already, in line %d", child.Line, child.Value, first)
			}
			lines[child.Value] = child.Line
		}
		if err := distinctKeys(child); err != nil {
			return err
		}
	}
	return nil
}

// text is the lock as it is written.
func (l *lock) text() []byte {
	var b strings.Builder
	b.WriteString("# What stormbus generated from storm.yaml, and what it left to people. Commit it; do not edit it.\n")
	fmt.Fprintf(&b, "lock: %d\n", l.Lock)
	section(&b, "generated", l.Generated, func(hash string) string { return hash })
	section(&b, "once", l.Once, quoted)
	section(&b, "events", l.Events, func(e lockEvent) string { return fmt.Sprintf("{v: %d, schema: %s}", e.Version, e.Schema) })
	return []byte(b.String())
}

func section[T any](b *strings.Builder, name string, items map[string]T, write func(T) string) {
	if len(items) == 0 {
		return
	}
	b.WriteString(name + ":\n")
	keys := make([]string, 0, len(items))
	for key := range items {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		b.WriteString("  " + quoted(key) + ": " + write(items[key]) + "\n")
	}
}

// quoted is text in quotes, as JSON and YAML both have them.
func quoted(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can be marshalled
	}
	return string(quoted)
}

// firstWas is between an item and what it was called first.
const firstWas = ", was "

// lockedItem is what the lock notes of a file for a person.
func (f *File) lockedItem() string {
	if f.First == "" || f.First == f.Item {
		return f.Item
	}
	return f.Item + firstWas + f.First
}

// firstOf is what an item of the lock was called first.
func firstOf(locked string) string {
	if _, first, renamed := strings.Cut(locked, firstWas); renamed {
		return first
	}
	return locked
}

// itemOf is what an item of the lock was called last.
func itemOf(locked string) string {
	item, _, _ := strings.Cut(locked, firstWas)
	return item
}

// after is the lock when the changes are done.
func (l *lock) after(files []File, changes []Change) *lock {
	next := newLock()
	done := map[string]Action{}
	for _, c := range changes {
		if c.Action != Unversioned {
			done[c.Path] = c.Action
		}
	}
	for i := range files {
		f := &files[i]
		switch {
		case f.Zone == Once:
			next.Once[f.Path] = f.lockedItem()
		case done[f.Path] != Edited:
			next.Generated[f.Path] = hashOf(f.Content)
		case l.Generated[f.Path] != "":
			next.Generated[f.Path] = l.Generated[f.Path]
		}
		if f.Event != "" {
			next.Events[f.Event] = lockEvent{Version: f.Version, Schema: hashOf(f.Content)}
		}
	}
	for path, action := range done { // what no file is for
		if _, planned := next.Generated[path]; action == Edited && !planned && l.Generated[path] != "" {
			next.Generated[path] = l.Generated[path]
		}
		if action == Orphan {
			next.Once[path] = l.Once[path]
		}
	}
	return next
}
