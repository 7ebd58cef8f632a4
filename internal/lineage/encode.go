package lineage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// The stored form of a Record is its version, its kind, its time in
// microseconds, and then the fields that are not zero, each as tag, length and
// bytes. EventID is not in it, since the key has it, except of messages, whose
// records stand under both ids. A reader skips tags that it does not know, so
// fields can be added without a new version.

const recordVersion = 1

// headerSize is the length of version, kind and time.
const headerSize = 1 + 1 + 8

// tag names a field in the stored form. Numbers are never reused.
type tag byte

const (
	tagDelivery   tag = 1
	tagBus        tag = 2
	tagUnknownBus tag = 3
	tagSource     tag = 4
	tagDetailType tag = 5
	tagAccount    tag = 6
	tagRegion     tag = 7
	tagEventTime  tag = 8
	tagRoot       tag = 9
	tagMatch      tag = 10 // once per match
	tagSpan       tag = 11
	tagVia        tag = 12
	tagRule       tag = 13
	tagTarget     tag = 14
	tagAttempt    tag = 15
	tagCode       tag = 16
	tagMessage    tag = 17
	tagDue        tag = 18
	tagQueue      tag = 19
	tagExhausted  tag = 20
	tagStart      tag = 21
	tagRequestID  tag = 22
	tagFunction   tag = 23
	tagDuration   tag = 24
	tagInit       tag = 25
	tagOutcome    tag = 26
	tagMessageID  tag = 27
	tagMsgSpan    tag = 28
	tagEventID    tag = 29 // only with tagMessageID
)

var errMalformed = errors.New("lineage: malformed record")

// appendRecord appends the stored form of r, at the given time, to b.
func appendRecord(b []byte, r *Record, at time.Time) []byte {
	b = append(b, recordVersion, byte(r.Kind))
	b = binary.BigEndian.AppendUint64(b, uint64(at.UnixMicro()))
	b = appendText(b, tagDelivery, r.Delivery)
	b = appendText(b, tagBus, r.Bus)
	if r.UnknownBus {
		b = append(b, byte(tagUnknownBus), 0)
	}
	b = appendText(b, tagSource, r.Source)
	b = appendText(b, tagDetailType, r.DetailType)
	b = appendText(b, tagAccount, r.Account)
	b = appendText(b, tagRegion, r.Region)
	b = appendTime(b, tagEventTime, r.EventTime)
	b = appendText(b, tagRoot, r.Root)
	for i := range r.Matches {
		b = appendMatch(b, &r.Matches[i])
	}
	b = appendText(b, tagSpan, r.Span)
	b = appendText(b, tagVia, r.Via)
	b = appendText(b, tagRule, r.Rule)
	b = appendText(b, tagTarget, r.Target)
	b = appendInt(b, tagAttempt, int64(r.Attempt))
	b = appendForeign(b, tagCode, r.Code)
	b = appendForeign(b, tagMessage, r.Message)
	b = appendTime(b, tagDue, r.Due)
	b = appendText(b, tagQueue, r.Queue)
	b = appendText(b, tagExhausted, r.Exhausted)
	b = appendTime(b, tagStart, r.Start)
	b = appendText(b, tagRequestID, r.RequestID)
	b = appendText(b, tagFunction, r.Function)
	b = appendInt(b, tagDuration, int64(r.Duration))
	b = appendInt(b, tagInit, int64(r.Init))
	b = appendText(b, tagOutcome, string(r.Outcome))
	if r.MessageID != "" {
		b = appendText(b, tagMessageID, r.MessageID)
		b = appendText(b, tagEventID, r.EventID)
	}
	return appendText(b, tagMsgSpan, r.MessageSpan)
}

func appendText(b []byte, t tag, s string) []byte {
	if s == "" {
		return b
	}
	return appendString(append(b, byte(t)), s)
}

// maxForeign is how many bytes are kept of a text that comes from a function or
// from a target, which may be of any length.
const maxForeign = 1024

func appendForeign(b []byte, t tag, s string) []byte {
	if len(s) > maxForeign {
		s = strings.ToValidUTF8(s[:maxForeign], "")
	}
	return appendText(b, t, s)
}

func appendInt(b []byte, t tag, n int64) []byte {
	if n == 0 {
		return b
	}
	var buf [binary.MaxVarintLen64]byte
	k := binary.PutVarint(buf[:], n)
	return append(append(b, byte(t), byte(k)), buf[:k]...)
}

func appendTime(b []byte, t tag, at time.Time) []byte {
	if at.IsZero() {
		return b
	}
	return appendInt(b, t, at.UnixMicro())
}

func appendMatch(b []byte, m *Match) []byte {
	n := stringSize(m.Rule)
	for i := range m.Deliveries {
		n += stringSize(m.Deliveries[i].Delivery) + stringSize(m.Deliveries[i].Target)
	}
	b = binary.AppendUvarint(append(b, byte(tagMatch)), uint64(n))
	b = appendString(b, m.Rule)
	for i := range m.Deliveries {
		b = appendString(b, m.Deliveries[i].Delivery)
		b = appendString(b, m.Deliveries[i].Target)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// stringSize is how many bytes appendString appends.
func stringSize(s string) int {
	n := 1 + len(s)
	for l := len(s); l >= 0x80; l >>= 7 {
		n++
	}
	return n
}

// parseRecord reads the stored form; EventID stays empty where the key has it.
func parseRecord(b []byte) (Record, error) {
	if len(b) < headerSize {
		return Record{}, errMalformed
	}
	if b[0] != recordVersion {
		return Record{}, fmt.Errorf("lineage: record version %d, want %d", b[0], recordVersion)
	}
	r := Record{Kind: Kind(b[1]), Time: microTime(int64(binary.BigEndian.Uint64(b[2:])))}
	for b = b[headerSize:]; len(b) > 0; {
		t := tag(b[0])
		field, rest, ok := cutBytes(b[1:])
		if !ok || !r.setField(t, field) {
			return Record{}, errMalformed
		}
		b = rest
	}
	if r.MessageID == "" {
		r.EventID = "" // the key has it
	}
	return r, nil
}

// setField sets the field that t names and reports whether v could be read.
func (r *Record) setField(t tag, v []byte) bool {
	ok := true
	switch t {
	case tagUnknownBus:
		r.UnknownBus = true
	case tagEventTime:
		r.EventTime, ok = parseTime(v)
	case tagDue:
		r.Due, ok = parseTime(v)
	case tagStart:
		r.Start, ok = parseTime(v)
	case tagAttempt:
		var n int64
		n, ok = parseInt(v)
		r.Attempt = int(n)
	case tagDuration:
		var n int64
		n, ok = parseInt(v)
		r.Duration = time.Duration(n)
	case tagInit:
		var n int64
		n, ok = parseInt(v)
		r.Init = time.Duration(n)
	case tagOutcome:
		r.Outcome = Outcome(v)
	case tagMatch:
		var m Match
		m, ok = parseMatch(v)
		r.Matches = append(r.Matches, m)
	default:
		if s := r.text(t); s != nil {
			*s = string(v)
		}
	}
	return ok
}

// text returns the string field that t names, nil if it names none.
func (r *Record) text(t tag) *string {
	switch t {
	case tagDelivery:
		return &r.Delivery
	case tagBus:
		return &r.Bus
	case tagSource:
		return &r.Source
	case tagDetailType:
		return &r.DetailType
	case tagAccount:
		return &r.Account
	case tagRegion:
		return &r.Region
	case tagRoot:
		return &r.Root
	case tagSpan:
		return &r.Span
	case tagVia:
		return &r.Via
	case tagRule:
		return &r.Rule
	case tagTarget:
		return &r.Target
	case tagCode:
		return &r.Code
	case tagMessage:
		return &r.Message
	case tagQueue:
		return &r.Queue
	case tagExhausted:
		return &r.Exhausted
	case tagRequestID:
		return &r.RequestID
	case tagFunction:
		return &r.Function
	case tagEventID:
		return &r.EventID
	case tagMessageID:
		return &r.MessageID
	case tagMsgSpan:
		return &r.MessageSpan
	}
	return nil
}

func parseMatch(b []byte) (Match, bool) {
	rule, b, ok := cutBytes(b)
	if !ok {
		return Match{}, false
	}
	m := Match{Rule: string(rule)}
	for len(b) > 0 {
		var id, target []byte
		if id, b, ok = cutBytes(b); !ok {
			return Match{}, false
		}
		if target, b, ok = cutBytes(b); !ok {
			return Match{}, false
		}
		m.Deliveries = append(m.Deliveries, Handover{Delivery: string(id), Target: string(target)})
	}
	return m, true
}

// cutBytes takes one length and that many bytes off b.
func cutBytes(b []byte) (v, rest []byte, ok bool) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n > uint64(len(b)-k) {
		return nil, nil, false
	}
	b = b[k:]
	return b[:n], b[n:], true
}

func parseInt(b []byte) (int64, bool) {
	n, k := binary.Varint(b)
	return n, k > 0 && k == len(b)
}

func parseTime(b []byte) (time.Time, bool) {
	n, ok := parseInt(b)
	return microTime(n), ok
}

func microTime(us int64) time.Time { return time.UnixMicro(us).UTC() }
