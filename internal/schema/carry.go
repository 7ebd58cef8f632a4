package schema

import "slices"

// Carry adds what the bus carries along with every event to the schema of an
// event's detail: optional texts at its top level. Ask [Clash] before whether
// that is possible.
func Carry(detail Schema, fields []string) Schema {
	detail = Uncarry(detail, fields)
	for _, name := range fields {
		detail.Fields = append(detail.Fields, Field{Name: name, Schema: Schema{Kind: String}})
	}
	return detail
}

// Uncarry takes away what [Carry] added.
func Uncarry(detail Schema, fields []string) Schema {
	detail.Fields = slices.DeleteFunc(slices.Clone(detail.Fields), func(f Field) bool { return slices.Contains(fields, f.Name) })
	return detail
}

// Clash returns the first of the bus's fields that the data has, too, or "".
// The bus would write over it.
func Clash(detail Schema, fields []string) string {
	for _, f := range detail.Fields {
		if slices.Contains(fields, f.Name) {
			return f.Name
		}
	}
	return ""
}
