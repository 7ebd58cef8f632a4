package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

// Change is one record of the change feed.
type Change struct {
	Seq   Seq
	Time  time.Time // partition time of the Update
	Topic string
	Rec   []byte
}

const changeVersion = 1

// changeKey is ch/<topic>/<seq>/<n>: a watcher reads its own topic only.
func changeKey(topic string, seq Seq, n uint32) []byte {
	b := AppendString([]byte(changePrefix), topic)
	return AppendUint32(AppendUint64(b, uint64(seq)), n)
}

// topicBounds returns the range of a topic's changes after from.
func topicBounds(topic string, from Seq) (lo, hi []byte) {
	b := AppendString([]byte(changePrefix), topic)
	return AppendUint64(b[:len(b):len(b)], uint64(from)+1), PrefixEnd(b)
}

func decodeChange(topic string, k, v []byte) (Change, error) {
	rest := k[min(len(k), len(AppendString([]byte(changePrefix), topic))):]
	seq, rest, ok := ReadUint64(rest)
	if !ok || len(rest) != 4 || len(v) < 9 || v[0] != changeVersion {
		return Change{}, fmt.Errorf("change row %q: %w", k, ErrDamaged)
	}
	ns, rec, _ := ReadUint64(v[1:])
	return Change{Seq: Seq(seq), Time: time.Unix(0, int64(ns)).UTC(), Topic: topic, Rec: rec}, nil
}

// topicState is what the executor knows of a topic.
type topicState struct {
	name    string
	count   int // rows; those of the running closure are in pending
	pending int
	trimmed Seq // nothing up to here is left
}

// Emit implements Tx.
func (t *txn) Emit(topic string, rec []byte) {
	if !t.grow {
		t.fail(ErrReadOnly)
		return
	}
	ts := t.topic(topic)
	if t.err != nil {
		return
	}
	v := AppendUint64([]byte{changeVersion}, uint64(t.now))
	t.set(changeKey(topic, t.p.seq+1, t.emitted), append(v, rec...))
	t.emitted++
	if ts.pending == 0 {
		t.topics = append(t.topics, ts)
	}
	ts.pending++
}

// topic returns what is known of a topic, counting its rows the first time.
func (t *txn) topic(name string) *topicState {
	if ts, ok := t.p.topics[name]; ok {
		return ts
	}
	ts := &topicState{name: name}
	var err error
	t.index()
	if ts.trimmed, err = readTrim(&t.reading, name); err != nil {
		t.fail(err)
		return nil
	}
	for range t.Scan(topicBounds(name, ts.trimmed)) {
		ts.count++
	}
	if t.err == nil {
		t.p.topics[name] = ts
	}
	return ts
}

// settleTopics ends a successful closure: it drops the oldest changes of a
// topic that has grown a quarter over its retention. Whole Updates go, and
// never the running one.
func (t *txn) settleTopics() {
	keep := t.p.store.o.Retention
	for _, ts := range t.topics {
		excess := ts.count + ts.pending - keep
		if excess <= keep/4 || ts.count == 0 || t.err != nil {
			continue
		}
		lo, _ := topicBounds(ts.name, ts.trimmed)
		_, hi := topicBounds(ts.name, 0)
		cut := trim{topic: ts, last: ts.trimmed}
		at, n := ts.trimmed, 0
		for k := range t.Scan(lo, hi) {
			seq, _, _ := ReadUint64(k[len(k)-12:])
			if Seq(seq) != at {
				cut.last, cut.rows = at, n // all of an Update, or nothing
			}
			if n == excess || Seq(seq) > t.p.seq {
				break
			}
			at = Seq(seq)
			n++
		}
		if cut.rows == 0 {
			continue
		}
		hi, _ = topicBounds(ts.name, cut.last)
		t.deleteRange(lo, hi)
		t.set(append([]byte(trimPrefix), ts.name...), AppendUint64([]byte{trimVersion}, uint64(cut.last)))
		t.trims = append(t.trims, cut)
	}
}

// trim is what settleTopics did; it counts once the closure has succeeded.
type trim struct {
	topic *topicState
	last  Seq
	rows  int
}

// keepTopics follows a successful closure, dropTopics a failed one.
func (t *txn) keepTopics() {
	for _, ts := range t.topics {
		ts.count += ts.pending
	}
	for _, tr := range t.trims {
		tr.topic.trimmed = tr.last
		tr.topic.count -= tr.rows
	}
	t.dropTopics()
}

func (t *txn) dropTopics() {
	for _, ts := range t.topics {
		ts.pending = 0
	}
	t.topics, t.trims = t.topics[:0], t.trims[:0]
}

const trimVersion = 1

// watchState wakes watchers.
type watchState struct {
	// mu guards next.
	mu   sync.Mutex
	next chan struct{} // closed when there may be more to read; nil if nobody waits
}

// wait returns a channel that is closed at the next announcement.
func (w *watchState) wait() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next == nil {
		w.next = make(chan struct{})
	}
	return w.next
}

func (w *watchState) announce() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.next != nil {
		close(w.next)
		w.next = nil
	}
}

// Watch returns the changes of topic in partition p with a Seq greater than
// from, in order and without a gap, and goes on as new ones become durable.
// It ends with an error only: ctx's, [ErrClosed], [ErrHalted], or
// [ErrTrimmed] if changes after from have been dropped already. A caller that
// took from out of View.Seq has missed nothing since that View.
func (s *Store) Watch(ctx context.Context, p Part, topic string, from Seq) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		part, err := s.part(p)
		if err != nil {
			yield(Change{}, err)
			return
		}
		for {
			more := part.watch.wait()
			cs, err := part.changes(topic, from)
			if err != nil {
				yield(Change{}, fmt.Errorf("watch %q in partition %d: %w", topic, p, err))
				return
			}
			for _, c := range cs {
				if !yield(c, nil) {
					return
				}
				from = c.Seq
			}
			if len(cs) > 0 {
				continue
			}
			select {
			case <-more:
			case <-ctx.Done():
				yield(Change{}, ctx.Err())
				return
			case <-s.halts:
				yield(Change{}, s.haltErr())
				return
			case <-s.stop:
				yield(Change{}, ErrClosed)
				return
			}
		}
	}
}

// watchBatch is how many changes are read at once. No engine resource is held
// while a watcher looks at them.
const watchBatch = 256

// changes returns the next durable changes after from; whole Updates only.
func (p *partition) changes(topic string, from Seq) (cs []Change, err error) {
	if err := p.store.readers.enter(); err != nil {
		return nil, err
	}
	defer p.store.readers.leave()
	durable := Seq(p.durable.Load())
	snap := p.store.db.NewSnapshot()
	defer func() { err = errors.Join(err, snap.Close()) }()
	r := &reading{part: p.id, r: snap}
	trimmed, err := readTrim(r, topic)
	if err != nil {
		return nil, err
	}
	if trimmed > from {
		return nil, fmt.Errorf("%w: up to %d, wanted after %d", ErrTrimmed, trimmed, from)
	}
	for k, v := range r.Scan(topicBounds(topic, from)) {
		c, err := decodeChange(topic, k, v)
		if err != nil {
			return nil, err
		}
		if c.Seq > durable || len(cs) >= watchBatch && c.Seq != cs[len(cs)-1].Seq {
			break
		}
		cs = append(cs, c)
	}
	return cs, r.err
}

func readTrim(r *reading, topic string) (Seq, error) {
	v, ok := r.Get(append([]byte(trimPrefix), topic...))
	if !ok {
		return 0, r.err
	}
	n, rest, ok := ReadUint64(bytes.TrimPrefix(v, []byte{trimVersion}))
	if !ok || len(rest) > 0 {
		return 0, fmt.Errorf("trim row of %q: %w", topic, ErrDamaged)
	}
	return Seq(n), nil
}
