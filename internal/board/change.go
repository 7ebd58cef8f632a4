package board

import (
	"encoding/json"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v4"
)

// Change is one fact that a board says otherwise than before. Its place is a field
// of an item; an item itself, if Field is empty; or a whole section, if Key is empty
// too. Fields of the file's head have no section, and those of the bus have the
// section "bus"; neither has a key. With To it is another name of an item.
type Change struct {
	Section string `json:"section,omitempty"`
	Key     string `json:"key,omitempty"`
	Field   string `json:"field,omitempty"`
	To      string `json:"to,omitempty"`
	// Before and After are values; nil where there was, or is, nothing. Those of an
	// item or a section that is there are {}.
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
	// Kept and Made are the same values where they have comments, or something that
	// JSON cannot say.
	Kept *keptPair `json:"kept,omitempty"`
	Made *keptPair `json:"made,omitempty"`
	// Early marks a change before the renames of the same entry, in the names from
	// before them. It is of a reference that had an item's new name already, and so
	// led nowhere: to the board as it is now it makes no difference, but when the
	// item gets its old name back, the reference must not follow.
	Early bool `json:"early,omitempty"`
}

// there is the value of an item or a section.
var there = json.RawMessage("{}")

func (c *Change) isSection() bool { return c.Key == "" && c.Field == "" }
func (c *Change) isItem() bool    { return c.Key != "" && c.Field == "" && c.To == "" }

// path is the place of a change, such as events.SeatsHeld.at.
func (c *Change) path() string {
	e := Edit{Section: c.Section, Key: c.Key, Field: c.Field}
	return e.path()
}

// values are what was and what is, also of a rename.
func (c *Change) values() (before, after json.RawMessage) {
	if c.To != "" {
		return quoted(c.Key), quoted(c.To)
	}
	return c.Before, c.After
}

// String says in one line what is other than before.
func (c *Change) String() string {
	before, after := c.values()
	switch {
	case c.To != "":
		return fmt.Sprintf("%s is %s now", c.path(), c.To)
	case c.Before == nil && string(c.After) == string(there):
		return c.path() + " is new"
	case c.After == nil && string(c.Before) == string(there):
		return c.path() + " is gone"
	case string(before) == string(after):
		return c.path() + " has another comment"
	case c.Before == nil:
		return fmt.Sprintf("%s is %s", c.path(), after)
	case c.After == nil:
		return fmt.Sprintf("%s is gone, it was %s", c.path(), before)
	}
	return fmt.Sprintf("%s is %s, it was %s", c.path(), after, before)
}

// edit is the edit that makes a place have a value.
func (c *Change) edit(value json.RawMessage) Edit {
	e := Edit{Section: c.Section, Key: c.Key, Field: c.Field}
	switch {
	case c.To != "":
		e.Op, e.Field = Rename, ""
		_ = json.Unmarshal(value, &e.To) // of a rename it is a text
	case value == nil:
		e.Op = Delete
	case c.isItem():
		e.Op = Put
	default:
		e.Op, e.Value = Put, value
	}
	return e
}

// differ finds what two files say otherwise.
type differ struct{ comments bool } // whether they count, but for those of the whole file

// changes are the facts in which two files differ, without renames: a renamed item
// is a removed and a new one. What is removed comes first; the fields of an item
// come after it is made, or before it is removed.
func (d differ) changes(from, to *File) []Change {
	all := d.fields(Change{}, from.root, to.root, scalars(head))
	all = append(all, d.section(busSection, from, to, func(old, made *yaml.Node) []Change {
		return d.fields(Change{Section: busSection}, old, made, ruleNamed(head, busSection).fields)
	})...)
	for i := range sections {
		s := &sections[i]
		all = append(all, d.section(s.name, from, to, func(old, made *yaml.Node) []Change { return d.items(s, old, made) })...)
	}
	return all
}

// section compares two sections as a whole and then what is in them.
func (d differ) section(name string, from, to *File, inside func(old, made *yaml.Node) []Change) []Change {
	oldKey, old := pairIn(from.root, name)
	madeKey, made := pairIn(to.root, name)
	all := inside(old, made)
	whole := d.whole(Change{Section: name}, entry{key: oldKey, value: old}, entry{key: madeKey, value: made})
	if made == nil {
		return append(all, whole...)
	}
	return append(whole, all...)
}

// whole compares items or sections apart from what is in them.
func (d differ) whole(at Change, old, made entry) []Change {
	switch {
	case old.key == nil && made.key == nil:
		return nil
	case old.key != nil && made.key != nil && (!d.comments || sameComments(old.key, made.key) && sameComments(bare(old.value), bare(made.value))):
		return nil
	}
	if old.key != nil {
		at.Before, at.Kept = there, keepPair(old.key, bare(old.value))
	}
	if made.key != nil {
		at.After, at.Made = there, keepPair(made.key, bare(made.value))
	}
	return []Change{at}
}

// bare is a map without what is in it: only its comments count.
func bare(n *yaml.Node) *yaml.Node {
	made := newMap()
	takeComments(made, n)
	return made
}

func takeComments(to, from *yaml.Node) {
	to.HeadComment, to.LineComment, to.FootComment = from.HeadComment, from.LineComment, from.FootComment
}

// sameComments compares the comments of two values that say the same.
func sameComments(a, b *yaml.Node) bool {
	if a.HeadComment != b.HeadComment || a.LineComment != b.LineComment || a.FootComment != b.FootComment {
		return false
	}
	for i := range min(len(a.Content), len(b.Content)) {
		if !sameComments(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

func (d differ) items(s *section, from, to *yaml.Node) []Change {
	var all []Change
	old, made := byName(from), byName(to)
	for _, e := range itemsOf(from) {
		if _, still := made[e.key.Value]; !still {
			at := Change{Section: s.name, Key: e.key.Value}
			all = append(all, d.fields(at, e.value, nil, s.fields)...)
			all = append(all, d.whole(at, e, entry{})...)
		}
	}
	for _, e := range itemsOf(to) {
		at, before := Change{Section: s.name, Key: e.key.Value}, old[e.key.Value]
		all = append(all, d.whole(at, before, e)...)
		all = append(all, d.fields(at, before.value, e.value, s.fields)...)
	}
	return all
}

// byName finds the entries of a map by their keys.
func byName(n *yaml.Node) map[string]entry {
	all := map[string]entry{}
	for _, e := range itemsOf(n) {
		all[e.key.Value] = e
	}
	return all
}

// fields compares the fields of one item.
func (d differ) fields(at Change, from, to *yaml.Node, rules []rule) []Change {
	var all []Change
	for _, r := range rules {
		oldKey, old := pairIn(from, r.name)
		madeKey, made := pairIn(to, r.name)
		if same(old, made) && (!d.comments || old == nil || sameComments(oldKey, madeKey) && sameComments(old, made)) {
			continue
		}
		c := at
		c.Field = r.name
		if old != nil {
			c.Before, c.Kept = toJSON(old), keepPair(oldKey, old)
		}
		if made != nil {
			c.After, c.Made = toJSON(made), keepPair(madeKey, made)
		}
		all = append(all, c)
	}
	return all
}

// changed is what is between two files of which the second was made with these
// renames among other things: early changes, then renames, then all other facts, in
// the names of the second file. Undone from its end, it gives the first file again.
func changed(from, to *File, renames []Edit) []Change {
	named := from.clone()
	var done []Change
	for i := range renames {
		r := &renames[i]
		if named.relabel(r) == nil {
			done = append(done, Change{Section: r.Section, Key: r.Key, To: r.To})
		}
	}
	if len(done) == 0 {
		return differ{comments: true}.changes(from, to)
	}
	back := named.clone()
	for _, c := range slices.Backward(done) {
		_ = back.relabel(&Edit{Section: c.Section, Key: c.To, To: c.Key}) // what was renamed is there
	}
	all := differ{}.changes(from, back)
	for i := range all {
		all[i].Early = true
	}
	return append(append(all, done...), differ{comments: true}.changes(named, to)...)
}

// Play makes the changes of an entry of a log in a file that is as the board was
// before it. It returns the board after it as a new file.
func (f *File) Play(e Entry) (*File, error) {
	made := f.clone()
	for i := range e.Changes {
		c := &e.Changes[i]
		switch {
		case c.To != "":
			if err := made.relabel(&Edit{Section: c.Section, Key: c.Key, To: c.To}); err != nil {
				return nil, err
			}
		default:
			if err := made.write(c.Section, c.Key, c.Field, c.After, c.Made, nil); err != nil {
				return nil, err
			}
		}
	}
	return made.again()
}

// naming says which name an item has now that had another one some time ago.
type naming map[string]map[string]string

// renamed tells of a rename.
func (m naming) renamed(section, from, to string) {
	names := m[section]
	if names == nil {
		names = map[string]string{}
		m[section] = names
	}
	found := false
	for old, now := range names {
		if now == from {
			names[old], found = to, true
		}
	}
	if _, other := names[from]; !found && !other {
		names[from] = to
	}
}

// now is the name that an item has.
func (m naming) now(section, name string) string {
	if now, ok := m[section][name]; ok {
		return now
	}
	return name
}

// translate gives the references in the value of a field their items' names.
func (m naming) translate(n *yaml.Node, r *rule) {
	if len(m) == 0 || r == nil || len(r.to) == 0 {
		return
	}
	if n.Kind == yaml.ScalarNode {
		for _, section := range r.to {
			if now := m.now(section, n.Value); now != n.Value {
				n.Value, n.Style = now, 0
				return
			}
		}
	}
	for _, child := range n.Content {
		m.translate(child, r)
	}
	n.Content = distinctNames(n.Content)
}

// distinctNames leaves out names that are there already.
func distinctNames(list []*yaml.Node) []*yaml.Node {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(n *yaml.Node) bool {
		twice := seen[n.Value]
		seen[n.Value] = true
		return twice
	})
}

// write makes one place of the tree have a value, nil for none. References in it
// are in other names, of which m tells.
func (f *File) write(section, key, field string, value json.RawMessage, kept *keptPair, m naming) error {
	parent, name, r := f.root, field, ruleNamed(head, field)
	switch {
	case section == busSection && field != "":
		parent, r = child(f.root, busSection), ruleNamed(ruleNamed(head, busSection).fields, field)
	case section != "" && key == "":
		name, r = section, nil
	case section != "" && field == "":
		parent, name, r = child(f.root, section), key, nil
	case section != "":
		s := sectionNamed(section)
		if s == nil {
			return errNoSection
		}
		parent, r = child(child(f.root, section), key), ruleNamed(s.fields, field)
	}
	if value == nil {
		return unset(parent, name)
	}
	if field == "" {
		n := child(parent, name)
		at, _ := pairOf(parent, name)
		if kept == nil {
			kept = &keptPair{Key: &keptNode{}, Value: &keptNode{}}
		}
		takeComments(at, kept.Key.node())
		takeComments(n, kept.Value.node())
		return nil
	}
	pairKey, made := newText(name), (*yaml.Node)(nil)
	if kept != nil {
		pairKey, made = kept.Key.node(), kept.Value.node()
	} else {
		var err error
		if made, err = fromJSON(value); err != nil {
			return err
		}
	}
	m.translate(made, r)
	_ = unset(parent, name) // it may be there, with another value or other comments
	parent.Content = append(parent.Content, pairKey, made)
	return nil
}
