package board

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is something wrong with a board, and what to do about it.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`   // from 1
	Column  int    `json:"column"` // from 1, in characters
	Path    string `json:"path"`   // such as events.SeatsHeld.by; empty for the whole file
	Message string `json:"message"`
	Remedy  string `json:"remedy"` // may be empty
}

// String gives the problem in one line, as editors understand it.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", p.File, p.Line, p.Column)
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	if p.Remedy != "" {
		b.WriteString("; " + p.Remedy)
	}
	return b.String()
}

// Problems are an error: all that is wrong with a file, in its order.
type Problems []Problem

// maxProblems is how many problems of a file are told. A file with more is most
// likely not a board.
const maxProblems = 100

// Error gives the problems, one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// err is p as an error, nil if there are none.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortStableFunc(p, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return p[:min(len(p), maxProblems)]
}
