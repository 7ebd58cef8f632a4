package pattern

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// start returns a report of a clause without a verdict.
func (b *branches) start(c *clause) ClauseReport {
	entries := b.origin.entries[c.index]
	r := ClauseReport{Path: cutTo(c.path, maxPath)}
	for _, e := range entries[:min(len(entries), maxShown)] {
		r.Wanted = append(r.Wanted, cut(e.raw))
	}
	r.MoreWanted = len(entries) - len(r.Wanted)
	return r
}

func (b *branches) values(c *clause) []value { return b.facts.fields[b.eval.field[c.index]] }

// found lists values, those that are wanted first.
func (b *branches) found(r *ClauseReport, c *clause, first func(v *value) bool) {
	values := b.values(c)
	for _, wanted := range []bool{true, false} {
		for i := range values {
			if len(r.Found) == maxShown {
				break
			}
			if v := &values[i]; first(v) == wanted {
				r.Found = append(r.Found, Found{At: cut(b.at(c.path, v.element)), Value: v.show()})
			}
		}
	}
	r.MoreFound = len(values) - len(r.Found)
}

// held reports a clause that holds with the chosen elements.
func (b *branches) held(c *clause, chosen []int32) ClauseReport {
	r := b.start(c)
	r.Held, r.Reason, r.weight = true, Held, 1
	b.found(&r, c, func(v *value) bool { return b.lies(v, chosen) && b.satisfied(c, v) })
	if len(r.Found) > 0 {
		return r
	}
	if p := b.surveyed().at(c.path); p != nil && !p.leaf {
		text := "there is an empty array"
		if p.object {
			text = "there is an object"
		}
		r.Near = &Near{Hint: HintContainer, Path: cut(c.path), Text: text + ", which is not a value"}
	}
	return r
}

// undecided reports a clause for which the budget did not suffice.
func (b *branches) undecided(c *clause) ClauseReport {
	r := b.start(c)
	r.Reason, r.weight = Undecided, 0.5
	return r
}

// satisfied is like [evaluation.satisfies], but at the expense of the search for
// near misses: when that has come to its end, nothing is satisfied.
func (b *branches) satisfied(c *clause, v *value) bool {
	return slices.ContainsFunc(c.tests, func(t test) bool { return b.spend(steps(t, v)) && t.holds(v) })
}

// lies reports whether a value lies in no other element than those chosen.
func (b *branches) lies(v *value, chosen []int32) bool {
	for at := v.element; at >= 0 && len(chosen) > 0; at = b.facts.elements[at].parent {
		el := &b.facts.elements[at]
		if n := chosen[el.array]; n >= 0 && n != el.index {
			return false
		}
	}
	return true
}

// failed reports a clause that fails in whatever company.
func (b *branches) failed(c *clause) ClauseReport {
	if r, ok := b.reports[c]; ok {
		return r
	}
	r := b.start(c)
	if len(b.values(c)) == 0 {
		b.missing(&r, c.path)
		if r.Near != nil && b.onlyExcludes(c) {
			r.Near.Text += "; anything-but needs a value"
		}
	} else {
		b.differs(&r, c, nil)
	}
	b.reports[c] = r
	return r
}

// onlyExcludes reports whether all entries of a clause are anything-but.
func (b *branches) onlyExcludes(c *clause) bool {
	return !slices.ContainsFunc(b.origin.entries[c.index], func(e listEntry) bool {
		return len(e.tests) == 0 || !isNone(e.tests[0])
	})
}

func isNone(t test) bool {
	_, ok := t.(none)
	return ok
}

// elsewhere reports a clause that may hold alone, but not with the elements
// that other clauses chose.
func (b *branches) elsewhere(c *clause, chosen []int32) ClauseReport {
	r := b.start(c)
	values := b.values(c)
	good := slices.IndexFunc(values, func(v value) bool { return b.satisfied(c, &v) })
	switch {
	case good < 0 && b.effort < 0:
		return b.undecided(c)
	case good < 0:
		b.differs(&r, c, chosen)
		return r
	}
	b.found(&r, c, func(v *value) bool { return b.satisfied(c, v) })
	r.Reason, r.weight = ArrayElement, 0.8
	text := "holds in " + b.element(c.path, values[good].element)
	if at := (evaluation{facts: &b.facts, chosen: chosen}); len(chosen) > 0 {
		if array, ok := at.conflict(&values[good]); ok {
			text += fmt.Sprintf(", but the clauses that hold agree on %s[%d]: all must hold in the same element",
				b.array(array, values[good].element), chosen[array])
		}
	}
	r.Near = &Near{Hint: HintElement, Path: cut(b.at(c.path, values[good].element)), Text: text}
	return r
}

// differs reports a clause none of whose tests accepts a value. Values outside
// of the chosen elements do not count.
func (b *branches) differs(r *ClauseReport, c *clause, chosen []int32) {
	counts := func(v *value) bool { return b.lies(v, chosen) }
	if !slices.ContainsFunc(b.values(c), func(v value) bool { return counts(&v) }) {
		chosen = nil // clauses behind this one chose the elements
	}
	if c.absent && len(c.tests) == 0 {
		b.found(r, c, counts)
		first := r.Found[0]
		r.Reason, r.weight = MustBeAbsent, 0.3
		r.Near = &Near{Hint: HintPresent, Path: first.At, Text: "there is " + first.Value}
		if first.Value == "null" {
			r.Near.Text += ", which is a value"
		}
		return
	}
	entries, values := b.origin.entries[c.index], b.values(c)
	if len(entries) > maxTried || len(values) > maxTried {
		b.note(fmt.Sprintf("of some clauses only the first %d entries and values were compared", maxTried))
	}
	var best miss
	var closest *value
	tried := 0
	for i := range values {
		v := &values[i]
		if !counts(v) {
			continue
		}
		if tried++; tried > maxTried {
			break
		}
		for _, e := range entries[:min(len(entries), maxTried)] {
			if len(e.tests) == 0 {
				continue
			}
			if m := b.compare(e, v); closest == nil || m.weight > best.weight {
				best, closest = m, v
			}
		}
	}
	if closest == nil { // cut, or only an exists:false stood among the first entries
		closest = &values[0]
		best = miss{reason: ValueDiffers}
	}
	r.Reason, r.weight = best.reason, best.weight
	if best.Text != "" {
		near := best.Near
		r.Near = &near
	}
	b.found(r, c, func(v *value) bool { return v == closest })
}

// at returns the path of a value with the indices of the elements around it.
func (b *branches) at(path string, element int32) string {
	type mark struct{ offset, index int }
	var marks []mark
	for at := element; at >= 0; at = b.facts.elements[at].parent {
		el := &b.facts.elements[at]
		marks = append(marks, mark{len(b.facts.arrays[el.array]), int(el.index)})
	}
	for _, m := range marks { // from the inside, so offsets stay right
		path = path[:m.offset] + "[" + strconv.Itoa(m.index) + "]" + path[m.offset:]
	}
	return path
}

// element names the innermost element around a value.
func (b *branches) element(path string, element int32) string {
	if element < 0 {
		return cut(path)
	}
	array := string(b.facts.arrays[b.facts.elements[element].array])
	return cut(b.at(array, element))
}

// array names an array that is around an element.
func (b *branches) array(array, element int32) string {
	for b.facts.elements[element].array != array {
		element = b.facts.elements[element].parent
	}
	return cut(b.at(string(b.facts.arrays[array]), b.facts.elements[element].parent))
}

// show returns a value as JSON, cut.
func (v *value) show() string {
	switch v.kind {
	case kindString:
		return quote(string(v.text))
	case kindNumber:
		return cut(string(v.text))
	case kindTrue:
		return "true"
	case kindFalse:
		return "false"
	}
	return "null"
}

// quote returns a text as JSON, cut, with control characters and others that do
// not show escaped.
func quote(s string) string {
	out := []byte{'"'}
	for _, r := range cut(s) {
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r == '\n':
			out = append(out, `\n`...)
		case r == '\t':
			out = append(out, `\t`...)
		case unicode.IsPrint(r):
			out = utf8.AppendRune(out, r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return string(append(out, '"'))
}

// cut shortens a text to what is shown.
func cut(s string) string { return cutTo(s, maxText) }

// cutTo shortens a text to n bytes and a mark, at the end of a character.
func cutTo(s string, n int) string {
	if len(s) <= n {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.ToValidUTF8(s[:n], "\uFFFD") + "…"
}
