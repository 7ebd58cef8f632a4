package project

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"stormbus/internal/board"
)

// maxTold is how many problems of one file are told at once. Who mends the
// first twenty sees the rest.
const maxTold = 20

// load reads the board if it was saved. One that cannot be run leaves the last
// good one as it is.
func (l *Live) load(r *round) {
	text, err := l.Project.readBoard()
	if err != nil {
		r.refused = l.text != nil || r.first
		l.text, l.problems = nil, []notice{noticeOf(err)}
	} else if l.text == nil || !bytes.Equal(text, l.text) || l.besideChanged() {
		l.text, l.beside, l.problems = text, map[string][]byte{}, nil
		state, err := l.Project.parse(text, l.readBeside)
		if err != nil {
			l.problems, r.refused = problemsOf(text, err), true
		} else {
			l.good, r.loaded = state, true
		}
	}
	r.say(l.problems...)
}

// readBeside reads a file that the board names, and remembers what it was.
func (l *Live) readBeside(name string) ([]byte, error) {
	text, err := l.Project.read(name)
	l.beside[name] = text
	return text, err
}

// besideChanged reports whether a file that the board names was saved since it
// was read.
func (l *Live) besideChanged() bool {
	for name, was := range l.beside {
		text, err := l.Project.read(name)
		if (err != nil) != (was == nil) || !bytes.Equal(text, was) {
			return true
		}
	}
	return false
}

// problemsOf makes notices of what is wrong with a board. They are told again
// when the board was saved and the same is still wrong.
func problemsOf(text []byte, err error) []notice {
	save := sha256.Sum256(text)
	var problems []Problem
	if placed, ok := errors.AsType[board.Problems](err); ok {
		for _, p := range placed {
			problems = append(problems, Problem{File: p.File, Line: p.Line, Column: p.Column, Path: p.Path, Message: p.Message, Remedy: p.Remedy})
		}
	} else {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			problems = append(problems, Problem{Message: line})
		}
	}
	more := len(problems) - maxTold
	if more > 0 {
		problems = append(problems[:maxTold], Problem{Message: fmt.Sprintf("... and %d more", more)})
	}
	notices := make([]notice, len(problems))
	for i, p := range problems {
		notices[i] = notice{fmt.Sprintf("%x %s", save, p), p}
	}
	return notices
}
