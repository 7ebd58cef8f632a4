package event

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Encoder writes envelopes. It keeps the memory in which it works for the next
// one; what it returns is never part of that. The zero value is ready. It must
// not be used by two goroutines at once.
type Encoder struct {
	out    bytes.Buffer // an envelope, before its size is known
	detail []byte       // the detail that is being read
}

// maxKept is how much memory, in bytes, an Encoder keeps.
const maxKept = 256 << 10

// Encode returns the envelope of e with a detail: compact JSON in EventBridge's
// key order. It sets e.Detail to the detail's place in it. It fails with
// [ErrDetail], and leaves e alone, if the detail is not one JSON object.
//
// The detail is checked and stripped of blanks in one pass.
func (c *Encoder) Encode(e *Event, detail string) ([]byte, error) {
	if !strings.HasPrefix(strings.TrimLeft(detail, " \t\r\n"), "{") {
		return nil, ErrDetail
	}
	defer c.shrink()
	c.out.Reset()
	c.header(e)
	from := c.out.Len()
	c.detail = append(c.detail[:0], detail...)
	if err := json.Compact(&c.out, c.detail); err != nil {
		return nil, ErrDetail
	}
	c.out.WriteByte('}')
	envelope := bytes.Clone(c.out.Bytes())
	e.Detail = json.RawMessage(envelope[from : len(envelope)-1])
	return envelope, nil
}

// shrink lets go of memory that was needed for an unusually large event.
func (c *Encoder) shrink() {
	if c.out.Cap() > maxKept || cap(c.detail) > maxKept {
		*c = Encoder{}
	}
}

// header writes an envelope up to its detail.
func (c *Encoder) header(e *Event) {
	c.out.WriteString(`{"version":"0","id":`)
	c.string(e.ID)
	c.out.WriteString(`,"detail-type":`)
	c.string(e.DetailType)
	c.out.WriteString(`,"source":`)
	c.string(e.Source)
	c.out.WriteString(`,"account":`)
	c.string(e.Account)
	c.out.WriteString(`,"time":"`)
	c.out.Write(e.Time.UTC().AppendFormat(c.out.AvailableBuffer(), TimeFormat))
	c.out.WriteString(`","region":`)
	c.string(e.Region)
	if e.ReplayName != "" {
		c.out.WriteString(`,"replay-name":`)
		c.string(e.ReplayName)
	}
	c.out.WriteString(`,"resources":[`)
	for i, r := range e.Resources {
		if i > 0 {
			c.out.WriteByte(',')
		}
		c.string(r)
	}
	c.out.WriteString(`],"detail":`)
}

// string writes a JSON string.
func (c *Encoder) string(s string) {
	if isPlain(s) {
		c.out.WriteByte('"')
		c.out.WriteString(s)
		c.out.WriteByte('"')
		return
	}
	enc := json.NewEncoder(&c.out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string can be encoded and a buffer written to
	}
	c.out.Truncate(c.out.Len() - 1) // the line break
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
