package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// Fired is a timer that has come due.
type Fired struct {
	Kind    string
	ID      []byte
	Due     time.Time // as it was set, in whole milliseconds
	Payload []byte
}

// handlers are the functions of OnTimer.
type handlers struct {
	// mu guards byKind.
	mu     sync.RWMutex
	byKind map[string]func(tx Tx, f Fired) error
}

// OnTimer makes fn handle the timers of kind. fn runs inside an Update of the
// timer's partition that also removes the timer, so its effects happen once;
// it may set the same timer again. If it fails, nothing of it is written and
// the timer is tried again later, with a growing delay. Register before the
// first Update; timers of a kind without a handler wait for one.
func (s *Store) OnTimer(kind string, fn func(tx Tx, f Fired) error) {
	s.handlers.mu.Lock()
	if s.handlers.byKind == nil {
		s.handlers.byKind = map[string]func(tx Tx, f Fired) error{}
	}
	s.handlers.byKind[kind] = fn
	s.handlers.mu.Unlock()
	for _, p := range s.parts {
		p.timer.signal()
	}
}

func (h *handlers) get(kind string) func(tx Tx, f Fired) error {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.byKind[kind]
}

// timerState connects the executor with the timer goroutine.
type timerState struct {
	wake    chan struct{}
	nearest int64 // ms; no row is due before it; executor only
}

func (t *timerState) signal() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// timerRow is one row of the timer index.
type timerRow struct {
	key      []byte // tm/<ms>/<kind>/<id>
	kind     string
	id       []byte
	ms       uint64 // when to fire
	attempts uint32
	due      time.Time // as it was set; differs from ms after a failure
	payload  []byte
}

const timerVersion = 1

func timerKey(ms uint64, kind string, id []byte) []byte {
	b := AppendUint64([]byte(timerPrefix), ms)
	return append(AppendString(b, kind), id...)
}

func timerIndexKey(kind string, id []byte) []byte {
	return append(AppendString([]byte(timerIndex), kind), id...)
}

func (r timerRow) value() []byte {
	b := AppendUint32([]byte{timerVersion}, r.attempts)
	return append(AppendTime(b, r.due), r.payload...)
}

func decodeTimer(k, v []byte) (timerRow, error) {
	r := timerRow{key: k}
	bad := fmt.Errorf("timer row %q: %w", k, ErrDamaged)
	if len(k) < len(timerPrefix) || len(v) == 0 || v[0] != timerVersion {
		return r, bad
	}
	var ok bool
	if r.ms, k, ok = ReadUint64(k[len(timerPrefix):]); !ok {
		return r, bad
	}
	if r.kind, r.id, ok = ReadString(k); !ok {
		return r, bad
	}
	if r.attempts, v, ok = ReadUint32(v[1:]); !ok {
		return r, bad
	}
	if r.due, r.payload, ok = ReadTime(v); !ok {
		return r, bad
	}
	return r, nil
}

// Timer implements Tx.
func (t *txn) Timer(kind string, id []byte, due time.Time, payload []byte) {
	if !t.grow {
		t.fail(ErrReadOnly)
		return
	}
	if rounded := due.Truncate(time.Millisecond); rounded.Before(due) {
		due = rounded.Add(time.Millisecond) // never early
	}
	t.setTimer(timerRow{kind: kind, id: id, ms: millis(due), due: due, payload: payload})
}

func (t *txn) setTimer(r timerRow) {
	t.StopTimer(r.kind, r.id)
	t.set(timerKey(r.ms, r.kind, r.id), r.value())
	t.set(timerIndexKey(r.kind, r.id), AppendUint64([]byte{timerVersion}, r.ms))
	if int64(r.ms) < t.p.timer.nearest {
		t.OnDurable(t.p.timer.signal)
	}
}

// StopTimer implements Tx.
func (t *txn) StopTimer(kind string, id []byte) {
	index := timerIndexKey(kind, id)
	v, ok := t.Get(index)
	if !ok {
		return
	}
	ms, _, ok := ReadUint64(v[1:])
	if !ok {
		t.fail(fmt.Errorf("timer index %q: %w", index, ErrDamaged))
		return
	}
	t.delete(index)
	t.delete(timerKey(ms, kind, id))
}

const (
	timerBatch   = 256         // timers fired at once
	timerRecheck = time.Minute // how long the wall clock is trusted not to jump
)

// runTimers fires what is due and sleeps until the next timer. It sleeps on
// the monotonic clock, at most timerRecheck at a time, and looks at the wall
// clock when it wakes: a host that was suspended fires late, never early.
func (p *partition) runTimers() {
	ctx := reclaim(context.Background())
	for {
		due, next, err := p.dueTimers(ctx)
		if ended(err) {
			return
		}
		if err != nil {
			p.store.log.Error("timers cannot be read; they will be tried again", "part", p.id, "err", err)
			next = millis(p.store.o.Clock.Now().Add(timerRecheck))
		}
		if len(due) > 0 {
			p.fireAll(ctx, due)
			continue
		}
		if !p.sleepUntil(next) {
			return
		}
	}
}

// ended reports whether err says that the store is done for.
func ended(err error) bool { return errors.Is(err, ErrClosed) || errors.Is(err, ErrHalted) }

// sleepUntil waits for next, a change of the timers or the end of the store,
// and returns false for the latter.
func (p *partition) sleepUntil(next uint64) bool {
	var expired <-chan time.Time
	if next != math.MaxInt64 {
		// Not from partition time: while the wall clock is behind it, nothing
		// comes due.
		d := time.UnixMilli(int64(next)).Sub(p.store.o.Clock.Now())
		t := p.store.o.Clock.NewTimer(min(d, timerRecheck))
		defer t.Stop()
		expired = t.C()
	}
	select {
	case <-expired:
	case <-p.timer.wake:
	case <-p.store.stop:
		return false
	}
	return true
}

// dueTimers returns timers that are due and have a handler, and when the
// first of the others is.
func (p *partition) dueTimers(ctx context.Context) (due []timerRow, next uint64, err error) {
	err = p.update(ctx, func(tx Tx) error {
		due, next = nil, math.MaxInt64
		now := millis(tx.Now())
		for k, v := range tx.Head([]byte(timerPrefix)) {
			r, err := decodeTimer(k, v)
			if err != nil {
				return err
			}
			if r.ms > now {
				next = r.ms
				break
			}
			if p.store.handlers.get(r.kind) == nil {
				continue
			}
			if due = append(due, r); len(due) == timerBatch {
				next = now
				break
			}
		}
		p.timer.nearest = int64(next)
		return nil
	})
	return due, next, err
}

// fireAll runs the handlers, each in an Update of its own; those that are
// queued together share a group.
func (p *partition) fireAll(ctx context.Context, due []timerRow) {
	calls := make([]*call, 0, len(due))
	for _, r := range due {
		c := p.store.newCall(p.fire(r), true)
		if p.enqueue(ctx, c) != nil {
			break // closed; the rows stay
		}
		calls = append(calls, c)
	}
	for i, c := range calls {
		err := p.wait(ctx, c)
		if err == nil || ended(err) {
			continue
		}
		r := due[i]
		p.store.log.Error("a timer's handler failed; it will be tried again", "part", p.id,
			"kind", r.kind, "id", string(r.id), "attempt", r.attempts+1, "err", err)
		p.store.health.change(func(h *Health) { h.FailingTimers++ })
		if err := p.update(ctx, p.postpone(r)); err != nil && !ended(err) {
			p.store.log.Error("postpone a timer", "part", p.id, "kind", r.kind, "err", err)
		}
	}
}

// fire removes the timer and runs its handler, unless it was moved or stopped
// since it was found due.
func (p *partition) fire(r timerRow) func(tx Tx) error {
	return func(tx Tx) error {
		t := tx.(*txn)
		if _, ok := t.Get(r.key); !ok {
			return nil
		}
		t.StopTimer(r.kind, r.id)
		return p.store.handlers.get(r.kind)(tx, Fired{Kind: r.kind, ID: r.id, Due: r.due, Payload: r.payload})
	}
}

// postpone moves a timer whose handler failed.
func (p *partition) postpone(r timerRow) func(tx Tx) error {
	return func(tx Tx) error {
		t := tx.(*txn)
		if _, ok := t.Get(r.key); !ok {
			return nil
		}
		delay := time.Second << min(r.attempts, 9) // 1 s, 2 s, … about 9 min
		r.attempts++
		r.ms = millis(tx.Now().Add(delay))
		t.setTimer(r)
		return nil
	}
}
