package wire

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"stormbus/internal/shape"
)

// notNull is the constraint of required members and of all elements.
const notNull = "Member must not be null"

// rule is what a model demands of the values of one shape.
type rule struct {
	shape    *shape.Shape
	min, max *float64
	matches  func() func(text string) bool // nil if there is no pattern
}

// ruleOf returns the rule of s, or nil if it has none.
func (p *planner) ruleOf(s *shape.Shape) *rule {
	if r, ok := p.rules[s]; ok {
		return r
	}
	r := &rule{shape: s, min: limit(s.Min), max: limit(s.Max)}
	if s.Pattern != "" && s.Kind == shape.String {
		r.matches = sync.OnceValue(func() func(string) bool { return compilePattern(s.Pattern) })
	}
	if r.min == nil && r.max == nil && r.matches == nil && len(s.Enum) == 0 {
		r = nil
	}
	p.rules[s] = r
	return r
}

func limit(text string) *float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil
	}
	return &f
}

// A text that is longer than this, and than its rule allows, is not matched
// against a pattern: that would only cost time.
const maxMatched = 64 << 10

// broken returns the constraints that v breaks, in AWS's order: pattern,
// length, enumeration.
func (r *rule) broken(v reflect.Value) []string {
	var found []string
	size, limited := r.size(v)
	tooLarge := limited && r.max != nil && size > *r.max
	if r.matches != nil && !(tooLarge && size > maxMatched) && !r.matches()(v.String()) {
		found = append(found, r.patternText())
	}
	if limited {
		if tooLarge {
			found = append(found, r.maxText())
		}
		if r.min != nil && size < *r.min {
			found = append(found, r.minText())
		}
	}
	if len(r.shape.Enum) > 0 && !slices.Contains(r.shape.Enum, v.String()) {
		found = append(found, r.enumText())
	}
	return found
}

// size is what a rule's limits count.
func (r *rule) size(v reflect.Value) (float64, bool) {
	if r.min == nil && r.max == nil {
		return 0, false
	}
	switch r.shape.Kind {
	case shape.String:
		return float64(utf8.RuneCountInString(v.String())), true
	case shape.List, shape.Map, shape.Blob:
		return float64(v.Len()), true
	case shape.Integer, shape.Long:
		return float64(v.Int()), true
	case shape.Float, shape.Double:
		return v.Float(), true
	}
	return 0, false
}

// texts lists all constraints of r, as AWS does where it does not say which
// element of a list breaks which of them.
func (r *rule) texts() string {
	var all []string
	if r.max != nil {
		all = append(all, r.maxText())
	}
	if r.min != nil {
		all = append(all, r.minText())
	}
	if r.matches != nil {
		all = append(all, r.patternText())
	}
	if len(r.shape.Enum) > 0 {
		all = append(all, r.enumText())
	}
	return "[" + strings.Join(append(all, notNull), ", ") + "]"
}

func (r *rule) patternText() string {
	return "Member must satisfy regular expression pattern: " + r.shape.Pattern
}

func (r *rule) enumText() string {
	return "Member must satisfy enum value set: [" + strings.Join(r.shape.Enum, ", ") + "]"
}

func (r *rule) maxText() string {
	return "Member must have " + r.measure() + " less than or equal to " + r.number(r.shape.Max)
}

func (r *rule) minText() string {
	return "Member must have " + r.measure() + " greater than or equal to " + r.number(r.shape.Min)
}

func (r *rule) measure() string {
	switch r.shape.Kind {
	case shape.Integer, shape.Long, shape.Float, shape.Double:
		return "value"
	}
	return "length"
}

// number is a limit as Java prints it.
func (r *rule) number(text string) string {
	if (r.shape.Kind == shape.Float || r.shape.Kind == shape.Double) && !strings.Contains(text, ".") {
		return text + ".0"
	}
	return text
}
