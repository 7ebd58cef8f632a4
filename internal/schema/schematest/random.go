// Package schematest makes schemas and values for tests.
package schematest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"stormbus/internal/schema"
)

// Names returns names of fields of all sorts, as documents of strangers have them.
func Names() []string {
	return []string{
		"id", "class", "a-b", "1st", "", "é", "x/y", "t~0", "\"", "\\", "🎫", "line\nbreak", "Total", "total", "seats", "email", "str", "from_dict", "model_dump", "__class__", "None",
	}
}

// Random returns a schema that is nested at most so deep. [schema.Parse] reads back
// what it is written as.
func Random(r *rand.Rand, depth int) schema.Schema {
	kinds := []schema.Kind{schema.Any, schema.String, schema.Integer, schema.Number, schema.Boolean, schema.Array, schema.Object}
	if depth == 0 {
		kinds = kinds[:5]
	}
	s := schema.Schema{Kind: kinds[r.IntN(len(kinds))], Personal: r.IntN(9) == 0}
	if r.IntN(4) == 0 {
		s.Description = `it's "<this>" \ and 🎭`
	}
	s.Nullable = s.Kind != schema.Any && r.IntN(4) == 0
	switch s.Kind {
	case schema.String:
		randomText(r, &s)
	case schema.Integer, schema.Number:
		if r.IntN(2) == 0 {
			low := float64(r.IntN(100)) - 50
			s.Minimum = &low
			if r.IntN(2) == 0 {
				high := low + float64(r.IntN(5))
				s.Maximum = &high
			}
		}
	case schema.Array:
		items := Random(r, depth-1)
		s.Items = &items
		if r.IntN(2) == 0 {
			low := int64(r.IntN(4))
			high := low + int64(r.IntN(3))
			s.MinItems, s.MaxItems = &low, &high
		}
	case schema.Object:
		names := Names()
		for _, i := range r.Perm(len(names))[:r.IntN(6)] {
			s.Fields = append(s.Fields, schema.Field{Name: names[i], Required: r.IntN(2) == 0, Schema: Random(r, depth-1)})
		}
	}
	return s
}

func randomText(r *rand.Rand, s *schema.Schema) {
	switch r.IntN(5) {
	case 0:
		s.Format = []string{"uuid", "uri", "date-time", "date", "email"}[r.IntN(5)]
	case 1:
		for i := range 1 + r.IntN(3) {
			s.Enum = append(s.Enum, fmt.Sprint(Names()[r.IntN(len(Names()))], i))
		}
	case 2:
		s.Pattern = []string{`^[A-Z]{3}$`, `^\d+(\.\d{2})?$`, `a|b`, `^(?:x-)?[^a-z\n]+$`}[r.IntN(4)]
	case 3:
		low := int64(r.IntN(20))
		high := low + int64(r.IntN(20))
		s.MinLength, s.MaxLength = &low, &high
	}
}

// Mutated returns a value that differs from one that encoding/json decoded, in one
// place: it may be valid as well as not.
func Mutated(r *rand.Rand, value any) any {
	switch value := value.(type) {
	case []any:
		if len(value) > 0 && r.IntN(3) > 0 {
			i := r.IntN(len(value))
			changed := slices.Clone(value)
			changed[i] = Mutated(r, value[i])
			return changed
		}
	case map[string]any:
		names := slices.Sorted(maps.Keys(value))
		if len(names) == 0 || r.IntN(8) == 0 {
			break
		}
		name := names[r.IntN(len(names))]
		changed := maps.Clone(value)
		if r.IntN(4) == 0 {
			delete(changed, name)
		} else {
			changed[name] = Mutated(r, value[name])
		}
		return changed
	}
	others := []any{
		nil, true, "", "a", "ABC", "ABC\n", "b\nb", "x-Z", "🎫🎫", "12.50", "1٣", "2024-02-29", "2023-02-29", "2024-02-29T23:59:59Z", "2024-02-29T24:00:00Z",
		"2024-01-01T00:00:00+24:30", "2024-01-01t00:00:00.123456789z", "a@b", "a@b ", "urn:x", "urn:\u00a0", "3F2504E0-4f89-41d3-9a0c-0305e82c3301", 0.0, 1.0, 1.5, -7.0, 1e300,
		[]any{},
		[]any{"a"},
		[]any{1.0, nil},
		map[string]any{},
		map[string]any{"id": 1.0},
	}
	return others[r.IntN(len(others))]
}
