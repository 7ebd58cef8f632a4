package pattern

import (
	"cmp"
	"maps"
	"slices"
)

// sourcePath is the field that nearly every rule names exactly. Rules that do
// are looked up by it and cost nothing when an event has another source.
const sourcePath = "source"

// rule is one rule, ready to be evaluated on the facts of its table. It is
// immutable.
type rule struct {
	id      ID
	off     bool
	pattern *Pattern // nil: matches every event
	field   []int    // by clause: number of its path in the table's path set
	sources []string // the only sources that it can match; nil: any
}

// table is one state of a matcher. It is immutable, and shares with the tables
// before and after it what did not change.
type table struct {
	rev      uint64
	rules    []*rule            // sorted by ID
	bySource map[string][]*rule // rules with sources, each list sorted by ID
	anyRules []*rule            // the others that are not off, sorted by ID
	paths    *pathSet           // of all rules, and of rules that are gone
	gone     int                // rules removed or replaced since paths was made
}

func newTable() *table {
	paths := newPathSet()
	paths.add(sourcePath)
	return &table{bySource: map[string][]*rule{}, paths: paths}
}

// fewGone is up to how many removed rules it is not worth the trouble to forget
// their paths.
const fewGone = 64

// manyOps is from how many ops on a table is made afresh.
const manyOps = 64

// with returns the table after some ops.
func (t *table) with(rev uint64, ops []Op) *table {
	if len(ops) >= manyOps {
		return t.afresh(rev, ops)
	}
	n := *t
	n.rev = rev
	n.rules = slices.Clone(t.rules)
	n.bySource = maps.Clone(t.bySource)
	for i := range ops {
		n.remove(ops[i].ID)
		if !ops[i].Remove {
			n.insert(ops[i].rule(), t.paths)
		}
	}
	if n.gone > fewGone && n.gone > len(n.rules) {
		return build(rev, n.rules)
	}
	return &n
}

// afresh does the same as with, in one pass over all rules.
func (t *table) afresh(rev uint64, ops []Op) *table {
	live := make(map[ID]*rule, len(t.rules)+len(ops))
	for _, r := range t.rules {
		live[r.id] = r
	}
	for i := range ops {
		if ops[i].Remove {
			delete(live, ops[i].ID)
		} else {
			live[ops[i].ID] = ops[i].rule()
		}
	}
	return build(rev, slices.SortedFunc(maps.Values(live), func(a, b *rule) int { return cmp.Compare(a.id, b.id) }))
}

// build makes a table of rules that are sorted by ID. It knows their paths only.
func build(rev uint64, rules []*rule) *table {
	t := newTable()
	t.rev = rev
	for _, old := range rules {
		r := *old
		if r.pattern != nil {
			t.learn(r.pattern, nil)
			r.field = r.pattern.bind(t.paths)
		}
		t.rules = append(t.rules, &r)
		if r.off {
			continue
		}
		if r.sources == nil {
			t.anyRules = append(t.anyRules, &r)
		}
		for _, s := range r.sources {
			t.bySource[s] = append(t.bySource[s], &r)
		}
	}
	return t
}

func (op *Op) rule() *rule {
	r := &rule{id: op.ID, off: op.Off}
	if len(op.Filters) > 0 {
		r.pattern = op.Filters[0].Pattern
		r.sources = r.pattern.exactly(sourcePath)
	}
	return r
}

// exactly returns the strings one of which the field at path has to have for p
// to match, nil if p does not say so.
func (p *Pattern) exactly(path string) []string {
	var out []string
	for _, r := range p.subRules {
		i := slices.IndexFunc(r, func(c *clause) bool { return c.path == path })
		if i < 0 || r[i].absent || len(r[i].tests) != 1 {
			return nil
		}
		texts, ok := r[i].tests[0].(*textSet)
		if !ok {
			return nil
		}
		out = append(out, texts.list...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func byID(r *rule, id ID) int { return cmp.Compare(r.id, id) }

// without and plus return a new list, so that older tables keep theirs.
func without(list []*rule, id ID) []*rule {
	i, found := slices.BinarySearchFunc(list, id, byID)
	if !found {
		return list
	}
	return slices.Concat(list[:i], list[i+1:])
}

func plus(list []*rule, r *rule) []*rule {
	i, _ := slices.BinarySearchFunc(list, r.id, byID)
	return slices.Concat(list[:i], []*rule{r}, list[i:])
}

func (t *table) remove(id ID) {
	i, found := slices.BinarySearchFunc(t.rules, id, byID)
	if !found {
		return
	}
	old := t.rules[i]
	t.rules = slices.Delete(t.rules, i, i+1)
	t.gone++
	if old.off {
		return
	}
	if old.sources == nil {
		t.anyRules = without(t.anyRules, id)
		return
	}
	for _, s := range old.sources {
		if left := without(t.bySource[s], id); len(left) > 0 {
			t.bySource[s] = left
		} else {
			delete(t.bySource, s)
		}
	}
}

// insert adds a rule whose ID is not in the table. shared is the path set of the
// table before, so it must not be added to.
func (t *table) insert(r *rule, shared *pathSet) {
	if r.pattern != nil {
		t.learn(r.pattern, shared)
		r.field = r.pattern.bind(t.paths)
	}
	i, _ := slices.BinarySearchFunc(t.rules, r.id, byID)
	t.rules = slices.Insert(t.rules, i, r)
	if r.off {
		return
	}
	if r.sources == nil {
		t.anyRules = plus(t.anyRules, r)
		return
	}
	for _, s := range r.sources {
		t.bySource[s] = plus(t.bySource[s], r)
	}
}

// learn makes sure that the paths of a pattern are in the table's path set.
func (t *table) learn(p *Pattern, shared *pathSet) {
	for path := range p.paths.fields {
		if _, ok := t.paths.fields[path]; ok {
			continue
		}
		if t.paths == shared {
			t.paths = &pathSet{fields: maps.Clone(shared.fields), inner: maps.Clone(shared.inner)}
		}
		t.paths.add(path)
	}
}
