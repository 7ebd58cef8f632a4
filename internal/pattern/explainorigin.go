package pattern

import (
	"fmt"
	"slices"
)

// listEntry is one entry of a leaf array, compiled on its own, and its text. What
// the compiled clause has put together for speed is apart here.
type listEntry struct {
	raw   string
	tests []test // one, or none for exists:false
}

// origins is what a compiled pattern has forgotten about its text.
type origins struct {
	entries [][]listEntry // by clause
	choices []*choice     // by sub-rule; nil without $or
}

// choice says which branch of a $or a sub-rule took, and what it took before.
type choice struct {
	before *choice
	text   string
}

// list returns the choices in the order of the text.
func (c *choice) list() []string {
	var out []string
	for ; c != nil; c = c.before {
		out = append(out, cut(c.text))
	}
	slices.Reverse(out)
	return out
}

// shown returns the last choices in the order of the text, behind a mark if some
// were left out.
func (c *choice) shown() []string {
	all := c.list()
	if len(all) <= maxChoices {
		return all
	}
	return append([]string{"…"}, all[len(all)-maxChoices:]...)
}

// tracer reads a pattern that has been compiled once more, and in the same
// order: sub-rules come into being as in [compiler.object].
type tracer struct {
	compiler
	entries [][]listEntry
}

// origins reads the text of the pattern once more.
func (p *Pattern) origins() (*origins, error) {
	t := &tracer{compiler: compiler{reader: &reader{src: p.source}}}
	if _, err := t.next(); err != nil {
		return nil, fmt.Errorf("read the pattern again: %w", err)
	}
	choices, err := t.object([]*choice{nil}, place{})
	if err != nil {
		return nil, fmt.Errorf("read the pattern again: %w", err)
	}
	return &origins{entries: t.entries, choices: choices}, nil
}

// object reads the fields of an object whose bracket has been read.
func (t *tracer) object(before []*choice, at place) ([]*choice, error) {
	for {
		name, err := t.next()
		if err != nil {
			return nil, err
		}
		if name.kind == endObject {
			return before, nil
		}
		value, err := t.next()
		switch {
		case err != nil:
		case value.kind == startObject:
			before, err = t.object(before, at.inner(name.text))
		case name.text == orKey:
			before, err = t.or(before, at)
		default:
			err = t.leaf()
		}
		if err != nil {
			return nil, err
		}
	}
}

func (t *tracer) or(before []*choice, at place) ([]*choice, error) {
	var after []*choice
	for n := 0; ; n++ {
		open, err := t.next()
		if err != nil {
			return nil, err
		}
		if open.kind == endArray {
			return after, nil
		}
		text := fmt.Sprintf("%s[%d]", at.leaf(orKey), n)
		branch := make([]*choice, len(before))
		for i, c := range before {
			branch[i] = &choice{before: c, text: text}
		}
		if branch, err = t.object(branch, at); err != nil {
			return nil, err
		}
		after = append(after, branch...)
	}
}

// leaf reads the entries of a leaf array.
func (t *tracer) leaf() error {
	var list []listEntry
	for {
		first, err := t.next()
		if err != nil {
			return err
		}
		if first.kind == endArray {
			t.entries = append(t.entries, list)
			return nil
		}
		start := t.pos - max(len(first.text), 1)
		e, err := t.entry(first)
		if err != nil {
			return err
		}
		e.raw = string(t.src[start:t.pos])
		list = append(list, e)
	}
}

// entry compiles the entry that a token begins.
func (t *tracer) entry(first token) (listEntry, error) {
	var cl clause
	var lits literals
	var err error
	switch first.kind {
	case startObject:
		err = t.expression(&cl, &lits)
	case stringValue:
		var s string
		if s, err = t.str(); err == nil {
			lits.addText(s)
		}
	case numberValue:
		lits.addNumber(first.text)
	default:
		lits.addToken(first.kind)
	}
	return listEntry{tests: append(lits.tests(), cl.tests...)}, err
}
