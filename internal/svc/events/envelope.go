package events

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"stormbus/internal/bus"
	"stormbus/internal/event"
	"stormbus/internal/pattern"
)

// batch is the memory of one PutEvents call, used again by later ones. What
// outlives the call, the ids and the envelopes, is memory of its own.
type batch struct {
	entries []bus.Entry
	// out is where an envelope is written before its size is known.
	out bytes.Buffer
	// detail is the detail that is being read.
	detail []byte
	// random and text are what ids are made of.
	random, text []byte
}

// maxKept is how much memory a batch may keep for later calls.
const maxKept = 256 << 10

// clear forgets the call.
func (b *batch) clear() {
	clear(b.entries)
	b.entries = b.entries[:0]
	if b.out.Cap() > maxKept || cap(b.detail) > maxKept {
		*b = batch{}
	}
}

// What an id, a random UUID of version 4, is made of.
const (
	idBytes = 16
	idChars = 36
)

// newIDs makes n event ids from one read of random: for the host's generator each
// read is a system call.
func (b *batch) newIDs(random io.Reader, n int) ([]string, error) {
	b.random = append(b.random[:0], make([]byte, n*idBytes)...)
	if _, err := io.ReadFull(random, b.random); err != nil {
		return nil, fmt.Errorf("make event ids: %w", err)
	}
	b.text = b.text[:0]
	for i := range n {
		b.text = appendID(b.text, b.random[i*idBytes:][:idBytes])
	}
	all, ids := string(b.text), make([]string, n)
	for i := range ids {
		ids[i] = all[i*idChars:][:idChars]
	}
	return ids, nil
}

// appendID appends the id that is made of 16 random bytes, which it changes.
func appendID(text, random []byte) []byte {
	random[6] = random[6]&0x0f | 0x40 // version 4
	random[8] = random[8]&0x3f | 0x80 // variant of RFC 9562
	from := 0
	for _, to := range [...]int{4, 6, 8, 10, idBytes} {
		if from > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, random[from:to])
		from = to
	}
	return text
}

// add completes an entry with its envelope and adds it. It reports false, and
// adds nothing, if the detail is not a JSON object.
//
// The envelope is that of [event.Event.Envelope], made in one pass over the
// detail, which is checked and stripped of blanks on the way. Each envelope is a
// slice of its own, since deliveries hold on to the one that they need.
func (b *batch) add(e bus.Entry, detail string) bool {
	if !strings.HasPrefix(strings.TrimLeft(detail, " \t\r\n"), "{") || !shallow(detail) {
		return false
	}
	b.out.Reset()
	b.header(&e.Event)
	from := b.out.Len()
	b.detail = append(b.detail[:0], detail...)
	if err := json.Compact(&b.out, b.detail); err != nil {
		return false
	}
	b.out.WriteByte('}')
	e.Envelope = bytes.Clone(b.out.Bytes())
	e.Event.Detail = json.RawMessage(e.Envelope[from : len(e.Envelope)-1])
	b.entries = append(b.entries, e)
	return true
}

// header writes an envelope up to its detail.
func (b *batch) header(e *event.Event) {
	b.out.WriteString(`{"version":"0","id":`)
	b.string(e.ID)
	b.out.WriteString(`,"detail-type":`)
	b.string(e.DetailType)
	b.out.WriteString(`,"source":`)
	b.string(e.Source)
	b.out.WriteString(`,"account":`)
	b.string(e.Account)
	b.out.WriteString(`,"time":"`)
	b.out.Write(e.Time.AppendFormat(b.out.AvailableBuffer(), event.TimeFormat))
	b.out.WriteString(`","region":`)
	b.string(e.Region)
	b.out.WriteString(`,"resources":[`)
	for i, r := range e.Resources {
		if i > 0 {
			b.out.WriteByte(',')
		}
		b.string(r)
	}
	b.out.WriteString(`],"detail":`)
}

// string writes a JSON string.
func (b *batch) string(s string) {
	if isPlain(s) {
		b.out.WriteByte('"')
		b.out.WriteString(s)
		b.out.WriteByte('"')
		return
	}
	enc := json.NewEncoder(&b.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string can be encoded and a buffer written to
	}
	b.out.Truncate(b.out.Len() - 1) // the line break
}

// isPlain reports whether a string needs no escapes in JSON.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
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
