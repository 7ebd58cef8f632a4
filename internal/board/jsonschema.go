package board

import "encoding/json"

// JSONSchema returns the JSON Schema (draft 7) of the file's format, for
// editors: it completes keys and says what they are. It is made of the same
// grammar that [Parse] follows, and is looser where a schema cannot say it.
func JSONSchema() []byte {
	top := map[string]any{}
	for _, r := range head {
		top[r.name] = r.json()
	}
	for i := range sections {
		s := &sections[i]
		top[s.name] = map[string]any{
			"description":          s.about,
			"type":                 []string{"object", "null"},
			"additionalProperties": fieldsSchema(s.fields, []string{"object", "null"}),
		}
	}
	whole := map[string]any{
		"$schema":              "http://json-schema.org/draft-07/schema#",
		"title":                "storm.yaml",
		"description":          "A storming board of stormbus.",
		"type":                 "object",
		"properties":           top,
		"additionalProperties": false,
	}
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		panic(err) // maps of texts can be marshalled
	}
	return append(text, '\n')
}

func fieldsSchema(fields []rule, types any) map[string]any {
	properties := map[string]any{}
	for _, r := range fields {
		properties[r.name] = r.json()
	}
	return map[string]any{"type": types, "properties": properties, "additionalProperties": false}
}

// json is the schema of a field.
func (r rule) json() map[string]any {
	m := map[string]any{}
	switch r.kind {
	case number:
		m = map[string]any{"type": "integer", "minimum": 0}
	case truth:
		m["type"] = "boolean"
	case choice:
		m["enum"] = r.choices
	case names:
		m = map[string]any{"type": "array", "items": map[string]any{"type": "string"}, "uniqueItems": true}
		if len(r.to) == 0 {
			m["items"] = map[string]any{"enum": r.besides}
		}
	case glossary:
		m = map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}}
	case schema, object:
		m["type"] = "object"
	case record:
		m = fieldsSchema(r.fields, "object")
	default:
		m["type"] = "string"
	}
	m["description"] = r.about
	return m
}
