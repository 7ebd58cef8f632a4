package schema

// Kind is the kind of JSON value that a schema describes.
type Kind string

// The kinds of values.
const (
	Any     Kind = "any" // whatever is valid JSON
	String  Kind = "string"
	Integer Kind = "integer"
	Number  Kind = "number"
	Boolean Kind = "boolean"
	Array   Kind = "array"
	Object  Kind = "object"
)

// Schema is the shape of one JSON value. It is what the short form of a board,
// a JSON Schema and a component of an OpenAPI document have in common. The zero
// value is no schema: Kind is always set.
type Schema struct {
	Kind     Kind
	Nullable bool // null is a value of it, too

	Format    string   // of a string: "uuid", "uri", "date-time", "date", "email", or "" for any text
	Enum      []string // of a string: its only values; nil if any
	Pattern   string   // of a string: a regular expression, "" if any
	MinLength *int64   // of a string, in characters
	MaxLength *int64
	Minimum   *float64 // of a number or integer
	Maximum   *float64
	MinItems  *int64 // of an array
	MaxItems  *int64

	Items  *Schema // of an array; never nil there
	Fields []Field // of an object, in the author's order; others are allowed, too

	Personal    bool   // personal data: redacted where it is shown
	Description string // for people
}

// Field is one field of an object.
type Field struct {
	Name     string
	Required bool
	Schema   Schema
}
