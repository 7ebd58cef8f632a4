package events

import (
	"strings"

	"stormbus/internal/bus"
	"stormbus/internal/event"
	"stormbus/internal/pattern"
)

// batch is the memory of one PutEvents call, used again by later ones. What
// outlives the call, the ids and the envelopes, is memory of its own.
type batch struct {
	entries []bus.Entry
	encoder event.Encoder
}

// clear forgets the call.
func (b *batch) clear() {
	clear(b.entries)
	b.entries = b.entries[:0]
}

// add completes an entry with its envelope and adds it. It reports false, and
// adds nothing, if the detail is not a JSON object.
func (b *batch) add(e bus.Entry, detail string) bool {
	if !shallow(detail) {
		return false
	}
	envelope, err := b.encoder.Encode(&e.Event, detail)
	if err != nil {
		return false // it is event.ErrDetail: nothing else can fail
	}
	e.Envelope, e.Checked = envelope, true
	b.entries = append(b.entries, e)
	return true
}

// shallow reports whether JSON is nested no deeper than patterns can read. It
// may be wrong about text that is not JSON.
func shallow(s string) bool {
	if strings.Count(s, "{")+strings.Count(s, "[") <= pattern.MaxDepth {
		return true
	}
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
			if c == '\\' {
				i++
			}
		case c == '{' || c == '[':
			if depth++; depth > pattern.MaxDepth {
				return false
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return true
}
