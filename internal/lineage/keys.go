package lineage

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"stormbus/internal/store"
)

// The rows of one data partition:
//
//	ln/c                                  what is current: bucket, next number, records in all
//	ln/b/<bucket>                         a closed bucket: how many records it has
//	ln/r/<bucket>/e<id>/<number>          a record, by the id of its event or of its message
//	ln/r/<bucket>/s<span>/<number>        what this span published or sent, or what caused it
//
// A bucket is named by the time in milliseconds at which it was opened; the
// number is that of the record within its bucket. Both are 8 bytes.

const (
	currentKey   = "ln/c"
	closedPrefix = "ln/b/"
	rowPrefix    = "ln/r/"
)

const (
	byEvent = 'e'
	bySpan  = 's'
)

const stateVersion = 1

type bucket uint64

func bucketAt(t time.Time) bucket { return bucket(t.UnixMilli()) }

const hourMillis = bucket(time.Hour / time.Millisecond)

// hour is the hour in which the bucket was opened.
func (b bucket) hour() bucket { return b / hourMillis }

// end is when the bucket takes no more records: its hour is over.
func (b bucket) end() bucket { return (b.hour() + 1) * hourMillis }

func closedKey(b bucket) []byte {
	return store.AppendUint64([]byte(closedPrefix), uint64(b))
}

// bucketKey is the prefix of all rows of a bucket.
func bucketKey(b bucket) []byte {
	return store.AppendUint64([]byte(rowPrefix), uint64(b))
}

// appendRowPrefix appends the prefix of a bucket's rows of one event or span.
func appendRowPrefix(dst []byte, b bucket, by byte, id string) []byte {
	dst = append(dst, rowPrefix...)
	dst = store.AppendUint64(dst, uint64(b))
	return store.AppendString(append(dst, by), id)
}

// current is the row that says where the next record goes.
type current struct {
	bucket bucket
	next   uint64 // records in the bucket so far
	total  uint64 // records in all buckets
}

var errState = errors.New("lineage: malformed state row")

func (c current) append(dst []byte) []byte {
	dst = append(dst, stateVersion)
	dst = store.AppendUint64(dst, uint64(c.bucket))
	dst = store.AppendUint64(dst, c.next)
	return store.AppendUint64(dst, c.total)
}

func parseCurrent(b []byte) (current, error) {
	if len(b) != 1+3*8 || b[0] != stateVersion {
		return current{}, errState
	}
	return current{
		bucket: bucket(binary.BigEndian.Uint64(b[1:])),
		next:   binary.BigEndian.Uint64(b[9:]),
		total:  binary.BigEndian.Uint64(b[17:]),
	}, nil
}

// closedBucket is one closed bucket and how many records it has.
type closedBucket struct {
	bucket bucket
	count  uint64
}

func parseClosed(k, v []byte) (closedBucket, error) {
	if len(k) != len(closedPrefix)+8 || len(v) != 1+8 || v[0] != stateVersion {
		return closedBucket{}, errState
	}
	return closedBucket{
		bucket: bucket(binary.BigEndian.Uint64(k[len(closedPrefix):])),
		count:  binary.BigEndian.Uint64(v[1:]),
	}, nil
}

// closedBuckets lists the closed buckets, oldest first.
func closedBuckets(v store.View) ([]closedBucket, error) {
	var out []closedBucket
	lo := []byte(closedPrefix)
	for k, val := range v.Scan(lo, store.PrefixEnd(lo)) {
		c, err := parseClosed(k, val)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// buckets lists all buckets, oldest first.
func buckets(v store.View) ([]bucket, error) {
	row, ok := v.Get([]byte(currentKey))
	if !ok {
		return nil, nil
	}
	cur, err := parseCurrent(row)
	if err != nil {
		return nil, err
	}
	closed, err := closedBuckets(v)
	if err != nil {
		return nil, err
	}
	out := make([]bucket, 0, len(closed)+1)
	for _, c := range closed {
		out = append(out, c.bucket)
	}
	out = append(out, cur.bucket)
	return slices.Compact(out), nil
}
