// Package board is the storming board: the file storm.yaml, what it says, and
// how it is written.
//
// A board is what an EventBridge Storming workshop results in: events on a
// timeline, what triggers them and what reacts to them, the things they are
// facts about, the contexts these live in, the services, and open questions.
// The board of step 1 alone, a few names of events, is valid.
//
// [Parse] reads a file strictly and gives a [File], which remembers places and
// comments; [File.Board] is what it says, in Go types. Every problem tells file,
// line, column and remedy. [Board.Check] finds references that lead nowhere and
// statements that contradict each other: a board in the middle of a workshop
// has such, so that they are not errors of the file. [File.Format] writes the
// one canonical form.
//
// All of it follows one table, the grammar in grammar.go: which sections there
// are, their fields in order, what a field may hold, and which names refer to
// what. A new field is a line there and a field of a Go type in board.go.
//
// Nothing here knows AWS, HTTP or Python. Files are bounded ([MaxSize]) and
// have neither anchors nor tags, so that a board is never larger than its text.
package board
