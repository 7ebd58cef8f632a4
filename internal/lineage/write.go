package lineage

import (
	"encoding/binary"
	"fmt"

	"stormbus/internal/store"
)

// Write records hops inside an Update of a data partition: the hops are told
// exactly if the Update becomes durable. A record whose Time is zero gets the
// partition's time. Records of one call cost less than as many calls.
//
// It panics if the log's own rows cannot be read, which fails the Update.
func (l *Log) Write(tx store.Tx, rs ...Record) {
	if len(rs) == 0 {
		return
	}
	cur := l.open(tx)
	var key, value []byte
	for i := range rs {
		r := &rs[i]
		at := r.Time
		if at.IsZero() {
			at = tx.Now()
		}
		number := cur.next
		cur.next++
		cur.total++
		if r.EventID != "" {
			key = appendRowPrefix(key[:0], cur.bucket, byEvent, r.EventID)
			key = store.AppendUint64(key, number)
			value = appendRecord(value[:0], r, at)
			tx.Set(key, value)
		}
		if r.Span != "" {
			key = appendRowPrefix(key[:0], cur.bucket, bySpan, r.Span)
			key = store.AppendUint64(key, number)
			value = pointer{kind: r.Kind, eventID: r.EventID}.append(value[:0])
			tx.Set(key, value)
		}
	}
	tx.Set([]byte(currentKey), cur.append(value[:0]))
}

// open returns where the next record goes. It closes the current bucket and
// trims if the bucket's hour is over or it is full.
func (l *Log) open(tx store.Tx) current {
	now := bucketAt(tx.Now())
	row, ok := tx.Get([]byte(currentKey))
	if !ok {
		return current{bucket: now}
	}
	cur, err := parseCurrent(row)
	if err != nil {
		panic(err)
	}
	if now.hour() == cur.bucket.hour() && cur.next < l.maxBucket {
		return cur
	}
	if now <= cur.bucket {
		// A bucket that was filled within one millisecond.
		now = cur.bucket + 1
	}
	closed := append([]byte{stateVersion}, make([]byte, 8)...)
	binary.BigEndian.PutUint64(closed[1:], cur.next)
	tx.Set(closedKey(cur.bucket), closed)
	cur.bucket, cur.next = now, 0
	if err := l.trim(tx, &cur); err != nil {
		panic(fmt.Errorf("trim: %w", err))
	}
	return cur
}

// trim drops the oldest closed buckets while they are too old or the partition
// has too many records. The current bucket has room for one bucket's worth.
func (l *Log) trim(tx store.Tx, cur *current) error {
	closed, err := closedBuckets(tx)
	if err != nil {
		return err
	}
	oldest := bucketAt(tx.Now().Add(-l.retention))
	for _, c := range closed {
		if c.bucket.end() > oldest && cur.total+l.maxBucket <= l.maxTotal {
			break
		}
		rows := bucketKey(c.bucket)
		tx.DeleteRange(rows, store.PrefixEnd(rows))
		tx.Delete(closedKey(c.bucket))
		cur.total -= min(c.count, cur.total)
	}
	return nil
}

// pointer is what a span's row holds.
type pointer struct {
	kind    Kind   // Published: the span published the event; Invoked: the event caused it
	eventID string // empty: no event caused the run
}

const pointerVersion = 1

func (p pointer) append(b []byte) []byte {
	return append(append(b, pointerVersion, byte(p.kind)), p.eventID...)
}

func parsePointer(b []byte) (pointer, error) {
	if len(b) < 2 || b[0] != pointerVersion {
		return pointer{}, errMalformed
	}
	return pointer{kind: Kind(b[1]), eventID: string(b[2:])}, nil
}
