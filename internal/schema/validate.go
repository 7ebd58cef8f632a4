package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Problem is one way in which a value is not what its schema says.
type Problem struct {
	Pointer string `json:"pointer"` // RFC 6901; "" for the whole value
	Message string `json:"message"`
}

// String gives the problem in one line.
func (p Problem) String() string {
	if p.Pointer == "" {
		return p.Message
	}
	return p.Pointer + ": " + p.Message
}

// maxProblems is how many problems of one value are told.
const maxProblems = 20

// Validate returns how a value, as encoding/json decodes it, differs from its
// schema: nothing if it is valid. At most twenty problems are told.
func (s Schema) Validate(value any) []Problem {
	v := &validator{}
	v.value(&s, value, "")
	return v.problems[:min(len(v.problems), maxProblems)]
}

type validator struct{ problems []Problem }

func (v *validator) add(pointer, format string, args ...any) {
	v.problems = append(v.problems, Problem{pointer, fmt.Sprintf(format, args...)})
}

func (v *validator) value(s *Schema, value any, at string) {
	if len(v.problems) > maxProblems || s.Kind == Any || value == nil && s.Nullable {
		return
	}
	kind := kindOf(value)
	if kind != s.Kind && (kind != Integer || s.Kind != Number) {
		v.add(at, "it is %s and must be %s", articled(kind), articled(s.Kind))
		return
	}
	switch value := value.(type) {
	case string:
		v.text(s, value, at)
	case []any:
		v.array(s, value, at)
	case map[string]any:
		v.object(s, value, at)
	case bool:
	default:
		v.number(s, value, at)
	}
}

// kindOf is the kind of a value; "null" of nil, "" of what is no JSON.
func kindOf(value any) Kind {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return String
	case bool:
		return Boolean
	case []any:
		return Array
	case map[string]any:
		return Object
	}
	f, ok := numberOf(value)
	switch {
	case !ok:
		return ""
	case f == math.Trunc(f) && !math.IsInf(f, 0):
		return Integer
	}
	return Number
}

func numberOf(value any) (float64, bool) {
	switch value := value.(type) {
	case float64:
		return value, true
	case json.Number:
		f, err := value.Float64()
		return f, err == nil
	case int:
		return float64(value), true
	case int64:
		return float64(value), true
	}
	return 0, false
}

func articled(kind Kind) string {
	switch kind {
	case "null":
		return "null"
	case "":
		return "no JSON"
	case Array, Object, Integer:
		return "an " + string(kind)
	}
	return "a " + string(kind)
}

func (v *validator) text(s *Schema, value, at string) {
	length := int64(utf8.RuneCountInString(value))
	if s.Enum != nil && !slices.Contains(s.Enum, value) {
		v.add(at, "it must be one of %s", strings.Join(s.Enum, ", "))
	}
	if !hasFormat(s.Format, value) {
		v.add(at, "it must be of the format %s", s.Format)
	}
	if s.MinLength != nil && length < *s.MinLength {
		v.add(at, "it must have at least %d characters", *s.MinLength)
	}
	if s.MaxLength != nil && length > *s.MaxLength {
		v.add(at, "it must have at most %d characters", *s.MaxLength)
	}
	if s.Pattern == "" {
		return
	}
	switch pattern, err := regexp.Compile(s.Pattern); {
	case err != nil:
		v.add(at, "its pattern is not legal: %v", err)
	case !pattern.MatchString(value):
		v.add(at, "it must match %s", s.Pattern)
	}
}

func (v *validator) number(s *Schema, value any, at string) {
	f, _ := numberOf(value)
	if s.Minimum != nil && f < *s.Minimum {
		v.add(at, "it must be at least %v", *s.Minimum)
	}
	if s.Maximum != nil && f > *s.Maximum {
		v.add(at, "it must be at most %v", *s.Maximum)
	}
}

func (v *validator) array(s *Schema, value []any, at string) {
	if s.MinItems != nil && int64(len(value)) < *s.MinItems {
		v.add(at, "it must have at least %d items", *s.MinItems)
	}
	if s.MaxItems != nil && int64(len(value)) > *s.MaxItems {
		v.add(at, "it must have at most %d items", *s.MaxItems)
	}
	for i, item := range value {
		v.value(s.Items, item, fmt.Sprintf("%s/%d", at, i))
	}
}

func (v *validator) object(s *Schema, value map[string]any, at string) {
	for i := range s.Fields {
		f := &s.Fields[i]
		member, ok := value[f.Name]
		switch {
		case ok:
			v.value(&f.Schema, member, at+"/"+escape(f.Name))
		case f.Required:
			v.add(at+"/"+escape(f.Name), "it is missing")
		}
	}
}
