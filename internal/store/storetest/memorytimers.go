package storetest

import (
	"context"
	"errors"
	"time"

	"stormbus/internal/store"
)

// memTimer is a timer that is set.
type memTimer struct {
	kind     string
	id       []byte
	at       time.Time // when to fire
	due      time.Time // as it was set; differs from at after a failure
	attempts uint32
	payload  []byte
}

func (r memTimer) key() []byte {
	return append(store.AppendString(store.AppendTime([]byte("tm/"), r.at), r.kind), r.id...)
}

func (r memTimer) indexKey() []byte {
	return append(store.AppendString([]byte("tmx/"), r.kind), r.id...)
}

func (r memTimer) value() []byte {
	return append(store.AppendTime(store.AppendUint32([]byte{1}, r.attempts), r.due), r.payload...)
}

// readTimer reads what key and value returned.
func readTimer(k, v []byte) (r memTimer) {
	r.at, k, _ = store.ReadTime(k[len("tm/"):])
	r.kind, r.id, _ = store.ReadString(k)
	r.attempts, v, _ = store.ReadUint32(v[1:])
	r.due, r.payload, _ = store.ReadTime(v)
	return r
}

func (t *memTx) setTimer(r memTimer) {
	t.StopTimer(r.kind, r.id)
	t.set(r.key(), r.value())
	t.set(r.indexKey(), store.AppendTime([]byte{1}, r.at))
	t.OnDurable(t.part.signal)
}

// StopTimer implements store.Tx.
func (t *memTx) StopTimer(kind string, id []byte) {
	r := memTimer{kind: kind, id: id}
	v, ok := t.Get(r.indexKey())
	if !ok {
		return
	}
	r.at, _, _ = store.ReadTime(v[1:])
	t.delete(r.indexKey())
	t.delete(r.key())
}

func (p *memPart) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// OnTimer is that of *[store.Store].
func (s *MemoryStore) OnTimer(kind string, fn func(tx store.Tx, f store.Fired) error) {
	s.mu.Lock()
	s.handlers[kind] = fn
	s.mu.Unlock()
	for _, p := range s.parts {
		p.signal()
	}
}

func (s *MemoryStore) handler(kind string) func(tx store.Tx, f store.Fired) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.handlers[kind]
}

// runTimers fires what is due and sleeps until the next timer.
func (s *MemoryStore) runTimers(p *memPart) {
	for {
		r, found := s.nextTimer(p)
		wait := r.at.Sub(s.o.Clock.Now())
		ok := true
		switch {
		case !found:
			ok = s.sleep(p, nil)
		case wait <= 0:
			ok = s.fire(p, r)
		default:
			timer := s.o.Clock.NewTimer(min(wait, time.Minute)) // the clock may jump
			ok = s.sleep(p, timer.C())
			timer.Stop()
		}
		if !ok {
			return
		}
	}
}

// sleep waits for a timer to expire or to be set, and returns false when the
// store is closed.
func (s *MemoryStore) sleep(p *memPart, expired <-chan time.Time) bool {
	select {
	case <-expired:
	case <-p.wake:
	case <-s.stop:
		return false
	}
	return true
}

// nextTimer returns the first timer that has a handler.
func (s *MemoryStore) nextTimer(p *memPart) (r memTimer, found bool) {
	pic, _ := p.current()
	v := memView{picture: pic}
	for k, val := range v.Scan([]byte("tm/"), []byte("tm0")) {
		if r = readTimer(k, val); s.handler(r.kind) != nil {
			return r, true
		}
	}
	return r, false
}

// fire runs the handler of r, or moves r if that fails. It returns false when
// the store is closed.
func (s *MemoryStore) fire(p *memPart, r memTimer) bool {
	err := s.Update(context.Background(), p.id, func(tx store.Tx) error {
		t := tx.(*memTx)
		if _, ok := t.Get(r.key()); !ok {
			return nil // moved or stopped meanwhile
		}
		t.StopTimer(r.kind, r.id)
		return s.handler(r.kind)(tx, store.Fired{Kind: r.kind, ID: r.id, Due: r.due, Payload: r.payload})
	})
	if err == nil || errors.Is(err, store.ErrClosed) {
		return err == nil
	}
	s.o.Logger.Error("a timer's handler failed; it will be tried again", "kind", r.kind, "err", err)
	err = s.Update(context.Background(), p.id, func(tx store.Tx) error {
		t := tx.(*memTx)
		if _, ok := t.Get(r.key()); !ok {
			return nil
		}
		t.StopTimer(r.kind, r.id)
		r.at = tx.Now().Add(time.Second << min(r.attempts, 9)).Truncate(time.Millisecond)
		r.attempts++
		t.setTimer(r)
		return nil
	})
	return err == nil
}
