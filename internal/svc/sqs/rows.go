package sqs

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"time"
	"unsafe"

	"stormbus/internal/store"
)

// Every row begins with a version byte. These are hot, so they are coded by
// hand; numbers are big-endian, texts have their length in front.
const (
	statsVersion   = 1
	messageVersion = 1
	stateVersion   = 1
	groupedVersion = 2 // of a state that ends with a group
	indexVersion   = 1
	outboxVersion  = 1
	redriveVersion = 2 // of a message that is new in its next queue
	groupVersion   = 1
	memberVersion  = 1
)

// stats is what a queue knows of its messages as a whole.
type stats struct {
	next    uint64    // the next message's sequence number; they begin at 1
	total   uint64    // messages in the queue, whatever their state
	oldest  uint64    // no message has a smaller number
	purged  time.Time // last purge; zero if never
	due     time.Time // when the retention timer fires; zero if it is not set
	deleted bool      // the queue is gone: nothing may be written for it
}

const flagDeleted = 1 << 0

func (s stats) encode() []byte {
	var flags byte
	if s.deleted {
		flags |= flagDeleted
	}
	b := make([]byte, 0, 2+5*8)
	b = append(b, statsVersion, flags)
	b = store.AppendUint64(b, s.next)
	b = store.AppendUint64(b, s.total)
	b = store.AppendUint64(b, s.oldest)
	return appendMoment(appendMoment(b, s.purged), s.due)
}

func decodeStats(b []byte) (stats, error) {
	r := newReader(b, statsVersion)
	flags := r.byte()
	s := stats{
		next: r.uint64(), total: r.uint64(), oldest: r.uint64(), purged: r.moment(), due: r.moment(),
		deleted: flags&flagDeleted != 0,
	}
	return s, r.end("stats")
}

// The message row begins with fields of fixed size, because two of them are
// only known inside the transaction, when the rest has been encoded already.
const (
	offsetSent   = 1
	offsetHidden = offsetSent + 8
	offsetFlags  = offsetHidden + 8
)

const (
	// flagMoved marks a message that came from another queue: it may be older
	// than its neighbours, so it has a row among the early ones.
	flagMoved = 1 << 0
	// flagGrouped marks a message that stands in its group, not in the index,
	// until it is received.
	flagGrouped = 1 << 1
	// flagDedup marks a message whose row ends with its deduplication id.
	flagDedup = 1 << 2
	// flagCaused marks a message whose row ends with the event and the delivery
	// that brought it.
	flagCaused = 1 << 3
	// flagNoted marks a message whose row ends with a note of its sender.
	flagNoted = 1 << 4
)

// encode makes the message's row. Sent and firstHidden may be set later, with
// stamp.
func (m *message) encode() []byte {
	b := make([]byte, 0, 192+m.size())
	b = append(b, messageVersion)
	b = appendMoment(b, m.sent)
	b = appendMoment(b, m.firstHidden)
	b = append(b, m.flags())
	b = store.AppendUint32(b, m.carried)
	b = appendMoment(b, m.firstSeen)
	for _, s := range []string{m.id, m.body, m.bodyMD5, m.attrsMD5, m.sender, m.trace, m.group, m.source} {
		b = appendText(b, s)
	}
	b = binary.AppendUvarint(b, uint64(len(m.attributes)))
	for name, a := range m.attributes {
		b = appendText(b, name)
		b = appendText(b, a.DataType)
		b = appendText(b, a.Text)
		b = appendText(b, string(a.Binary))
	}
	if m.dedup != "" {
		b = appendText(b, m.dedup)
	}
	if m.cause.EventID != "" {
		b = appendText(appendText(b, m.cause.EventID), m.cause.Delivery)
	}
	if m.note != "" {
		b = appendText(b, m.note)
	}
	return b
}

func (m *message) flags() (f byte) {
	if m.source != "" {
		f |= flagMoved
	}
	if m.dedup != "" {
		f |= flagDedup
	}
	if m.cause.EventID != "" {
		f |= flagCaused
	}
	if m.note != "" {
		f |= flagNoted
	}
	return f
}

// stamp sets the two times of a row that encode made.
func stamp(row []byte, sent, firstHidden time.Time) {
	binary.BigEndian.PutUint64(row[offsetSent:], millis(sent))
	binary.BigEndian.PutUint64(row[offsetHidden:], millis(firstHidden))
}

// freshState returns the state of a message that has never been received from
// its queue, and when it was sent.
func freshState(row []byte) (st state, sent time.Time, err error) {
	r := newReader(row, messageVersion)
	sent, st.visible = r.moment(), r.moment()
	flags := r.byte()
	if flags&flagMoved != 0 {
		st.early = sent
	}
	if flags&flagGrouped != 0 {
		r.uint32()
		r.moment()
		for range textsBeforeGroup {
			r.take(r.uvarint())
		}
		st.group = r.text()
	}
	if r.failed {
		return st, sent, fmt.Errorf("message row: %w", store.ErrDamaged)
	}
	return st, sent, nil
}

// textsBeforeGroup is how many texts a message row has in front of the group.
const textsBeforeGroup = 6

// decodeMessage reads a message's row, which it does not keep.
func decodeMessage(b []byte) (*message, error) { return decodeKept(bytes.Clone(b)) }

// decodeKept reads a message's row. The texts of the message are parts of it, so
// it must not change any more.
func decodeKept(b []byte) (*message, error) {
	r := newReader(b, messageVersion)
	r.kept = true
	m := &message{sent: r.moment(), firstHidden: r.moment()}
	flags := r.byte()
	m.carried, m.firstSeen = r.uint32(), r.moment()
	for _, s := range []*string{&m.id, &m.body, &m.bodyMD5, &m.attrsMD5, &m.sender, &m.trace, &m.group, &m.source} {
		*s = r.text()
	}
	n := r.uvarint()
	for range n {
		if r.failed {
			break
		}
		name := r.text()
		a := Attribute{DataType: r.text(), Text: r.text()}
		if v := r.text(); v != "" {
			a.Binary = []byte(v)
		}
		if m.attributes == nil {
			m.attributes = map[string]Attribute{}
		}
		m.attributes[name] = a
	}
	if flags&flagDedup != 0 {
		m.dedup = r.text()
	}
	if flags&flagCaused != 0 {
		m.cause.EventID, m.cause.Delivery = r.text(), r.text()
	}
	if flags&flagNoted != 0 {
		m.note = r.text()
	}
	return m, r.end("message")
}

func (s state) encode() []byte {
	b := make([]byte, 0, 1+4+4*8+1+len(s.group))
	if s.group == "" {
		b = append(b, stateVersion)
	} else {
		b = append(b, groupedVersion)
	}
	b = store.AppendUint32(b, s.receives)
	for _, t := range []time.Time{s.visible, s.first, s.last, s.early} {
		b = appendMoment(b, t)
	}
	if s.group != "" {
		b = appendText(b, s.group)
	}
	return b
}

func decodeState(b []byte) (state, error) {
	r, version := newReaderOf(b, stateVersion, groupedVersion)
	s := state{receives: r.uint32(), visible: r.moment(), first: r.moment(), last: r.moment(), early: r.moment()}
	if version == groupedVersion {
		s.group = r.text()
	}
	return s, r.end("message state")
}

// The value of an index row tells messages that were received from those that
// were not: the former are in flight until they are visible, the latter delayed.
// The value of a ticket names the group that it stands for.
const (
	kindSent     = 0
	kindReceived = 1
	kindTicket   = 2
)

var (
	indexSent     = []byte{indexVersion, kindSent}
	indexReceived = []byte{indexVersion, kindReceived}
)

func isReceived(v []byte) bool { return len(v) == 2 && v[0] == indexVersion && v[1] == kindReceived }

func ticket(group string) []byte { return append([]byte{indexVersion, kindTicket}, group...) }

// ticketOf returns the group whose ticket an index row is, if it is one.
func ticketOf(v []byte) (group string, ok bool) {
	if len(v) < 2 || v[0] != indexVersion || v[1] != kindTicket {
		return "", false
	}
	return string(v[2:]), true
}

// outgoing is a message that left its queue for another one.
type outgoing struct {
	target  string // ARN
	state   state  // what it was when it left, should it have to come back
	message []byte // its row
	// redriven says that a move task moves it: it begins a new life. A dead
	// letter does not.
	redriven bool
}

func (o outgoing) encode() []byte {
	version := byte(outboxVersion)
	if o.redriven {
		version = redriveVersion
	}
	b := append(make([]byte, 0, 64+len(o.target)+len(o.message)), version)
	b = appendText(b, o.target)
	b = appendText(b, string(o.state.encode()))
	return appendText(b, string(o.message))
}

func decodeOutgoing(b []byte) (outgoing, error) {
	r, version := newReaderOf(b, outboxVersion, redriveVersion)
	o := outgoing{target: r.text(), redriven: version == redriveVersion}
	encoded := r.text()
	o.message = []byte(r.text())
	if err := r.end("outgoing message"); err != nil {
		return o, err
	}
	var err error
	o.state, err = decodeState([]byte(encoded))
	return o, err
}

// appendMoment appends a time in milliseconds; the zero time is 0.
func appendMoment(b []byte, t time.Time) []byte { return store.AppendUint64(b, millis(t)) }

func millis(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(t.UnixMilli(), 0))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader reads a row. After the first failure it yields zero values.
type reader struct {
	rest   []byte
	failed bool
	kept   bool // texts may be parts of the row
}

func newReader(b []byte, version byte) *reader {
	r := &reader{rest: b}
	if r.byte() != version {
		r.failed = true
	}
	return r
}

// newReaderOf reads a row of one of several versions.
func newReaderOf(b []byte, versions ...byte) (r *reader, version byte) {
	r = &reader{rest: b}
	version = r.byte()
	r.failed = r.failed || !slices.Contains(versions, version)
	return r, version
}

func (r *reader) take(n uint64) []byte {
	if r.failed || n > uint64(len(r.rest)) {
		r.failed = true
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (r *reader) moment() time.Time {
	ms := r.uint64()
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(ms)).UTC()
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.rest)
	if r.failed || size <= 0 {
		r.failed = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) text() string {
	b := r.take(r.uvarint())
	if r.kept {
		return unsafe.String(unsafe.SliceData(b), len(b))
	}
	return string(b)
}

// end says whether the row was read as it should: nothing missing, nothing left.
func (r *reader) end(what string) error {
	if r.failed || len(r.rest) > 0 {
		return fmt.Errorf("%s row: %w", what, store.ErrDamaged)
	}
	return nil
}
