package bus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"stormbus/internal/delivery"
	"stormbus/internal/event"
	"stormbus/internal/store"
)

// The rows of one data partition:
//
//	ev/<bus>/<seq>     an event, as delivery.AppendBody writes it: 4 and 8 bytes
//	evt/<minute>       the first seq of that minute; for all buses
//	evm                the newest minute in the index
//
// A seq is the number of the Update, which the partition never reuses, and the
// event's place in it. So seqs grow with time in a whole partition.

const (
	eventPrefix = "ev/"
	indexPrefix = "evt/"
	minuteKey   = "evm"
)

// placeBits is how much of a seq is the place in the Update.
const placeBits = 16

const rowVersion = 1

var errRow = errors.New("bus: malformed row")

// firstSeq is the seq of the first event that an Update stores.
func firstSeq(tx store.Tx) uint64 { return (uint64(tx.Seq()) + 1) << placeBits }

func busPrefix(id BusID) []byte {
	return append(store.AppendUint32([]byte(eventPrefix), uint32(id)), '/')
}

const eventKeySize = len(eventPrefix) + 4 + 1 + 8

func eventKey(id BusID, seq uint64) []byte {
	return store.AppendUint64(busPrefix(id), seq)
}

// parseEventKey returns the event whose row has a key.
func parseEventKey(p store.Part, k []byte) (Ref, error) {
	if len(k) != eventKeySize {
		return Ref{}, errRow
	}
	id := k[len(eventPrefix):]
	return Ref{Part: p, Bus: BusID(binary.BigEndian.Uint32(id)), Seq: binary.BigEndian.Uint64(k[eventKeySize-8:])}, nil
}

func indexKey(minute uint64) []byte {
	return store.AppendUint64([]byte(indexPrefix), minute)
}

func indexEnd() []byte { return store.PrefixEnd([]byte(indexPrefix)) }

func minuteOf(t time.Time) uint64 { return uint64(max(t.UnixMilli(), 0) / time.Minute.Milliseconds()) }

func appendNumber(b []byte, n uint64) []byte {
	return store.AppendUint64(append(b, rowVersion), n)
}

func parseNumber(b []byte) (uint64, error) {
	if len(b) != 9 || b[0] != rowVersion {
		return 0, errRow
	}
	return binary.BigEndian.Uint64(b[1:]), nil
}

// parseMinute reads the newest minute; 0 if there is none yet.
func parseMinute(b []byte, ok bool) (uint64, error) {
	if !ok {
		return 0, nil
	}
	return parseNumber(b)
}

// dropEvents drops the events of all buses below a seq.
func dropEvents(tx store.Tx, bound uint64) {
	lo, end := []byte(eventPrefix), store.PrefixEnd([]byte(eventPrefix))
	for lo != nil {
		var bus []byte
		for k := range tx.Scan(lo, end) {
			bus = k[:eventKeySize-8]
			break
		}
		if bus == nil {
			return
		}
		tx.DeleteRange(bus, store.AppendUint64(bus[:len(bus):len(bus)], bound))
		lo = store.PrefixEnd(bus)
	}
}

// meta is what a bus notes beside an event.
type meta struct {
	bus       string
	matched   int
	forwarded bool // from another bus
}

func (m meta) append(b []byte) []byte {
	flags := byte(0)
	if m.forwarded {
		flags = 1
	}
	b = append(b, rowVersion, flags)
	b = binary.AppendUvarint(b, uint64(m.matched))
	return append(b, m.bus...)
}

// Meta returns what a bus notes beside an event, for an event that is delivered
// again and has lost its note. Forwarded says that it came from another bus.
func Meta(busName string, forwarded bool) []byte {
	return meta{bus: busName, forwarded: forwarded}.append(nil)
}

func parseMeta(b []byte) (meta, error) {
	if len(b) < 3 || b[0] != rowVersion {
		return meta{}, errRow
	}
	n, k := binary.Uvarint(b[2:])
	if k <= 0 || n > 1<<31 {
		return meta{}, errRow
	}
	return meta{bus: string(b[2+k:]), matched: int(n), forwarded: b[1]&1 != 0}, nil
}

// A change record is its version and a reference to each event of an Update.

const refSize = 4 + 8

func appendRef(b []byte, id BusID, seq uint64) []byte {
	if b == nil {
		b = []byte{rowVersion}
	}
	return store.AppendUint64(store.AppendUint32(b, uint32(id)), seq)
}

func parseRefs(p store.Part, b []byte) ([]Ref, error) {
	if len(b) < 1 || b[0] != rowVersion || (len(b)-1)%refSize != 0 {
		return nil, errRow
	}
	var refs []Ref
	for b = b[1:]; len(b) > 0; b = b[refSize:] {
		refs = append(refs, Ref{Part: p, Bus: BusID(binary.BigEndian.Uint32(b)), Seq: binary.BigEndian.Uint64(b[4:])})
	}
	return refs, nil
}

// forward is the entry that forwards the event of a delivery to another bus.
func forward(to BusID, name string, d *delivery.Delivery) (Entry, error) {
	m, err := parseMeta(d.Meta)
	if err != nil {
		return Entry{}, &delivery.Failure{Code: delivery.CodeInternalError, Message: err.Error(), Permanent: true}
	}
	if m.forwarded {
		return Entry{}, &delivery.Failure{
			Code: delivery.CodeThirdAccountHopDetected, Permanent: true,
			Message: fmt.Sprintf("the event came to %s from another event bus and is not sent on to a third one", m.bus),
		}
	}
	ev, err := event.Parse(d.Event)
	if err != nil {
		return Entry{}, &delivery.Failure{Code: delivery.CodeInvalidJSON, Message: err.Error(), Permanent: true}
	}
	return Entry{Bus: to, BusName: name, Event: ev, Envelope: d.Event, Trace: d.Trace, via: d.ID}, nil
}

func hash(s string) uint32 {
	h := uint32(2166136261) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}
