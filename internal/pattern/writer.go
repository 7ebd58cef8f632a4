package pattern

import (
	"hash/maphash"
	"slices"
)

// writer makes the next index from the present one. It knows what exists
// already, so that equal predicates and conditions are shared, and how much each
// is used. Readers see nothing of it. Only one goroutine may use it at a time.
type writer struct {
	index                   // the state that is being made
	seed       maphash.Seed // of all hashes of texts
	byID       table[candidate]
	conditions table[condition]
	fields     map[fieldPath]*fieldUse
	fieldByID  []*fieldUse
	freeFields numbers
	freePreds  numbers
	serials    numbers // of candidates
}

type fieldPath struct {
	scope Scope
	path  string
}

// fieldUse is what the writer knows of a field.
type fieldUse struct {
	name       fieldPath
	view       *field         // as readers see it; nil: not yet
	conditions int            // on it
	lookups    map[lookup]int // how many predicates need a look-up; salt and grams are left out
}

// numbers gives out small numbers. One that was given back is given out again:
// an index never has two things with one number, whatever older ones have.
type numbers struct {
	free []uint32
	next uint32
}

func (n *numbers) take() uint32 {
	if last := len(n.free) - 1; last >= 0 {
		x := n.free[last]
		n.free = n.free[:last]
		return x
	}
	n.next++
	return n.next - 1
}

func (n *numbers) give(x uint32) { n.free = append(n.free, x) }

func newWriter() *writer {
	return &writer{
		index: *newIndex(), seed: maphash.MakeSeed(), fields: map[fieldPath]*fieldUse{},
		byID:       table[candidate]{hash: func(c *candidate) uint64 { return mix(uint64(c.id)) }},
		conditions: table[condition]{hash: (*condition).hash},
		freePreds:  numbers{next: always + 1},
	}
}

// rule returns the first candidate of a rule, nil if there is none.
func (w *writer) rule(id ID) *candidate {
	return w.byID.find(mix(uint64(id)), func(c *candidate) bool { return c.id == id })
}

// apply changes the index by one op.
func (w *writer) apply(op *Op) {
	w.removeRule(op.ID)
	if op.Remove || op.Off {
		return
	}
	var needs uint8
	combinations := [][]scopedClause{nil}
	for _, f := range op.sorted() {
		needs |= 1 << f.Scope
		combinations = combine(combinations, f)
	}
	made := map[scopedClause]*condition{}
	for _, clauses := range combinations {
		w.addCandidate(op.ID, needs, clauses, made)
	}
}

// scopedClause is a clause of one of the filters of a rule.
type scopedClause struct {
	scope Scope
	*clause
}

// sorted returns the filters of an op in the order of their scopes.
func (op *Op) sorted() []Scoped {
	filters := slices.Clone(op.Filters)
	slices.SortFunc(filters, func(a, b Scoped) int { return int(a.Scope) - int(b.Scope) })
	return filters
}

// combine extends each of some lists of clauses by each sub-rule of a filter.
func combine(lists [][]scopedClause, f Scoped) [][]scopedClause {
	var out [][]scopedClause
	for _, list := range lists {
		for _, r := range f.Pattern.subRules {
			longer := slices.Clone(list)
			for _, c := range r {
				longer = append(longer, scopedClause{f.Scope, c})
			}
			out = append(out, longer)
		}
	}
	return out
}

// addCandidate adds a sub-rule. Made are the conditions of the others of its rule,
// which share most clauses if there are many.
func (w *writer) addCandidate(id ID, needs uint8, clauses []scopedClause, made map[scopedClause]*condition) {
	c := &candidate{id: id, needs: needs, access: -1, serial: w.serials.take(), next: w.rule(id)}
	if len(clauses) > 0 {
		c.conditions = make([]*condition, len(clauses))
	}
	for i, cl := range clauses {
		if made[cl] == nil {
			made[cl] = w.condition(cl)
		}
		c.conditions[i] = made[cl]
	}
	if c.next != nil {
		w.byID.remove(c.next)
	}
	w.byID.add(c)
	c.access = bestAccess(c.conditions)
	if c.access < 0 {
		w.always = w.always.add(c, nil)
	} else {
		used := []uint32{c.conditions[c.access].field}
		for _, p := range entries(c.conditions[c.access]) {
			before := w.posted(p)
			w.post(p, before.add(c, used), true)
			if before.none() && !p.op.eager() {
				w.count(p, 1)
			}
		}
	}
	if c.isLate() {
		w.late++
	}
	for _, cond := range c.conditions {
		w.use(cond)
	}
}

// isLate reports whether the candidate can be found although no envelope field
// speaks for it.
func (c *candidate) isLate() bool {
	if c.access < 0 {
		return len(c.conditions) > 0
	}
	return !c.conditions[c.access].early
}

// removeRule removes all candidates of a rule.
func (w *writer) removeRule(id ID) {
	c := w.rule(id)
	if c == nil {
		return
	}
	w.byID.remove(c)
	for ; c != nil; c = c.next {
		w.removeCandidate(c)
	}
}

func (w *writer) removeCandidate(c *candidate) {
	if c.access < 0 {
		w.always, _ = w.always.remove(c)
	} else {
		for _, p := range entries(c.conditions[c.access]) {
			left, _ := w.posted(p).remove(c)
			w.post(p, left, true)
			if left.none() && !p.op.eager() {
				w.count(p, -1)
			}
		}
	}
	if c.isLate() {
		w.late--
	}
	for _, cond := range c.conditions {
		w.release(cond)
	}
	w.serials.give(c.serial)
}

// condition returns the condition that a clause is, and makes it if it is new.
// Each candidate must then use it.
func (w *writer) condition(cl scopedClause) *condition {
	use := w.field(fieldPath{cl.scope, cl.path})
	var preds []*predicate
	for _, t := range cl.tests {
		for _, wish := range wishes(t) {
			preds = append(preds, w.predicate(use.view, wish))
		}
	}
	slices.SortFunc(preds, func(a, b *predicate) int { return int(a.id) - int(b.id) })
	preds = slices.Clip(slices.Compact(preds))
	cond := &condition{
		name: &use.name, field: use.view.id, early: use.view.early, absent: cl.absent, predicates: preds,
	}
	if known := w.conditions.find(cond.hash(), cond.equal); known != nil {
		return known
	}
	cond.know()
	w.conditions.add(cond)
	use.conditions++
	return cond
}

func (w *writer) use(cond *condition) {
	cond.uses++
	for _, p := range cond.predicates {
		p.uses++
		if e := p.entry(); e != nil {
			e.uses++
		}
	}
}

// release undoes use, and forgets what nobody uses any more.
func (w *writer) release(cond *condition) {
	cond.uses--
	for _, p := range cond.predicates {
		p.uses--
		if e := p.entry(); e != nil {
			if e.uses--; e.uses == 0 {
				w.forget(e)
			}
		}
		if p.uses == 0 {
			w.forget(p)
		}
	}
	if cond.uses > 0 {
		return
	}
	w.conditions.remove(cond)
	use := w.fieldByID[cond.field]
	if use.conditions--; use.conditions == 0 {
		w.dropField(use)
	}
}
