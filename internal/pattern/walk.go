package pattern

import (
	"encoding/binary"
	"sort"
)

// StepBudget is how many steps one pattern may take with one event, unless
// [Options] say otherwise. A step is one value compared with one entry, or less.
const StepBudget = 1 << 19

// evaluation decides whether the facts of one event satisfy one pattern.
//
// The definition: walk through the clauses of a sub-rule in the order of their
// paths and choose a value for each of them, such that it satisfies the clause
// and that no two chosen values lie in different elements of one array. An
// exists:false holds if no value at its path agrees with what was chosen before
// it; it chooses nothing. The sub-rule matches if there is a way to the end.
//
// That walk is [evaluation.walk]. It is entered only if a value that matters
// lies in an array of objects; otherwise every clause can be looked at alone.
type evaluation struct {
	facts   *facts
	field   []int         // by clause: number of its path in the facts
	budget  int           // steps that are left
	patient bool          // the budget does not end the look at one clause
	states  []clauseState // by clause, so that sub-rules share the answer

	rule    subRule
	chosen  []int32             // by array: index of the element that was chosen, -1 if none
	log     []int32             // arrays in the order in which they were chosen
	lastUse []int32             // by array: position of the last clause with values in it; unset = -2
	asked   []int32             // arrays whose last use has been asked for
	dead    map[string]struct{} // situations known to lead nowhere
	key     []byte
}

// clauseState is what is known of a clause when it is looked at alone.
type clauseState uint8

const (
	unseen clauseState = iota
	fails              // in whatever company
	free               // holds, and no value at its path is in an array element
	bound              // may hold, depending on the elements that are chosen
)

// run evaluates all sub-rules. It fails with [ErrUndecided] only.
func (e *evaluation) run(p *Pattern, f *facts, field []int, budget int) (bool, error) {
	e.facts, e.field, e.budget = f, field, budget
	e.states = append(e.states[:0], make([]clauseState, len(p.clauses))...)
	for _, r := range p.subRules {
		ok := e.subRule(r)
		if e.budget < 0 {
			return false, ErrUndecided
		}
		if ok {
			return true, nil
		}
	}
	return false, nil
}

func (e *evaluation) subRule(r subRule) bool {
	e.forget()
	isBound := false
	for _, c := range r {
		if e.states[c.index] == unseen {
			e.states[c.index] = e.alone(c)
		}
		switch e.states[c.index] {
		case fails:
			return false
		case bound:
			isBound = true
		}
	}
	if !isBound {
		return true
	}
	e.rule = r
	return e.walk(0)
}

// forget undoes what was chosen and noted for the sub-rule before. There may be
// many sub-rules and many arrays, so it does not go through all arrays.
func (e *evaluation) forget() {
	e.undo(0)
	for _, array := range e.asked {
		e.lastUse[array] = unknownUse
	}
	e.asked = e.asked[:0]
	clear(e.dead)
	e.chosen = extend(e.chosen, len(e.facts.arrays), -1)
	e.lastUse = extend(e.lastUse, len(e.facts.arrays), unknownUse)
}

// extend appends a number until there are at least n.
func extend(s []int32, n int, with int32) []int32 {
	for len(s) < n {
		s = append(s, with)
	}
	return s
}

// alone looks at a clause without regard to others. What it says counts only if
// the budget sufficed.
func (e *evaluation) alone(c *clause) clauseState {
	values := e.facts.fields[e.field[c.index]]
	if len(values) == 0 {
		if c.absent {
			return free
		}
		return fails
	}
	state := fails
	inElement := false
	for i := range values {
		if e.budget < 0 && !e.patient {
			return fails
		}
		v := &values[i]
		if v.element >= 0 {
			inElement = true
		} else if c.absent && state == fails && len(c.tests) == 0 {
			return fails // there is a value that agrees with every choice
		}
		if state == fails && e.satisfies(c, v) {
			state = free
		}
		if inElement && (state == free || c.absent) {
			return bound
		}
	}
	return state
}

// satisfies reports whether a value passes one of the tests of a clause.
func (e *evaluation) satisfies(c *clause, v *value) bool {
	for _, t := range c.tests {
		e.budget -= steps(t, v)
		if t.holds(v) {
			return true
		}
	}
	return false
}

// walk chooses values for the clauses of the sub-rule from position i on.
func (e *evaluation) walk(i int) bool {
	if i == len(e.rule) {
		return true
	}
	if e.budget--; e.budget < 0 {
		return false
	}
	key, known := e.situation(i)
	if known {
		return false
	}
	if e.choose(i) {
		return true
	}
	if key != "" {
		if e.dead == nil {
			e.dead = map[string]struct{}{}
		}
		e.dead[key] = struct{}{}
	}
	return false
}

// choose tries the values of the clause at position i one after another.
func (e *evaluation) choose(i int) bool {
	c := e.rule[i]
	values := e.facts.fields[e.field[c.index]]
	agrees := false
	const nothing = -2
	tried := int32(nothing) // element of the last value that led nowhere
	for k := 0; k < len(values) && e.budget >= 0; {
		v := &values[k]
		if array, ok := e.conflict(v); ok {
			k = e.behind(values, k, array)
			continue
		}
		k++
		agrees = true
		if v.element == tried || !e.satisfies(c, v) {
			continue
		}
		mark := len(e.log)
		e.take(v)
		if e.walk(i + 1) {
			return true
		}
		e.undo(mark)
		tried = v.element
	}
	return c.absent && !agrees && e.walk(i+1)
}

// conflict returns the outermost array in which the value lies in another
// element than the one that was chosen.
func (e *evaluation) conflict(v *value) (array int32, found bool) {
	for at := v.element; at >= 0; {
		el := &e.facts.elements[at]
		if c := e.chosen[el.array]; c >= 0 && c != el.index {
			array, found = el.array, true
		}
		at = el.parent
		e.budget--
	}
	return array, found
}

// behind returns the position of the first value after k that does not lie in an
// unwanted element of the array. Values are in the order of the text, so those
// of one array, and in it those of one element, are neighbours.
func (e *evaluation) behind(values []value, k int, array int32) int {
	wanted := e.chosen[array]
	passed := e.index(&values[k], array) > wanted
	rest := values[k+1:]
	return k + 1 + sort.Search(len(rest), func(n int) bool {
		index := e.index(&rest[n], array)
		return index < 0 || !passed && index >= wanted
	})
}

// index returns in which element of an array a value lies, -1 if in none.
func (e *evaluation) index(v *value, array int32) int32 {
	for at := v.element; at >= 0; at = e.facts.elements[at].parent {
		e.budget--
		if el := &e.facts.elements[at]; el.array == array {
			return el.index
		}
	}
	return -1
}

// take chooses the elements in which a value lies.
func (e *evaluation) take(v *value) {
	for at := v.element; at >= 0; at = e.facts.elements[at].parent {
		el := &e.facts.elements[at]
		if e.chosen[el.array] < 0 {
			e.chosen[el.array] = el.index
			e.log = append(e.log, el.array)
		}
	}
}

func (e *evaluation) undo(mark int) {
	for _, array := range e.log[mark:] {
		e.chosen[array] = -1
	}
	e.log = e.log[:mark]
}

// situation describes what was chosen as far as it matters to the clauses from
// position i on, and reports whether that is known to lead nowhere. The key is
// empty where no two ways lead to the same situation: until some array that was
// chosen has no more clauses.
func (e *evaluation) situation(i int) (key string, known bool) {
	e.key = binary.AppendUvarint(e.key[:0], uint64(i))
	forgets := false
	for _, array := range e.log {
		if e.use(array) < int32(i) {
			forgets = true
			continue
		}
		e.key = binary.AppendUvarint(e.key, uint64(array))
		e.key = binary.AppendUvarint(e.key, uint64(e.chosen[array]))
	}
	e.budget -= len(e.log)
	if !forgets {
		return "", false
	}
	_, known = e.dead[string(e.key)]
	return string(e.key), known
}

const unknownUse = -2

// use returns the position of the last clause whose path leads into an array.
func (e *evaluation) use(array int32) int32 {
	if e.lastUse[array] == unknownUse {
		e.asked = append(e.asked, array)
		e.budget -= len(e.rule)
		e.lastUse[array] = -1
		at := e.facts.arrays[array]
		for i, c := range e.rule {
			n := len(at)
			if len(c.path) >= n && c.path[:n] == string(at) && (len(c.path) == n || c.path[n] == '.') {
				e.lastUse[array] = int32(i)
			}
		}
	}
	return e.lastUse[array]
}
