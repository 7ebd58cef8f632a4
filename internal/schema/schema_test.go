package schema_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"stormbus/internal/schema"
	"stormbus/internal/schema/schematest"
)

// equal compares schemas; a pattern of no fields may be nil or empty.
var equal = cmpopts.EquateEmpty()

// eachRandom runs fn with many random schemas.
func eachRandom(t *testing.T, fn func(t *testing.T, r *rand.Rand, s schema.Schema)) {
	t.Helper()
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 7))
		fn(t, r, schematest.Random(r, 4))
		if t.Failed() {
			t.Fatalf("with the seed %d", seed)
		}
	}
}

func TestParseReadsWhatJSONSchemaWrites(t *testing.T) {
	t.Parallel()
	eachRandom(t, func(t *testing.T, _ *rand.Rand, s schema.Schema) {
		t.Helper()
		text := s.JSONSchema()
		got, err := schema.Parse("x.json", text)
		if err != nil {
			t.Fatalf("Parse: %v\n%s", err, text)
		}
		if diff := cmp.Diff(s, got, equal); diff != "" {
			t.Errorf("Parse(JSONSchema(s)) differs (-want +got):\n%s\n%s", diff, text)
		}
	})
}

func TestParseReadsWhatOpenAPIWrites(t *testing.T) {
	t.Parallel()
	eachRandom(t, func(t *testing.T, r *rand.Rand, s schema.Schema) {
		t.Helper()
		text := schema.OpenAPI("cinema.bookings", schematest.Names()[r.IntN(len(schematest.Names()))], 2, s)
		got, err := schema.Parse("x.json", text)
		if err != nil {
			t.Fatalf("Parse: %v\n%s", err, text)
		}
		if diff := cmp.Diff(s, got, equal); diff != "" {
			t.Errorf("Parse(OpenAPI(s)) differs (-want +got):\n%s\n%s", diff, text)
		}
	})
}

func TestExampleIsValid(t *testing.T) {
	t.Parallel()
	eachRandom(t, func(t *testing.T, _ *rand.Rand, s schema.Schema) {
		t.Helper()
		example := s.Example()
		if problems := s.Validate(example); len(problems) > 0 {
			t.Errorf("the example is not valid: %v\n%v\n%s", problems, example, s.JSONSchema())
		}
		if diff := cmp.Diff(example, s.Example()); diff != "" {
			t.Errorf("a second example differs:\n%s", diff)
		}
		// As JSON decodes it: a round trip changes nothing.
		text, err := json.Marshal(example)
		if err != nil {
			t.Fatal(err)
		}
		var again any
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(example, again); diff != "" {
			t.Errorf("the example is not as JSON decodes it:\n%s", diff)
		}
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	one, three := int64(1), int64(3)
	for name, c := range map[string]struct {
		text string
		want schema.Schema
	}{
		"reference": {
			`{"type": "object", "properties": {"a": {"$ref": "#/definitions/A", "description": "first"}, "b": {"$ref": "#/definitions/A"}},
			  "definitions": {"A": {"type": "string", "format": "uuid"}}}`,
			object(field("a", false, schema.Schema{Kind: schema.String, Format: "uuid", Description: "first"}),
				field("b", false, schema.Schema{Kind: schema.String, Format: "uuid"})),
		},
		"$defs, const and an alternative with null, as of pydantic": {
			`{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["kind", "note"],
			  "properties": {"kind": {"const": "a"}, "note": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}], "title": "Note"}},
			  "$defs": {"N": {"type": "integer", "default": 3}}}`,
			object(field("kind", true, schema.Schema{Kind: schema.String, Enum: []string{"a"}}),
				field("note", true, schema.Schema{Kind: schema.Integer, Nullable: true})),
		},
		"required but not described": {`{"required": ["x"], "type": "object"}`, object(field("x", true, schema.Schema{Kind: schema.Any}))},
		"nullable of OpenAPI":        {`{"type": "number", "nullable": true, "format": "double"}`, schema.Schema{Kind: schema.Number, Nullable: true}},
		"array of anything":          {`{"type": "array", "maxItems": 3, "minItems": 1.0}`, schema.Schema{Kind: schema.Array, Items: &schema.Schema{Kind: schema.Any}, MinItems: &one, MaxItems: &three}},
		"true":                       {`true`, schema.Schema{Kind: schema.Any}},
		"detail is a reference": {
			`{"openapi": "3.0.0", "components": {"schemas": {"AWSEvent": {"properties": {"detail": {"$ref": "#/components/schemas/X"}}}, "X": {"type": "string"}}}}`,
			schema.Schema{Kind: schema.String},
		},
		"detail stands in the envelope": {
			`{"openapi": "3.0.0", "components": {"schemas": {"AWSEvent": {"properties": {"detail": {"type": "string"}}}}}}`,
			schema.Schema{Kind: schema.String},
		},
		"the one component Event": {`{"openapi": "3.0.1", "components": {"schemas": {"Event": {"type": "boolean"}}}}`, schema.Schema{Kind: schema.Boolean}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := schema.Parse("x.json", []byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, equal); diff != "" {
				t.Errorf("Parse differs (-want +got):\n%s", diff)
			}
		})
	}
}

func object(fields ...schema.Field) schema.Schema {
	return schema.Schema{Kind: schema.Object, Fields: fields}
}

func field(name string, required bool, s schema.Schema) schema.Field {
	return schema.Field{Name: name, Required: required, Schema: s}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"type":"array","items":`, 300) + "true" + strings.Repeat("}", 300)
	var bomb strings.Builder
	bomb.WriteString(`{"$ref": "#/definitions/a0", "definitions": {`)
	for i := range 30 {
		next := string(rune('a')) + string(rune('0'+i+1))
		bomb.WriteString(`"` + string(rune('a')) + string(rune('0'+i)) + `": {"type": "object", "properties": {"x": {"$ref": "#/definitions/` + next + `"}, "y": {"$ref": "#/definitions/` + next + `"}}}, `)
	}
	bomb.WriteString(`"a` + string(rune('0'+30)) + `": {}}}`)
	for name, c := range map[string]struct{ text, want string }{
		"not JSON":              {"{\n  x", "x.json:2: this is no JSON"},
		"too early":             {"{\n\"type\":", "x.json:2: the JSON ends too early"},
		"two documents":         {"{}\n{}", "x.json:2: something follows the JSON document"},
		"not UTF-8":             {"\"\xff\"", "x.json:1: the document is not UTF-8"},
		"twice":                 {`{"type": "string", "type": "string"}`, "x.json:1: /type: the name is there twice"},
		"no schema":             {`[]`, "x.json:1: this is no schema: a schema is an object"},
		"no type":               {`{"type": "text"}`, "/type: there is no type text"},
		"two types":             {`{"type": ["string", "integer"]}`, "/type: a value of several types cannot be held, except with null"},
		"only null":             {`{"type": "null"}`, "/type: a value that is always null cannot be held"},
		"nothing":               {`false`, "a schema that no value satisfies cannot be held"},
		"oneOf":                 {"{\"type\": \"object\",\n\"properties\": {\"a/b\": {\n\"oneOf\": []}}}", "x.json:3: /properties/a~1b/oneOf: oneOf cannot be held in an event's schema; remove it"},
		"patternProperties":     {`{"type": "object", "patternProperties": {}}`, "/patternProperties: patternProperties cannot be held"},
		"closed":                {`{"type": "object", "additionalProperties": false}`, "/additionalProperties: additionalProperties cannot be held: other fields are always allowed"},
		"without type":          {`{"properties": {}}`, "/properties: properties without a type cannot be held; say its type"},
		"of another type":       {`{"type": "integer", "minLength": 3}`, "/minLength: minLength says nothing about a value of type integer; remove it"},
		"unknown word":          {`{"type": "string", "colour": 1}`, "/colour: colour cannot be held"},
		"format":                {`{"type": "string", "format": "hostname"}`, `/format: the format "hostname" is not known; known are uuid, uri, date-time, date, email`},
		"pattern":               {`{"type": "string", "pattern": "(?=a)"}`, "/pattern: the pattern cannot be held"},
		"enum of numbers":       {`{"enum": [1]}`, "/enum/0: an enum of other values than texts cannot be held"},
		"empty enum":            {`{"type": "string", "enum": []}`, "/enum: an enum without values cannot be held"},
		"exclusive":             {`{"type": "number", "exclusiveMinimum": 3}`, "/exclusiveMinimum: exclusiveMinimum cannot be held"},
		"unique":                {`{"type": "array", "uniqueItems": true}`, "/uniqueItems: uniqueItems cannot be held"},
		"tuple":                 {`{"type": "array", "items": []}`, "/items: this is no schema: a schema is an object"},
		"half an item":          {`{"type": "array", "minItems": 0.5}`, "/minItems: it is a whole number from 0"},
		"beside a reference":    {`{"$ref": "#/definitions/a", "minLength": 1, "definitions": {"a": {"type": "string"}}}`, "/minLength: minLength beside $ref cannot be held"},
		"remote":                {`{"$ref": "https://example.com/x.json"}`, "/$ref: $ref https://example.com/x.json leads out of the document"},
		"dangling":              {`{"$ref": "#/definitions/a"}`, "/$ref: $ref #/definitions/a names nothing in the document"},
		"recursion":             {`{"type": "object", "properties": {"a": {"$ref": "#"}}}`, "/properties/a/$ref: the schema contains itself"},
		"recursion in two":      {`{"$ref": "#/definitions/a", "definitions": {"a": {"type": "array", "items": {"$ref": "#/definitions/a"}}}}`, "the schema contains itself"},
		"too deep":              {deep, "the document is nested deeper than 255"},
		"unfolds without end":   {bomb.String(), "the document unfolds to too many schemas"},
		"too large":             {strings.Repeat(" ", schema.MaxSize+1), "x.json:1: the document has 1048577 bytes, more than 1048576"},
		"OpenAPI of no event":   {`{"openapi": "3.0.0", "components": {"schemas": {"Pet": {}}}}`, "/components/schemas: there is no component AWSEvent"},
		"OpenAPI without parts": {`{"openapi": "3.0.0"}`, "an OpenAPI document of an event has components/schemas"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := schema.Parse("x.json", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Parse = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	two, low, high := int64(2), 1.5, 3.0
	text := func(s schema.Schema) schema.Schema { s.Kind = schema.String; return s }
	for name, c := range map[string]struct {
		schema schema.Schema
		valid  []string
		wrong  map[string]string // and what is said
	}{
		"any":       {schema.Schema{Kind: schema.Any}, []string{`null`, `[]`, `1`}, nil},
		"text":      {text(schema.Schema{}), []string{`""`, `"x"`}, map[string]string{`1`: "it is an integer and must be a string", `null`: "it is null and must be a string"}},
		"null":      {text(schema.Schema{Nullable: true, Enum: []string{"a"}}), []string{`null`, `"a"`}, map[string]string{`"b"`: "it must be one of a"}},
		"length":    {text(schema.Schema{MinLength: &two, MaxLength: &two}), []string{`"ab"`, `"🎫🎫"`}, map[string]string{`"a"`: "it must have at least 2 characters", `"abc"`: "it must have at most 2 characters"}},
		"pattern":   {text(schema.Schema{Pattern: "b+"}), []string{`"abba"`}, map[string]string{`"a"`: "it must match b+"}},
		"uuid":      {text(schema.Schema{Format: "uuid"}), []string{`"3f2504e0-4f89-41d3-9a0c-0305e82c3301"`}, map[string]string{`"3f2504e04f8941d39a0c0305e82c3301"`: "it must be of the format uuid"}},
		"uri":       {text(schema.Schema{Format: "uri"}), []string{`"https://a.b/c"`, `"urn:x"`}, map[string]string{`"/a"`: "format uri", `"a: b"`: "format uri"}},
		"email":     {text(schema.Schema{Format: "email"}), []string{`"a@b"`}, map[string]string{`"a"`: "format email", `"a@b@c"`: "format email"}},
		"date":      {text(schema.Schema{Format: "date"}), []string{`"2024-02-29"`}, map[string]string{`"2025-02-29"`: "format date", `"2025-1-1"`: "format date"}},
		"date-time": {text(schema.Schema{Format: "date-time"}), []string{`"2024-02-29T23:59:59.5Z"`, `"2024-02-29t00:00:00+01:00"`}, map[string]string{`"2024-02-29T23:59:59"`: "format date-time", `"2024-02-29T24:00:00Z"`: "format date-time", `"2025-02-29T00:00:00Z"`: "format date-time"}},
		"integer":   {schema.Schema{Kind: schema.Integer}, []string{`1`, `-1.0`, `1e3`}, map[string]string{`1.5`: "it is a number and must be an integer", `true`: "it is a boolean and must be an integer"}},
		"number":    {schema.Schema{Kind: schema.Number, Minimum: &low, Maximum: &high}, []string{`1.5`, `3`}, map[string]string{`1`: "it must be at least 1.5", `3.1`: "it must be at most 3"}},
		"array": {
			schema.Schema{Kind: schema.Array, MinItems: &two, MaxItems: &two, Items: &schema.Schema{Kind: schema.Boolean}},
			[]string{`[true, false]`},
			map[string]string{`[true]`: "it must have at least 2 items", `[true, true, true]`: "at most 2 items", `[true, 1]`: "/1: it is an integer and must be a boolean"},
		},
		"object": {
			object(field("a/b", true, text(schema.Schema{})), field("c", false, text(schema.Schema{}))),
			[]string{`{"a/b": "", "more": 1}`},
			map[string]string{`{}`: "/a~1b: it is missing", `{"a/b": "", "c": null}`: "/c: it is null and must be a string", `[]`: "it is an array and must be an object"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, v := range c.valid {
				if problems := c.schema.Validate(decode(t, v)); len(problems) > 0 {
					t.Errorf("Validate(%s) = %v, want none", v, problems)
				}
			}
			for v, want := range c.wrong {
				problems := c.schema.Validate(decode(t, v))
				if len(problems) != 1 || !strings.Contains(problems[0].String(), want) {
					t.Errorf("Validate(%s) = %v, want %q", v, problems, want)
				}
			}
		})
	}
}

func decode(t testing.TB, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestValidateTellsAtMostTwenty(t *testing.T) {
	t.Parallel()
	s := schema.Schema{Kind: schema.Array, Items: &schema.Schema{Kind: schema.String}}
	values := make([]any, 1000)
	if got := len(s.Validate(values)); got != 20 {
		t.Errorf("Validate tells %d problems, want 20", got)
	}
}

func TestCarry(t *testing.T) {
	t.Parallel()
	text := schema.Schema{Kind: schema.String}
	data := object(field("id", true, text))
	fields := []string{"correlation_id", "causation_id"}
	want := object(field("id", true, text), field("correlation_id", false, text), field("causation_id", false, text))
	if diff := cmp.Diff(want, schema.Carry(data, fields)); diff != "" {
		t.Errorf("Carry differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(data, schema.Uncarry(want, fields)); diff != "" {
		t.Errorf("Uncarry differs (-want +got):\n%s", diff)
	}
	if schema.Clash(data, fields) != "" || schema.Clash(want, fields) != "correlation_id" {
		t.Errorf("Clash = %q and %q, want none and correlation_id", schema.Clash(data, fields), schema.Clash(want, fields))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/definitions/A"}}, "definitions": {"A": {"type": ["string", "null"]}}}`))
	f.Add(schema.OpenAPI("a.b", "C D", 1, object(field("x", true, schema.Schema{Kind: schema.Any}))))
	f.Add([]byte(`{"anyOf": [{"type": "null"}, {"enum": ["a"]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := schema.Parse("x.json", text)
		if err != nil {
			return
		}
		written := s.JSONSchema()
		again, err := schema.Parse("x.json", written)
		if err != nil {
			t.Fatalf("Parse of what JSONSchema wrote: %v\n%s", err, written)
		}
		if !bytes.Equal(written, again.JSONSchema()) {
			t.Errorf("JSONSchema writes\n%s\nand then\n%s", written, again.JSONSchema())
		}
		s.Validate(s.Example())
	})
}
