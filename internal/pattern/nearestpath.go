package pattern

import (
	"fmt"
	"slices"
	"strings"
)

// missing reports a clause at whose path the event has no value.
func (b *branches) missing(r *ClauseReport, path string) {
	s := b.surveyed()
	r.Reason, r.weight = MissingPath, 0.1
	if p := s.at(path); p != nil && !p.leaf {
		r.Reason, r.weight = WrongType, 0.2
		text := "there is an object, and a pattern asks for the values in it"
		if !p.object {
			text = "there is an empty array, which has no value"
		}
		r.Near = &Near{Hint: HintContainer, Path: cut(path), Text: text}
		return
	}
	for _, find := range []func(*survey, string) (*Near, float64){b.inString, b.otherCase, b.nested, b.similar, b.parent} {
		if !b.spend(1 + len(s.spots)/8) {
			return
		}
		if near, weight := find(s, path); near != nil {
			r.Near, r.weight = near, weight
			return
		}
	}
}

func theEventHas(path string) string { return "the event has " + cut(path) }

// inString finds the path inside a string that holds JSON.
func (b *branches) inString(s *survey, path string) (*Near, float64) {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] != '.' {
			continue
		}
		p := s.at(path[:i])
		if p == nil || p.json == "" || !b.spend(len(p.json)) {
			continue
		}
		var inside survey
		inside.read(path[:i], []byte(p.json))
		if found := inside.at(path); found != nil && found.leaf {
			return &Near{
				Hint: HintJSONInString, Path: cut(path[:i]),
				Text: fmt.Sprintf("%s is a string that holds JSON; a pattern does not look into strings", cut(path[:i])),
			}, 0.6
		}
	}
	return nil, 0
}

// otherCase finds a path that differs in case only.
func (b *branches) otherCase(s *survey, path string) (*Near, float64) {
	for i := range s.spots {
		p := &s.spots[i]
		if p.leaf && p.path != path && len(p.path) == len(path) && b.spend(len(path)) && strings.EqualFold(p.path, path) {
			return &Near{Hint: HintCaseOfKey, Path: cut(p.path), Text: theEventHas(p.path) + ": keys have case"}, 0.8
		}
	}
	return nil, 0
}

// maxNesting is how many names more or less a path may have to be taken for the
// same one, further in or further out.
const maxNesting = 2

// nested finds a path that has all names of the other one and some more.
func (b *branches) nested(s *survey, path string) (*Near, float64) {
	names := strings.Split(path, ".")
	var best *spot
	least := maxNesting + 1
	for i := range s.spots {
		p := &s.spots[i]
		if !p.leaf || !b.spend(1) || !strings.HasSuffix(p.path, names[len(names)-1]) {
			continue
		}
		others := strings.Split(p.path, ".")
		diff := max(len(names)-len(others), len(others)-len(names))
		if diff == 0 || diff >= least || others[len(others)-1] != names[len(names)-1] {
			continue
		}
		if within(names, others) || within(others, names) {
			best, least = p, diff
		}
	}
	if best == nil {
		return nil, 0
	}
	return &Near{Hint: HintNesting, Path: cut(best.path), Text: theEventHas(best.path)}, 0.6
}

// within reports whether few is many with some names left out.
func within(few, many []string) bool {
	for _, name := range few {
		i := slices.Index(many, name)
		if i < 0 {
			return false
		}
		many = many[i+1:]
	}
	return true
}

// similar finds the path with the fewest different characters, if they are few.
func (b *branches) similar(s *survey, path string) (*Near, float64) {
	var best *spot
	least := max(fewEdits, len(path)/4) + 1
	for i := range s.spots {
		p := &s.spots[i]
		if !p.leaf || p.path == path || max(len(p.path)-len(path), len(path)-len(p.path)) >= least {
			continue
		}
		if n, ok := b.distance(path, p.path); ok && n < least {
			best, least = p, n
		}
	}
	if best == nil {
		return nil, 0
	}
	return &Near{
		Hint: HintOtherPath, Path: cut(best.path), Distance: float64(least), Text: theEventHas(best.path),
	}, 0.5
}

// parent finds how much of the path there is, and names what stands there.
func (b *branches) parent(s *survey, path string) (*Near, float64) {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] != '.' {
			continue
		}
		parent := path[:i]
		if p := s.at(parent); p != nil && p.object {
			text := fmt.Sprintf("%s has %s", cut(parent), s.below(parent+"."))
			return &Near{Hint: HintParent, Path: cut(parent), Text: text}, 0.2
		} else if p != nil && p.leaf {
			return &Near{Hint: HintParent, Path: cut(parent), Text: cut(parent) + " is a value and has nothing in it"}, 0.2
		}
	}
	return &Near{Hint: HintParent, Text: "the event has " + s.below("")}, 0.1
}

// below lists the names directly below a path that ends with a dot.
func (s *survey) below(prefix string) string {
	const listed = 6
	var names []string
	more := ""
	for i := range s.spots {
		rest, ok := strings.CutPrefix(s.spots[i].path, prefix)
		name, _, _ := strings.Cut(rest, ".")
		if !ok || rest == "" || slices.Contains(names, name) {
			continue
		}
		if len(names) == listed {
			more = ", …"
			break
		}
		names = append(names, name)
	}
	if names == nil {
		return "nothing in it"
	}
	return cut(strings.Join(names, ", ")) + more
}
