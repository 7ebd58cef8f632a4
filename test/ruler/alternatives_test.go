package ruler_test

import (
	"slices"
	"strings"
)

// alternatives splits a pattern: an event matches it if and only if it matches
// one of them, each of which has one entry in every leaf and no $or.
func (n node) alternatives() []node {
	out := []node{{open: '{'}}
	for i, kid := range n.kids {
		var next []node
		for _, before := range out {
			for _, with := range choices(n.keys[i], kid) {
				next = append(next, before.and(with))
			}
		}
		out = next
	}
	return out
}

// choices are the objects one of which stands for the field key of a pattern.
func choices(key string, kid node) []node {
	var out []node
	switch {
	case key == "$or" && kid.open == '[':
		for _, branch := range kid.kids {
			out = append(out, branch.alternatives()...)
		}
	case kid.open == '{':
		for _, a := range kid.alternatives() {
			out = append(out, node{open: '{', keys: []string{key}, kids: []node{a}})
		}
	default:
		for _, entry := range kid.kids {
			leaf := node{open: '[', kids: []node{entry}}
			out = append(out, node{open: '{', keys: []string{key}, kids: []node{leaf}})
		}
	}
	return out
}

// and is an object with the fields of both.
func (n node) and(m node) node {
	return node{open: '{', keys: slices.Concat(n.keys, m.keys), kids: slices.Concat(n.kids, m.kids)}
}

// withoutNumbers is the value with a text for each number, and with nothing that
// is an address of IPv6.
func (n node) withoutNumbers() node {
	n.kids = slices.Clone(n.kids)
	for i, kid := range n.kids {
		n.kids[i] = kid.withoutNumbers()
	}
	switch {
	case n.open != 0:
	case strings.ContainsAny(n.raw[:1], "-0123456789"):
		n.raw = `"no number"`
	case strings.Contains(n.raw, ":"):
		n.raw = strings.TrimSuffix(n.raw, `"`) + `!"`
	}
	return n
}
