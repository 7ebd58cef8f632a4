package schema_test

import (
	"fmt"
	"math/rand/v2"

	"stormbus/internal/schema"
)

// names are field names of all sorts, as documents of strangers have them.
var names = []string{"id", "class", "a-b", "1st", "", "é", "x/y", "t~0", "\"", "\\", "🎫", "line\nbreak", "Total", "total", "seats", "email"}

// random is a schema that Parse reads back from JSON Schema.
func random(r *rand.Rand, depth int) schema.Schema {
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
		items := random(r, depth-1)
		s.Items = &items
		if r.IntN(2) == 0 {
			low := int64(r.IntN(4))
			high := low + int64(r.IntN(3))
			s.MinItems, s.MaxItems = &low, &high
		}
	case schema.Object:
		for _, i := range r.Perm(len(names))[:r.IntN(6)] {
			s.Fields = append(s.Fields, schema.Field{Name: names[i], Required: r.IntN(2) == 0, Schema: random(r, depth-1)})
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
			s.Enum = append(s.Enum, fmt.Sprint(names[r.IntN(len(names))], i))
		}
	case 2:
		s.Pattern = []string{`^[A-Z]{3}$`, `^\d+(\.\d{2})?$`, `a|b`, `^(?:x-)?[^a-z\n]+$`}[r.IntN(4)]
	case 3:
		low := int64(r.IntN(20))
		high := low + int64(r.IntN(20))
		s.MinLength, s.MaxLength = &low, &high
	}
}
