package board

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v4"
)

// What [Log.Undo] and [Log.Redo] return when they find nothing.
var (
	ErrNothingToUndo = errors.New("there is nothing of this author to undo")
	ErrNothingToRedo = errors.New("there is nothing of this author to redo")
)

// Undo takes back the newest edit of an author that is not undone. What somebody
// else has changed since is left as it is and told as a clash; undo passes over
// it, until that is undone in turn. id is as in [Operation].
func (l *Log) Undo(author, id string) (Result, error) {
	if r, again := l.repeated(id); again {
		return r, nil
	}
	s := l.past.lastOf(author)
	if s == nil {
		return Result{}, ErrNothingToUndo
	}
	f := l.flip(s)
	for i := range slices.Backward(s.entry.Changes) {
		f.undo(i)
	}
	f.prune()
	return f.done(Entry{ID: id, Author: author, Kind: Undone})
}

// Redo makes the edit again that its author has undone last. An edit that came
// after the undo ends this.
func (l *Log) Redo(author, id string) (Result, error) {
	if r, again := l.repeated(id); again {
		return r, nil
	}
	own := l.past.redos[author]
	if len(own) == 0 {
		return Result{}, ErrNothingToRedo
	}
	f := l.flip(own[len(own)-1])
	for i := range f.step.entry.Changes {
		f.redo(i)
	}
	return f.done(Entry{ID: id, Author: author, Kind: Redone})
}

// flip is the undo or redo of a step under way.
type flip struct {
	log     *Log
	step    *step
	file    *File // which is changed
	parts   []int
	clashes []Clash
	renames []Edit            // that were made
	gone    map[int]bool      // items that could not be made again
	unnamed *File             // as the file was before them
	names   map[int]string    // of items that were renamed by them
	items   map[[2]string]int // by section and name: that were renamed, or made again
	after   naming            // from the names after the step to those of file
	before  naming            // from the names before it
}

func (l *Log) flip(s *step) *flip {
	return &flip{
		log: l, step: s, file: l.file.clone(), names: map[int]string{}, items: map[[2]string]int{}, gone: map[int]bool{},
		after: l.namesSince(s.entry.Rev), before: l.namesSince(s.entry.Rev - 1),
	}
}

// done makes what was done the log's last entry.
func (f *flip) done(e Entry) (Result, error) {
	made, err := f.file.again()
	if err != nil {
		return Result{}, err
	}
	slices.Sort(f.parts)
	e.Of, e.Parts, e.Clashes = f.step.entry.Rev, f.parts, f.clashes
	e.Changes = f.changes(made)
	return f.log.append(e, made), nil
}

// changes are what is between the log's file and the one that was made: changes
// before the renames, the renames, and those after them.
func (f *flip) changes(made *File) []Change {
	if len(f.renames) == 0 {
		return differ{comments: true}.changes(f.log.file, made)
	}
	all := differ{comments: true}.changes(f.log.file, f.unnamed)
	for i := range all {
		all[i].Early = true
	}
	for i := range f.renames {
		r := &f.renames[i]
		all = append(all, Change{Section: r.Section, Key: r.Key, To: r.To})
		_ = f.unnamed.relabel(r) // as it went in the file
	}
	return append(all, differ{comments: true}.changes(f.unnamed, made)...)
}

// undo takes back one change of the step.
func (f *flip) undo(i int) {
	c := &f.step.entry.Changes[i]
	switch {
	case c.isSection():
		f.section(c, c.Before, c.Kept, c.Made)
	case f.step.undone[i] || c.Early && f.renamed():
	default:
		before, _ := c.values()
		own := make([]holder, len(f.step.cells[i]))
		for k := range own {
			own[k] = holder{f.step, i}
		}
		f.put(i, own, before, c.Kept)
	}
}

// redo makes one change of the step again.
func (f *flip) redo(i int) {
	c := &f.step.entry.Changes[i]
	switch {
	case c.isSection():
		f.section(c, c.After, c.Made, c.Kept)
		if n := valueOf(f.file.root, c.Section); c.After == nil && n != nil && isEmpty(n) {
			_ = unset(f.file.root, c.Section) // it is there
		}
	case !f.step.undone[i] || c.Early && !f.canRename():
	default:
		_, after := c.values()
		f.put(i, f.step.under[i], after, c.Made)
	}
}

// renamed reports whether a rename of the step holds: then a reference that had the
// new name before it stays.
func (f *flip) renamed() bool {
	for i, cells := range f.step.cells {
		if f.step.holds(i) && cells[0].field == nameField && !slices.Contains(f.parts, i) {
			return true
		}
	}
	return false
}

// canRename reports whether nothing is in the way of the step's renames.
func (f *flip) canRename() bool {
	for i, cells := range f.step.cells {
		if len(cells) == 0 || cells[0].field != nameField || !f.step.undone[i] {
			continue
		}
		_, after := f.step.entry.Changes[i].values()
		_, is := f.inTheWay(cells[0], f.name(cells[0]), after)
		if _, same := f.stands(i, f.step.under[i]); is || !same {
			return false
		}
	}
	return true
}

// stands reports whether these are the tops of the cells of a change; if not, it
// returns the one that is instead.
func (f *flip) stands(i int, tops []holder) (holder, bool) {
	for k, at := range f.step.cells[i] {
		if now := f.top(at); now != tops[k] {
			return now, false
		}
	}
	return holder{}, true
}

// put gives the place of a change a value, unless its cells have other tops, or
// something is in the way.
func (f *flip) put(i int, tops []holder, value json.RawMessage, kept *keptPair) {
	c, at := &f.step.entry.Changes[i], f.step.cells[i][0]
	name := f.name(at)
	translated := f.translated(c, value)
	if life := f.top(at.existence()); at.item != 0 && at.field != itemField && life != f.step.lives[i] {
		if !f.gone[at.item] { // or it has been told
			f.clash(at, translated, life)
		}
		return
	}
	if now, same := f.stands(i, tops); !same {
		f.gone[at.item] = f.gone[at.item] || at.field == itemField
		f.clash(at, translated, now)
		return
	}
	if inTheWay, is := f.inTheWay(at, name, value); is {
		f.clash(at, translated, f.log.past.top(inTheWay))
		return
	}
	f.parts = append(f.parts, i)
	if at.field == nameField {
		if f.unnamed == nil {
			f.unnamed = f.file.clone()
		}
		e := Edit{Op: Rename, Section: at.section, Key: name, To: nameIn(value)}
		_ = f.file.relabel(&e) // it is there, and the name is free
		f.renames = append(f.renames, e)
		f.names[at.item], f.items[[2]string{at.section, e.To}] = e.To, at.item
		f.after.renamed(at.section, e.Key, e.To)
		f.before.renamed(at.section, e.Key, e.To)
		return
	}
	if at.field == itemField && value != nil {
		f.items[[2]string{at.section, name}] = at.item
	}
	_ = f.file.write(c.Section, name, c.Field, value, kept, f.naming(c)) // the place is there, or is made
}

// top is the change that wrote what a place says in the file.
func (f *flip) top(at cell) holder {
	chain := f.log.past.chains[at]
	for len(chain) > 0 && chain[len(chain)-1].step == f.step && slices.Contains(f.parts, chain[len(chain)-1].part) {
		chain = chain[:len(chain)-1] // undone by now
	}
	for _, i := range slices.Backward(f.parts) {
		if f.step.undone[i] && slices.Contains(f.step.cells[i], at) {
			return holder{f.step, i} // made again by now
		}
	}
	if len(chain) == 0 {
		return holder{}
	}
	return chain[len(chain)-1]
}

// name is what the item of a cell is called in the file.
func (f *flip) name(at cell) string {
	if name, ok := f.names[at.item]; ok {
		return name
	}
	return f.log.past.names[at.item]
}

// naming leads from the names in a change to those of the file.
func (f *flip) naming(c *Change) naming {
	if c.Early {
		return f.before
	}
	return f.after
}

// translated is a value with the names that items have now.
func (f *flip) translated(c *Change, value json.RawMessage) json.RawMessage {
	s := sectionNamed(c.Section)
	if value == nil || s == nil || c.Field == "" {
		return value
	}
	n, err := fromJSON(value)
	if err != nil {
		return value
	}
	f.naming(c).translate(n, ruleNamed(s.fields, c.Field))
	return toJSON(n)
}

// inTheWay is the cell because of which a place cannot have a value.
func (f *flip) inTheWay(at cell, name string, value json.RawMessage) (cell, bool) {
	if at.item == 0 {
		return cell{}, false
	}
	item := f.item(at, name)
	switch {
	case at.field == itemField && value != nil:
		return f.taken(at.section, name, "")
	case item == nil:
		return at.existence(), true
	case at.field == nameField:
		return f.taken(at.section, nameIn(value), name)
	case at.field == itemField: // it shall go
		for _, e := range entries(item) {
			return cell{at.section, at.item, e.key.Value}, true
		}
	}
	return cell{}, false
}

// item is the item of a cell in the file, nil if it is not there: another one may
// have its name.
func (f *flip) item(at cell, name string) *yaml.Node {
	named := [2]string{at.section, name}
	id, own := f.items[named]
	if !own {
		id = f.log.past.items[named]
	}
	if id != at.item {
		return nil
	}
	return valueOf(valueOf(f.file.root, at.section), name)
}

// taken finds an item, other than one, that has a name or its folder.
func (f *flip) taken(section, name, except string) (cell, bool) {
	for _, e := range itemsOf(valueOf(f.file.root, section)) {
		if other := e.key.Value; other != except && Slug(other) == Slug(name) {
			return cell{section, f.log.past.items[[2]string{section, other}], itemField}, true
		}
	}
	return cell{}, false
}

// clash tells that a place could not have a value, because of a change.
func (f *flip) clash(at cell, value json.RawMessage, because holder) {
	c := Change{Section: at.section, Key: f.name(at), Field: at.field}
	held := valueOf(f.file.root, at.section)
	switch at.field {
	case nameField:
		c.Field, c.To = "", c.Key
	case itemField, noteField:
		c.Field = ""
	}
	clash := Clash{Path: c.path(), Lost: value, Restore: c.edit(value)}
	switch {
	case c.To != "":
		clash.Held = quoted(c.To)
	case at.section == "":
		held = valueOf(f.file.root, at.field)
	case c.Key != "":
		held = f.item(at, c.Key)
		fallthrough
	default:
		if c.Field != "" {
			held = valueOf(held, c.Field)
		}
	}
	if clash.Held == nil && held != nil {
		clash.Held = there
		if c.Field != "" {
			clash.Held = toJSON(held)
		}
	}
	if because.step != nil {
		clash.Author, clash.Rev = because.step.entry.Author, because.step.entry.Rev
	}
	f.clashes = append(f.clashes, clash)
}

// section makes a section that the step removed, or gives it the comments that it
// had, unless it has got others since.
func (f *flip) section(c *Change, value json.RawMessage, kept, made *keptPair) {
	if value == nil {
		return
	}
	key, n := pairIn(f.file.root, c.Section)
	if n == nil || reflect.DeepEqual(keepPair(key, bare(n)), made) {
		_ = f.file.write(c.Section, "", "", value, kept, nil) // it is made
	}
}

// prune removes sections that are empty now and were made by edits all of which are
// undone.
func (f *flip) prune() {
	for _, i := range f.parts {
		name := f.step.cells[i][0].section
		_, n := pairOf(f.file.root, name)
		owner := f.log.past.top(cell{section: name}).step
		if name == "" || n == nil || !isEmpty(n) || hasComments(n) || owner == nil || f.holds(owner, name) {
			continue
		}
		_ = unset(f.file.root, name) // it is there
	}
}

// holds reports whether something of a step in a section is not undone.
func (f *flip) holds(s *step, section string) bool {
	for i, cells := range s.cells {
		if s.holds(i) && cells[0].section == section && !(s == f.step && slices.Contains(f.parts, i)) {
			return true
		}
	}
	return false
}
