package storetest

import (
	"iter"
	"time"

	"stormbus/internal/store"
)

func changeBounds(topic string, from store.Seq) (lo, hi []byte) {
	b := store.AppendString([]byte("ch/"), topic)
	return store.AppendUint64(b[:len(b):len(b)], uint64(from)+1), store.PrefixEnd(b)
}

// Emit implements store.Tx.
func (t *memTx) Emit(topic string, rec []byte) {
	k, _ := changeBounds(topic, t.seq) // that of this Update
	t.set(store.AppendUint32(k, t.emitted), append(store.AppendUint64([]byte{1}, uint64(t.now)), rec...))
	t.emitted++
	t.topics[topic] = true
}

// changes returns the changes of topic after from.
func changes(rows *rowMap, topic string, from store.Seq) iter.Seq[store.Change] {
	return func(yield func(store.Change) bool) {
		v := memView{picture: picture{rows: rows}}
		for k, val := range v.Scan(changeBounds(topic, from)) {
			seq, _, _ := store.ReadUint64(k[len(k)-12:])
			ns, rec, _ := store.ReadUint64(val[1:])
			if !yield(store.Change{Seq: store.Seq(seq), Time: time.Unix(0, int64(ns)).UTC(), Topic: topic, Rec: rec}) {
				return
			}
		}
	}
}

func trimKey(topic string) []byte { return append([]byte("m/trim/"), topic...) }

// trimmedTo returns the Seq up to which changes of topic may be gone.
func trimmedTo(rows *rowMap, topic string) store.Seq {
	_, v, ok := rows.Get(trimKey(topic))
	if !ok {
		return 0
	}
	n, _, _ := store.ReadUint64(v[1:])
	return store.Seq(n)
}

// trim drops the oldest Updates of a topic that has grown a quarter over its
// retention, but none by half and never the running one.
func (t *memTx) trim(topic string) {
	var seqs []store.Seq
	for c := range changes(t.rows, topic, 0) {
		seqs = append(seqs, c.Seq)
	}
	keep := t.s.o.Retention
	if len(seqs)-keep <= keep/4 {
		return
	}
	// The Update of the first change to keep stays whole.
	last := min(seqs[len(seqs)-keep], t.seq+1) - 1
	if last < seqs[0] {
		return
	}
	lo, _ := changeBounds(topic, 0)
	hi, _ := changeBounds(topic, last)
	t.deleteRange(lo, hi)
	t.set(trimKey(topic), store.AppendUint64([]byte{1}, uint64(last)))
}
