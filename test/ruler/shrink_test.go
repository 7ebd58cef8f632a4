package ruler_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// shrink makes the pattern and the event of a difference smaller, one step at a
// time, as long as the answers still differ in the same way and no row of the
// table explains them. A difference of three clauses is understood in minutes,
// one of twenty is not.
func shrink(t *testing.T, d difference) pair {
	t.Helper()
	for {
		var smaller []difference
		questions := steps(d.q)
		for i, theirs := range ask(t, questions) {
			s := difference{q: questions[i], ours: judge(t, questions[i]), theirs: theirs}
			if s.ours == d.ours && s.theirs == d.theirs {
				smaller = append(smaller, s)
			}
		}
		explain(t, smaller)
		smaller = slices.DeleteFunc(smaller, func(s difference) bool { return s.why != "" })
		if len(smaller) == 0 {
			return d.q
		}
		d = slices.MinFunc(smaller, func(a, b difference) int { return size(a.q) - size(b.q) })
	}
}

func size(q pair) int { return len(q.Pattern) + len(q.Event) }

// steps are the pairs one step smaller than q.
func steps(q pair) []pair {
	var out []pair
	for _, p := range parse(q.Pattern).smaller() {
		out = append(out, pair{Pattern: p.String(), Event: q.Event})
	}
	for _, e := range parse(q.Event).smaller() {
		out = append(out, pair{Pattern: q.Pattern, Event: e.String()})
	}
	return slices.DeleteFunc(out, func(s pair) bool {
		return size(s) >= size(q) || s.Pattern[0] != '{' || s.Event[0] != '{'
	})
}

// node is a JSON value that keeps the order and the repetitions of keys.
type node struct {
	open byte     // '{', '[' or 0 for a scalar
	raw  string   // of a scalar, as it is spelt
	keys []string // of an object
	kids []node
}

// parse reads JSON that is known to be valid.
func parse(text string) node {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	return value(d, text)
}

func value(d *json.Decoder, text string) node {
	from := d.InputOffset()
	token, err := d.Token()
	if err != nil {
		panic(err)
	}
	open, ok := token.(json.Delim)
	if !ok {
		return node{raw: strings.TrimLeft(text[from:d.InputOffset()], " \t\r\n,:")}
	}
	n := node{open: byte(open)}
	for d.More() {
		if open == '{' {
			key, _ := d.Token()
			n.keys = append(n.keys, key.(string))
		}
		n.kids = append(n.kids, value(d, text))
	}
	_, _ = d.Token()
	return n
}

// smaller are the values one step smaller than n: without a child, with a child
// in its own place, with a shorter string.
func (n node) smaller() []node {
	if n.open == 0 {
		return shorter(n.raw)
	}
	var out []node
	for i, kid := range n.kids {
		out = append(out, n.without(i))
		if kid.open != 0 {
			out = append(out, kid)
		}
		for _, s := range kid.smaller() {
			c := n
			c.kids = slices.Clone(n.kids)
			c.kids[i] = s
			out = append(out, c)
		}
	}
	return out
}

func (n node) without(i int) node {
	c := n
	c.kids = slices.Delete(slices.Clone(n.kids), i, i+1)
	if n.open == '{' {
		c.keys = slices.Delete(slices.Clone(n.keys), i, i+1)
	}
	return c
}

// shorter are the strings with one character less than the string raw; numbers
// become 1.
func shorter(raw string) []node {
	var s string
	if json.Unmarshal([]byte(raw), &s) != nil {
		return []node{{raw: "1"}}
	}
	var out []node
	for i, r := range s {
		out = append(out, node{raw: quote(s[:i] + s[i+len(string(r)):])})
	}
	return out
}

func (n node) String() string {
	if n.open == 0 {
		return n.raw
	}
	var b bytes.Buffer
	b.WriteByte(n.open)
	for i, kid := range n.kids {
		if i > 0 {
			b.WriteByte(',')
		}
		if n.open == '{' {
			b.WriteString(quote(n.keys[i]) + ":")
		}
		b.WriteString(kid.String())
	}
	b.WriteByte(n.open + 2) // the closing one of either kind
	return b.String()
}

func quote(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0xFFFD }) {
		return strconv.QuoteToASCII(s)
	}
	text, _ := json.Marshal(s)
	return string(text)
}
