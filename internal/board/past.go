package board

import (
	"encoding/json"
	"slices"
)

// past is what follows from the entries of a log: who holds which place of the
// board, and what can be undone.
//
// A place is a [cell]: a field, the existence or the name of an item, or who has a
// name. Items are numbered, so that a cell stays the same when its item is renamed. The changes of
// edits that are not undone, one above the other, are the chain of a cell: each
// began with what the one below it wrote, and the top one wrote what the board says
// now. Hence:
//
//   - a change can be undone if and only if it is the top of its chain: then nobody
//     has changed the place since;
//   - a change of a field needs the same life of its item: an item that was removed
//     and made anew by somebody else is another one;
//   - it can be redone if and only if what it stood upon is the top again;
//   - the newest change of all always is a top, so that the first board comes back
//     when everybody undoes everything, in whatever order they take turns.
type past struct {
	steps   map[int]*step // by revision
	newest  []*step       // in the order in which they were made or redone
	chains  map[cell][]holder
	items   map[[2]string]int // by section and name: those that are there, and those that were
	names   map[int]string    // of items
	redos   map[string][]*step
	seen    map[string]int     // revision, by a client's id
	touched map[int][]touching // by revision
}

// cell is a place of the board. That of a whole section has neither an item nor a
// field.
type cell struct {
	section string
	item    int // 0 is the file's head, or the bus
	field   string
}

// The fields of cells that are none of items.
const (
	nameField = "\x00name"
	itemField = "\x00item"
	noteField = "\x00note"  // the comments of an item
	slugField = "\x00slug " // and a folder's name: that of an item, of one at a time
)

// touching is a change of a cell, and what was there before.
type touching struct {
	cell   cell
	before json.RawMessage
}

// step is an edit as a step of undo.
type step struct {
	entry  Entry
	cells  [][]cell // of its changes, first the place itself; a section has none
	undone []bool
	under  [][]holder // of an undone change: what it stood upon in each of them
	lives  []holder   // of a change of a field or a name: what made the item be there
	passed bool       // undo was here, and could not take back all of it
}

// holder is one change in a chain. The zero holder is what the board said first.
type holder struct {
	step *step
	part int
}

func newPast() *past {
	return &past{
		steps: map[int]*step{}, chains: map[cell][]holder{}, items: map[[2]string]int{}, names: map[int]string{},
		redos: map[string][]*step{}, seen: map[string]int{}, touched: map[int][]touching{},
	}
}

// add takes in the next entry.
func (p *past) add(e *Entry) {
	if e.ID != "" {
		p.seen[e.ID] = e.Rev
	}
	s := p.steps[e.Of]
	if e.Kind == Edited || s == nil {
		p.edited(e)
		return
	}
	p.flipped(e, s)
}

// edited takes in an edit. The undo or redo of an edit that is forgotten counts as
// one that cannot be undone.
func (p *past) edited(e *Entry) {
	s := &step{entry: *e, cells: make([][]cell, len(e.Changes)), undone: make([]bool, len(e.Changes)), under: make([][]holder, len(e.Changes)), lives: make([]holder, len(e.Changes))}
	real := false
	for i := range e.Changes {
		c := &e.Changes[i]
		if c.isSection() {
			if c.Before == nil || c.After == nil {
				p.push(cell{section: c.Section}, holder{s, i})
			}
			continue
		}
		at := p.cellOf(c)
		s.cells[i] = append([]cell{at}, c.slugs()...)
		if c.To != "" {
			p.rename(at, c.To)
		}
		s.lives[i] = p.top(at.existence())
		p.pushAll(s, i)
		before, _ := c.values()
		p.touched[e.Rev] = append(p.touched[e.Rev], touching{at, before})
		real = true
	}
	if e.Kind == Edited && real {
		p.steps[e.Rev] = s
		p.newest = append(p.newest, s)
		delete(p.redos, e.Author)
	}
}

// flipped takes in the undo or redo of a step.
func (p *past) flipped(e *Entry, s *step) {
	parts := slices.Sorted(slices.Values(e.Parts))
	if e.Kind == Undone {
		slices.Reverse(parts)
	}
	for _, i := range parts {
		at, c := s.cells[i][0], &s.entry.Changes[i]
		before, after := c.values()
		if e.Kind == Undone {
			before, after = after, before
			s.under[i] = nil
			for _, one := range s.cells[i] {
				s.under[i] = append(s.under[i], p.pop(one))
			}
		} else {
			p.pushAll(s, i)
		}
		s.undone[i] = e.Kind == Undone
		switch at.field {
		case nameField:
			p.rename(at, nameIn(after))
		case itemField:
			p.items[[2]string{at.section, p.names[at.item]}] = at.item
		}
		p.wake(at)
		p.touched[e.Rev] = append(p.touched[e.Rev], touching{at, before})
	}
	for i := range e.Changes {
		switch c := &e.Changes[i]; {
		case !c.isSection() || c.Before != nil && c.After != nil:
		case e.Kind == Undone:
			p.pop(cell{section: c.Section})
		default:
			p.push(cell{section: c.Section}, holder{s, i})
		}
	}
	own := slices.DeleteFunc(p.redos[e.Author], func(other *step) bool { return other == s })
	if e.Kind == Undone && len(e.Parts) > 0 {
		own = append(own, s)
	}
	p.redos[e.Author] = own
	s.passed = e.Kind == Undone && len(e.Clashes) > 0
	if e.Kind == Redone {
		p.newest = append(slices.DeleteFunc(p.newest, func(other *step) bool { return other == s }), s)
	}
}

// nameIn is the name that a JSON text holds.
func nameIn(value json.RawMessage) string {
	name := ""
	_ = json.Unmarshal(value, &name) // a rename's values are texts
	return name
}

// wake makes undo come back to steps that it passed because of what was at a place.
func (p *past) wake(at cell) {
	whole := at.field == nameField || at.field == itemField
	for _, s := range p.newest {
		for i, cells := range s.cells {
			if s.holds(i) && cells[0].section == at.section && (whole || cells[0].item == at.item) {
				s.passed = false
			}
		}
	}
}

func (p *past) push(at cell, h holder) { p.chains[at] = append(p.chains[at], h) }

func (p *past) pushAll(s *step, part int) {
	for _, at := range s.cells[part] {
		p.push(at, holder{s, part})
	}
}

// pop takes the top away and returns what is below.
func (p *past) pop(at cell) holder {
	if chain := p.chains[at]; len(chain) > 0 {
		p.chains[at] = chain[:len(chain)-1]
	}
	return p.top(at)
}

// top is the change that wrote what a place says now.
func (p *past) top(at cell) holder {
	if chain := p.chains[at]; len(chain) > 0 {
		return chain[len(chain)-1]
	}
	return holder{}
}

// cellOf is the place of a change that is not of a whole section.
func (p *past) cellOf(c *Change) cell {
	at := cell{section: c.Section, field: c.Field}
	if c.Key != "" {
		at.item = p.item(c.Section, c.Key)
	}
	switch {
	case c.To != "":
		at.field = nameField
	case c.isItem() && c.Before != nil && c.After != nil:
		at.field = noteField
	case c.isItem():
		at.field = itemField
	}
	return at
}

// existence is the place that says whether the item of a place is there.
func (at cell) existence() cell { return cell{at.section, at.item, itemField} }

// item is the number of an item.
func (p *past) item(section, name string) int {
	at := [2]string{section, name}
	if p.items[at] == 0 {
		p.items[at] = len(p.names) + 1
		p.names[p.items[at]] = name
	}
	return p.items[at]
}

func (p *past) rename(at cell, to string) {
	delete(p.items, [2]string{at.section, p.names[at.item]})
	p.items[[2]string{at.section, to}] = at.item
	p.names[at.item] = to
}

// lastOf is the edit of an author that undo takes back next, or nil.
func (p *past) lastOf(author string) *step {
	for _, s := range slices.Backward(p.newest) {
		if s.entry.Author == author && !s.passed && s.effective() {
			return s
		}
	}
	return nil
}

// effective reports whether something of a step is not undone.
func (s *step) effective() bool {
	for i := range s.cells {
		if s.holds(i) {
			return true
		}
	}
	return false
}

// holds reports whether a change of a step is not undone.
func (s *step) holds(i int) bool { return len(s.cells[i]) > 0 && !s.undone[i] }

// slugs are the places of the names that a change gives to an item, or takes from
// one.
func (c *Change) slugs() []cell {
	if c.isSection() || c.Field != "" || c.To == "" && c.Before != nil && c.After != nil {
		return nil
	}
	all := []cell{{section: c.Section, field: slugField + Slug(c.Key)}}
	if c.To != "" && Slug(c.To) != Slug(c.Key) {
		all = append(all, cell{section: c.Section, field: slugField + Slug(c.To)})
	}
	return all
}
