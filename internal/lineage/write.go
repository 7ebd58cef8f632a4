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
		value = appendRecord(value[:0], r, at)
		for _, id := range [...]string{r.EventID, r.messageKey()} {
			if id != "" {
				key = appendRowPrefix(key[:0], cur.bucket, byEvent, id)
				tx.Set(store.AppendUint64(key, number), value)
			}
		}
		for _, span := range [...]string{r.Span, r.MessageSpan} {
			if span != "" {
				key = appendRowPrefix(key[:0], cur.bucket, bySpan, span)
				value = appendSpanRow(value[:0], r, at)
				tx.Set(store.AppendUint64(key, number), value)
			}
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
