package project

import (
	"fmt"
	"strings"
)

// Problem is something wrong with a project that is not wrong with its board
// alone, and what to do about it.
type Problem struct {
	File    string // from the project's folder, with slashes
	Line    int    // from 1; 0 if it is about the whole file
	Column  int    // from 1; 0 if it is about the whole line
	Message string
	Remedy  string // may be empty
}

// String gives the problem in one line, as editors understand it.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File + ":")
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:", p.Line)
	}
	if p.Column > 0 {
		fmt.Fprintf(&b, "%d:", p.Column)
	}
	b.WriteString(" " + p.Message)
	if p.Remedy != "" {
		b.WriteString("; " + p.Remedy)
	}
	return b.String()
}
