package delivery

import (
	"encoding/binary"
	"errors"
	"fmt"

	"stormbus/internal/lineage"
	"stormbus/internal/store"
)

// The rows of one data partition:
//
//	dlv/<lane>/<due><seq>    a job: 4 bytes, 8 bytes of milliseconds, 8 bytes
//	dlp/<lane>/<seq>         the body of a job that has one of its own
//	dlm/seq                  the next seq
//
// A seq begins with the partition's number, so it names a delivery in the
// whole store; [Engine.Start] writes the first one.

// Heads is the template of the rows that must be among [store.Options.Heads].
const Heads = "dlv/####/"

const (
	rowPrefix  = "dlv/"
	bodyPrefix = "dlp/"
	seqKey     = "dlm/seq"
)

// partShift is where the partition's number begins in a seq.
const partShift = 48

const rowVersion = 1

// stage is how far a job has come.
type stage byte

const (
	stageAttempt stage = 0 // to be attempted
	stageLetter  stage = 1 // given up: to be sent to the dead-letter queue
)

// row is the stored form of a job, without its key.
type row struct {
	stage    stage
	bodyKey  []byte // nil: the body is in a row of the job's own
	eventID  string
	cause    lineage.Cause
	attempts int // made
	charged  int // of them, those that count towards Policy.MaxRetries
	letters  int // failed attempts to send it to the dead-letter queue

	// The last failure, and the limit that made it the last.
	code, message string
	exhausted     Limit
}

var errRow = errors.New("delivery: malformed row")

func (r *row) append(b []byte) []byte {
	b = append(b, rowVersion, byte(r.stage))
	b = appendBytes(b, r.bodyKey)
	b = appendBytes(b, r.eventID)
	if r.attempts == 0 && r.cause == (lineage.Cause{}) {
		return b // fresh from a bus: most rows are
	}
	b = appendBytes(b, r.cause.EventID)
	b = appendBytes(b, r.cause.Delivery)
	b = binary.AppendUvarint(b, uint64(r.attempts))
	b = binary.AppendUvarint(b, uint64(r.charged))
	b = binary.AppendUvarint(b, uint64(r.letters))
	b = appendBytes(b, r.code)
	b = appendBytes(b, r.message)
	return appendBytes(b, string(r.exhausted))
}

// parseRow reads the stored form. The result shares no memory with b.
func parseRow(b []byte) (row, error) {
	if len(b) < 2 {
		return row{}, errRow
	}
	if b[0] != rowVersion {
		return row{}, fmt.Errorf("delivery: row version %d, want %d", b[0], rowVersion)
	}
	r := row{stage: stage(b[1])}
	p := parser{b: b[2:]}
	if key := p.bytes(); len(key) > 0 {
		r.bodyKey = append([]byte(nil), key...)
	}
	r.eventID = string(p.bytes())
	if len(p.b) > 0 {
		r.cause.EventID = string(p.bytes())
		r.cause.Delivery = string(p.bytes())
		r.attempts = p.int()
		r.charged = p.int()
		r.letters = p.int()
		r.code = string(p.bytes())
		r.message = string(p.bytes())
		r.exhausted = Limit(p.bytes())
	}
	if p.bad || len(p.b) > 0 || r.stage > stageLetter {
		return row{}, errRow
	}
	return r, nil
}

// parser takes fields off b and remembers if that failed.
type parser struct {
	b   []byte
	bad bool
}

func (p *parser) bytes() []byte {
	v, rest, ok := cutBytes(p.b)
	if !ok {
		p.b, p.bad = nil, true
		return nil
	}
	p.b = rest
	return v
}

// maxCount is more attempts than any job can have made.
const maxCount = 1 << 31

func (p *parser) int() int {
	n, k := binary.Uvarint(p.b)
	if k <= 0 || n > maxCount {
		p.b, p.bad = nil, true
		return 0
	}
	p.b = p.b[k:]
	return int(n)
}

// lanePrefix is the prefix of all jobs of a lane.
func lanePrefix(id LaneID) []byte {
	return append(binary.BigEndian.AppendUint32([]byte(rowPrefix), uint32(id)), '/')
}

const laneKeySize = len(rowPrefix) + 4 + 1

// appendRowKey appends the key of a job to its lane's prefix.
func appendRowKey(lane []byte, due, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(lane, due), seq)
}

func parseRowKey(k []byte) (due, seq uint64, ok bool) {
	if len(k) != laneKeySize+16 {
		return 0, 0, false
	}
	return binary.BigEndian.Uint64(k[laneKeySize:]), binary.BigEndian.Uint64(k[laneKeySize+8:]), true
}

// bodiesPrefix is the prefix of the bodies that a lane's jobs have of their
// own.
func bodiesPrefix(id LaneID) []byte {
	return append(binary.BigEndian.AppendUint32([]byte(bodyPrefix), uint32(id)), '/')
}

func ownBodyKey(id LaneID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(bodiesPrefix(id), seq)
}

// nextSeq takes the next seq of the partition.
func nextSeq(tx store.Tx) uint64 {
	v, ok := tx.Get([]byte(seqKey))
	if !ok {
		panic("delivery: Enqueue before Start")
	}
	if len(v) != 9 || v[0] != rowVersion {
		panic(errRow)
	}
	seq := binary.BigEndian.Uint64(v[1:])
	setSeq(tx, seq+1)
	return seq
}

func setSeq(tx store.Tx, seq uint64) {
	tx.Set([]byte(seqKey), binary.BigEndian.AppendUint64([]byte{rowVersion}, seq))
}

// initSeq writes the first seq of a partition that has none.
func initSeq(tx store.Tx, p store.Part) {
	if _, ok := tx.Get([]byte(seqKey)); !ok {
		setSeq(tx, uint64(p)<<partShift|1)
	}
}

// deliveryID is how a seq is told to others.
func deliveryID(seq uint64) string {
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := range b {
		b[i] = digits[seq>>(60-4*i)&15]
	}
	return string(b[:])
}
