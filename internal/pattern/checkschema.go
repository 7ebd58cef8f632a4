package pattern

import (
	"math"
	"slices"
	"strings"
)

// Schema says what is known of the values at a dotted path, in all events that a
// pattern will see. A nil Schema knows nothing.
type Schema func(path string) Field

// Field is what a [Schema] knows of one path. The zero value is: nothing.
type Field struct {
	Known  bool     // the rest holds; without it, anything may be at the path
	Types  Types    // the types that values at the path can have; 0: there never is one
	Values []string // if not nil, the only strings there can be
	Always bool     // every event has a value at the path, and not inside an array of objects
	Note   string   // for people: what to ask for instead
}

// Types is a set of types of values.
type Types uint8

// The types of values.
const (
	TypeString Types = 1 << iota
	TypeNumber
	TypeBool
	TypeNull
)

func (s Schema) field(path string) Field {
	if s == nil {
		return Field{}
	}
	return s(path)
}

// EventSchema is what is known of the events of an event bus: the fields around
// detail. It does not hold for the filters of pipes and event source mappings,
// which see records of other services.
func EventSchema(path string) Field {
	top, _, below := strings.Cut(path, ".")
	switch top {
	case "detail":
		if below {
			return Field{}
		}
		return Field{Known: true, Note: "ask for the fields in detail, which is an object"}
	case "version", "id", "source", "detail-type", "account", "time", "region":
		if !below {
			return Field{Known: true, Types: TypeString, Always: true, Note: top + " is a string in every event"}
		}
	case "resources", "replay-name":
		if !below {
			return Field{Known: true, Types: TypeString, Note: top + " holds strings only"}
		}
	}
	for _, name := range eventFields {
		if top != name && spelled(top) == spelled(name) {
			return Field{Known: true, Note: "write it as " + name}
		}
	}
	return Field{
		Known: true,
		Note: "an event has version, id, source, detail-type, account, time, region, resources, " +
			"and what its publisher sent below detail",
	}
}

// eventFields are the fields that an event of a bus can have.
var eventFields = []string{
	"version", "id", "source", "detail-type", "account", "time", "region", "resources", "replay-name", "detail",
}

// types returns the types of the values that a test can accept.
func types(t test) Types {
	switch t := t.(type) {
	case *textSet, edge, *fold, *glob, network:
		return TypeString
	case *numberSet, numberRange:
		return TypeNumber
	case isKind:
		if valueKind(t) == kindNull {
			return TypeNull
		}
		return TypeBool
	}
	return TypeString | TypeNumber | TypeBool | TypeNull
}

// allows reports whether a value that there can be may satisfy a test.
func (f Field) allows(t test) bool {
	if r, ok := t.(numberRange); ok && r.empty() {
		return false
	}
	if !f.Known {
		return true
	}
	shared := f.Types & types(t)
	if shared != TypeString {
		return shared != 0
	}
	if f.Values != nil {
		return slices.ContainsFunc(f.Values, func(s string) bool { return t.holds(textValue(s)) })
	}
	but, ok := t.(none)
	return !ok || !slices.ContainsFunc(but, allStrings)
}

func textValue(s string) *value { return &value{kind: kindString, text: []byte(s)} }

// empty reports whether no number lies in the range.
func (r numberRange) empty() bool {
	low, high := r.low, r.high
	if r.lowOpen {
		low = math.Nextafter(low, math.Inf(1))
	}
	if r.highOpen {
		high = math.Nextafter(high, math.Inf(-1))
	}
	return low > high || low > math.MaxFloat64 || high < -math.MaxFloat64
}

// allStrings reports whether a test accepts every string.
func allStrings(t test) bool {
	switch t := t.(type) {
	case anyValue:
		return true
	case edge:
		return len(t.text) == 0
	case *fold:
		return len(t.chars) == 0 && t.where != foldWhole
	case *glob:
		return len(t.pieces) == 2 && len(t.pieces[0])+len(t.pieces[1]) == 0
	}
	return false
}
