package plan

import "strings"

// Problem is a reason why a board cannot be planned, or generated from, as it is.
type Problem struct {
	Items   []string `json:"items"` // paths on the board: triggers.HoldSeats
	Message string   `json:"message"`
	Remedy  string   `json:"remedy"`
}

// String gives the problem in one line.
func (p Problem) String() string {
	return strings.Join(p.Items, ", ") + ": " + p.Message + "; " + p.Remedy
}

// Problems are an error: all reasons why a board cannot be planned, or generated from.
type Problems []Problem

// Error gives the problems, one per line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}
