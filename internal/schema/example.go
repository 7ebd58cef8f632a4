package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Example returns a value that the schema describes, as encoding/json decodes
// it. It looks as real as the names of the fields allow, the same schema gives
// the same value, and it is valid, unless it has a pattern that only luck would
// meet: [Schema.Validate] tells.
func (s Schema) Example() any { return s.example("", "") }

// example makes a value for the field of that name. path makes ids differ.
func (s *Schema) example(name, path string) any {
	switch s.Kind {
	case String:
		return s.exampleText(name, path)
	case Integer, Number:
		return s.exampleNumber(name)
	case Boolean:
		return true
	case Array:
		items := []any{}
		for i := range s.exampleLength() {
			items = append(items, s.Items.example(singular(name), fmt.Sprintf("%s/%d", path, i)))
		}
		return items
	case Object:
		object := map[string]any{}
		for _, f := range s.Fields {
			object[f.Name] = f.Schema.example(f.Name, path+"/"+f.Name)
		}
		return object
	}
	return map[string]any{}
}

// maxExample is how many items or characters an example has at most, unless
// its schema wants more.
const maxExample = 2

func (s *Schema) exampleLength() int64 {
	n := int64(maxExample)
	if s.Items.Kind == Array || s.Items.Kind == Object {
		n = 1 // or the example of a deep schema would be huge
	}
	if s.MaxItems != nil {
		n = min(n, *s.MaxItems)
	}
	if s.MinItems != nil {
		n = max(n, min(*s.MinItems, 1000))
	}
	return n
}

func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies"):
		return strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "ss"):
		return name
	}
	return strings.TrimSuffix(name, "s")
}

func (s *Schema) exampleNumber(name string) any {
	f := 42.5
	for _, known := range []struct {
		word  string
		value float64
	}{{"amount", 24.5}, {"price", 24.5}, {"total", 49}, {"count", 3}, {"quantity", 2}, {"year", 2025}, {"age", 34}, {"percent", 15}} {
		if strings.Contains(strings.ToLower(name), known.word) {
			f = known.value
			break
		}
	}
	low, high := math.Inf(-1), math.Inf(1)
	if s.Minimum != nil {
		low = *s.Minimum
	}
	if s.Maximum != nil {
		high = *s.Maximum
	}
	if s.Kind == Integer {
		f, low, high = math.Trunc(f), math.Ceil(low), math.Floor(high)
	}
	return max(low, min(f, high))
}

func (s *Schema) exampleText(name, path string) string {
	candidates := append(slices.Clone(s.Enum), textsFor(s.Format, name, path)...)
	if s.Pattern != "" {
		candidates = append(candidates, matching(s.Pattern, s.MinLength)...)
	}
	for _, text := range candidates {
		if len(s.Validate(text)) == 0 {
			return text
		}
	}
	return s.fit(candidates[0])
}

// fit brings a text to the length that the schema wants.
func (s *Schema) fit(text string) string {
	runes := []rune(text)
	for s.MinLength != nil && int64(len(runes)) < min(*s.MinLength, 10_000) {
		runes = append(runes, 'x')
	}
	if s.MaxLength != nil && int64(len(runes)) > *s.MaxLength {
		runes = runes[:*s.MaxLength]
	}
	return string(runes)
}

// byName are texts for fields whose name has a word in it.
var byName = []struct{ word, text string }{
	{"currency", "EUR"},
	{"country", "FR"},
	{"language", "en"},
	{"email", "ada@example.com"},
	{"phone", "+44 20 7946 0000"},
	{"first_name", "Ada"},
	{"last_name", "Lovelace"},
	{"film", "Metropolis"},
	{"title", "Metropolis"},
	{"seat", "A1"},
	{"reason", "card declined"},
	{"street", "1 Main Street"},
	{"city", "Lyon"},
	{"zip", "69001"},
	{"status", "open"},
	{"url", "https://example.com/1"},
	{"name", "Ada Lovelace"},
	{"id", "id-1"},
}

func textsFor(format, name, path string) []string {
	sum := sha256.Sum256([]byte(path))
	digits := hex.EncodeToString(sum[:16])
	switch format {
	case "uuid":
		return []string{fmt.Sprintf("%s-%s-4%s-8%s-%s", digits[:8], digits[8:12], digits[13:16], digits[17:20], digits[20:])}
	case "uri":
		return []string{"https://example.com/" + strings.Trim(path, "/"), "https://example.com/1", "a:b"}
	case "email":
		return []string{"ada@example.com", "a@b"}
	case "date":
		return []string{"2025-01-14"}
	case "date-time":
		return []string{"2025-01-14T19:30:00Z"}
	}
	var all []string
	for _, known := range byName {
		if strings.Contains(strings.ToLower(name), known.word) {
			text := known.text
			if known.word == "seat" {
				text = "A" + fmt.Sprint(1+int(sum[0])%20)
			}
			all = append(all, text)
			break
		}
	}
	return append(all, orElse(strings.ReplaceAll(name, "_", " "), "text"))
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
