package transform

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// path is a JSON path in the subset that EventBridge knows: names behind dots,
// made of letters, digits, dashes, underscores and slashes; indices of arrays;
// and * for all members or elements.
type path struct {
	steps []step
	many  bool // there is a *, so what is found is a list
	bad   bool // not a path; it leads nowhere
}

// step leads from a value to some of the values in it.
type step struct {
	kind  stepKind
	name  string
	index int
}

type stepKind uint8

const (
	byName stepKind = iota
	byIndex
	allMembers  // .*
	allElements // [*]
)

// parsePath never fails, because AWS does not refuse anything either: what is not
// a path finds nothing.
func parsePath(text string) path {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return path{bad: true}
	}
	var p path
	for rest != "" {
		var s step
		if s, rest, ok = nextStep(rest); !ok {
			return path{bad: true}
		}
		p.steps = append(p.steps, s)
		p.many = p.many || s.kind >= allMembers
	}
	return p
}

func nextStep(text string) (s step, rest string, ok bool) {
	switch text[0] {
	case '.':
		end := strings.IndexAny(text[1:], ".[")
		if end < 0 {
			end = len(text) - 1
		}
		name, rest := text[1:end+1], text[end+1:]
		if name == "*" {
			return step{kind: allMembers}, rest, true
		}
		return step{kind: byName, name: name}, rest, isName(name)
	case '[':
		inside, rest, ok := strings.Cut(text[1:], "]")
		if !ok {
			return step{}, "", false
		}
		if inside == "*" {
			return step{kind: allElements}, rest, true
		}
		n, err := strconv.ParseUint(inside, 10, 31)
		return step{kind: byIndex, index: int(n)}, rest, err == nil
	}
	return step{}, "", false
}

func isName(s string) bool {
	for _, c := range s {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) && c != '-' && c != '_' && c != '/' {
			return false
		}
	}
	return s != ""
}

// find returns the value at the path, nil if there is none. Values of a path with
// * come as a list, if there is at least one. doc has to be valid JSON without
// white space around it.
func (p *path) find(doc json.RawMessage) json.RawMessage {
	if p.bad {
		return nil
	}
	found := []json.RawMessage{doc}
	for _, s := range p.steps {
		var next []json.RawMessage
		for _, v := range found {
			next = s.from(v, next)
		}
		found = next
	}
	if len(found) == 0 {
		return nil
	}
	if !p.many {
		return found[0]
	}
	list := []byte{'['}
	for i, v := range found {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, v...)
	}
	return append(list, ']')
}

// from appends the values that the step leads to from v.
func (s step) from(v json.RawMessage, out []json.RawMessage) []json.RawMessage {
	switch s.kind {
	case byName:
		var last json.RawMessage // of several equal names, the last one counts
		for name, value := range members(v) {
			if name == s.name {
				last = value
			}
		}
		if last != nil {
			out = append(out, last)
		}
	case byIndex:
		n := 0
		for value := range elements(v) {
			if n == s.index {
				return append(out, value)
			}
			n++
		}
	case allMembers:
		for _, value := range members(v) {
			out = append(out, value)
		}
	case allElements:
		out = slices.AppendSeq(out, elements(v))
	}
	return out
}
