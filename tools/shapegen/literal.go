package main

import (
	"bytes"
	"fmt"
)

// literal writes the fields of a Go composite literal, leaving out zero values.
type literal struct{ *bytes.Buffer }

func (l literal) text(field, value string) {
	if value != "" {
		fmt.Fprintf(l, "%s: %q, ", field, value)
	}
}

func (l literal) flag(field string, value bool) {
	if value {
		fmt.Fprintf(l, "%s: true, ", field)
	}
}

func (l literal) texts(field string, values []string) {
	if len(values) == 0 {
		return
	}
	fmt.Fprintf(l, "%s: []string{", field)
	for i, v := range values {
		if i > 0 {
			l.WriteString(", ")
		}
		fmt.Fprintf(l, "%q", v)
	}
	l.WriteString("}, ")
}

// number writes a number that is not zero.
func (l literal) number(field string, value int64) {
	if value != 0 {
		fmt.Fprintf(l, "%s: %d, ", field, value)
	}
}

func (l literal) namespace(field string, n namespace) {
	if n == (namespace{}) {
		return
	}
	fmt.Fprintf(l, "%s: shape.Namespace{", field)
	l.text("URI", n.URI)
	l.text("Prefix", n.Prefix)
	l.WriteString("}, ")
}

func (l literal) checksum(c *checksum) {
	if c == nil {
		return
	}
	l.WriteString("Checksum: &shape.Checksum{")
	l.flag("Required", c.RequestChecksumRequired)
	l.text("AlgorithmMember", c.RequestAlgorithmMember)
	l.text("ValidationMember", c.RequestValidationModeMember)
	l.texts("Algorithms", c.ResponseAlgorithms)
	l.WriteString("}, ")
}
