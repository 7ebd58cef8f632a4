package codegen

import "strings"

// Problem is a reason why a board cannot be generated from.
type Problem struct {
	Item    string `json:"item"` // path of an item of the board: events.SeatsHeld
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
}

// String gives the problem in one line.
func (p Problem) String() string { return p.Item + ": " + p.Message + "; " + p.Remedy }

// Problems are an error: all reasons why a board cannot be generated from.
type Problems []Problem

// Error gives the problems, one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}
