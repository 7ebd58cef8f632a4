package pattern

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// missing reports a clause at whose path the event has no value.
func (b *branches) missing(r *ClauseReport, path string) {
	s := b.surveyed()
	r.Reason, r.weight = MissingPath, 0.1
	if p := s.at(path); p != nil && !p.leaf {
		r.Reason, r.weight = WrongType, 0.2
		text := "there is an empty array, which has no value"
		if p.object {
			text = s.inObject(path)
		}
		r.Near = &Near{Hint: HintContainer, Path: cut(path), Text: text}
		return
	}
	for _, find := range []func(*survey, string) (*Near, float64){b.inString, b.otherCase, b.otherSpelling, b.nested, b.similar, b.inOtherString, b.parent} {
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
		if p := s.at(path[:i]); p != nil && b.holds(p, path) {
			text := cut(p.path) + " is a string that holds JSON; a pattern does not look into strings: publish it as an object"
			return &Near{Hint: HintJSONInString, Path: cut(p.path), Text: text}, 0.6
		}
	}
	return nil, 0
}

// inOtherString finds the last names of the path inside a string that holds JSON
// and stands elsewhere, such as the body of a message.
func (b *branches) inOtherString(s *survey, path string) (*Near, float64) {
	for i := range s.spots {
		for rest, found := path, true; found; _, rest, found = strings.Cut(rest, ".") {
			if p := &s.spots[i]; b.holds(p, p.path+"."+rest) {
				text := fmt.Sprintf("%s is a string that holds JSON with %s; a pattern does not look into strings", cut(p.path), cut(rest))
				return &Near{Hint: HintElsewhere, Path: cut(p.path), Text: text}, 0.4
			}
		}
	}
	return nil, 0
}

// holds reports whether a string holds JSON with a value at a path.
func (b *branches) holds(p *spot, path string) bool {
	if p.json == "" || !b.spend(len(p.json)) {
		return false
	}
	var inside survey
	inside.read(p.path, []byte(p.json))
	found := inside.at(path)
	return found != nil && found.leaf
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

// nested finds a path that has all names of the other one and some more, or that
// ends with the same name below another parent. Those in the same part of the
// event come first.
func (b *branches) nested(s *survey, path string) (*Near, float64) {
	names := strings.Split(path, ".")
	var best *spot
	least := math.MaxInt
	for i := range s.spots {
		p := &s.spots[i]
		if !p.leaf || p.path == path || !b.spend(1) || !strings.HasSuffix(p.path, names[len(names)-1]) {
			continue
		}
		if far := moved(names, strings.Split(p.path, ".")); far > 0 && far < least {
			best, least = p, far
		}
	}
	if best == nil {
		return nil, 0
	}
	return &Near{Hint: HintNesting, Path: cut(best.path), Text: theEventHas(best.path)}, 0.6
}

// moved says how far apart two places of the same name are: names to add or to
// leave out count 2, another parent or another part of the event 1 more. It
// returns 0 if they have too little in common.
func moved(names, others []string) int {
	last := len(names) - 1
	diff := max(len(names)-len(others), len(others)-len(names))
	if diff > maxNesting || others[len(others)-1] != names[last] {
		return 0
	}
	const name = 2
	if diff == 0 {
		differ := 0
		for i := range names {
			if names[i] != others[i] {
				differ++
			}
		}
		if differ != 1 || names[0] != others[0] {
			return 0
		}
		return name + 1
	}
	if !within(names, others) && !within(others, names) {
		return 0
	}
	far := diff * name
	if names[0] != others[0] {
		far++
	}
	return far
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

// otherSpelling finds a path that differs in case, hyphens and underscores only,
// as detailType and detail-type do.
func (b *branches) otherSpelling(s *survey, path string) (*Near, float64) {
	if !b.spend(len(path)) {
		return nil, 0
	}
	want := spelled(path)
	for i := range s.spots {
		p := &s.spots[i]
		if p.leaf && p.path != path && b.spend(len(p.path)) && spelled(p.path) == want {
			n, _ := b.distance(path, p.path)
			return &Near{Hint: HintOtherPath, Path: cut(p.path), Distance: float64(n), Text: theEventHas(p.path)}, 0.8
		}
	}
	return nil, 0
}

func spelled(path string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(path))
}

// similar finds the path with the fewest different characters, if they are few
// in what stands below detail.
func (b *branches) similar(s *survey, path string) (*Near, float64) {
	var best *spot
	least := min(max(fewEdits, len(path)/4), len(strings.TrimPrefix(path, "detail."))/2) + 1
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
	}, 0.9 * (1 - float64(least)/float64(len(path)))
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

// inObject says that an object stands at a path, and which value in it could be
// asked for.
func (s *survey) inObject(path string) string {
	const text = "there is an object, and a pattern asks for the values in it"
	for i := range s.spots {
		if p := &s.spots[i]; p.leaf && strings.HasPrefix(p.path, path+".") {
			return text + ", such as " + cut(p.path)
		}
	}
	return text + "; it has none"
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
