package store

import (
	"context"
	"sync/atomic"
	"time"

	"stormbus/internal/clock"
)

// call is one Update on its way through the executor.
type call struct {
	fn    func(tx Tx) error
	grow  bool         // may add data although the disk is nearly full
	state atomic.Int32 // queued, started, evaluated or abandoned
	err   error
	done  chan struct{} // receives one value when err is final
}

const (
	queued int32 = iota
	started
	evaluated // the closure has returned; its group may not be durable
	abandoned // the caller is gone; the executor drops the call
)

// update hands fn to the executor and waits for its outcome.
func (p *partition) update(ctx context.Context, fn func(tx Tx) error) error {
	c := p.store.newCall(fn, reclaiming(ctx))
	if err := p.enqueue(ctx, c); err != nil {
		return err
	}
	return p.wait(ctx, c)
}

func (s *Store) newCall(fn func(tx Tx) error, grow bool) *call {
	c, ok := s.calls.Get().(*call)
	if !ok {
		c = &call{done: make(chan struct{}, 1)}
	}
	c.fn, c.grow = fn, grow
	c.state.Store(queued)
	return c
}

// finish returns the outcome of c, which nobody else holds any more.
func (s *Store) finish(c *call) error {
	err := c.err
	c.fn, c.err = nil, nil
	s.calls.Put(c)
	return err
}

func (p *partition) enqueue(ctx context.Context, c *call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-p.store.stop:
		return ErrClosed
	default:
	}
	select {
	case p.queue <- c: // nearly always; it need not look at the rest
		return nil
	default:
	}
	select {
	case p.queue <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.store.halts:
		return p.store.haltErr()
	case <-p.done:
		return ErrClosed
	}
}

func (p *partition) wait(ctx context.Context, c *call) error {
	select {
	case <-c.done:
		return p.store.finish(c)
	case <-p.done:
		return p.leftover(c)
	case <-p.store.halts:
		return p.halted(c)
	case <-ctx.Done():
	}
	if c.state.CompareAndSwap(queued, abandoned) {
		return ctx.Err()
	}
	select {
	case <-c.done:
		return p.store.finish(c)
	case <-p.done:
		return p.leftover(c)
	case <-p.store.halts:
		return p.halted(c)
	}
}

// halted answers a call of a store that has halted. Its group may wait for the
// disk for ever, but its closure, which may touch what the caller holds, ends.
func (p *partition) halted(c *call) error {
	for c.state.Load() == started {
		select {
		case <-c.done:
			return p.store.haltErr()
		case <-clock.Real().NewTimer(time.Millisecond).C():
		}
	}
	c.state.CompareAndSwap(queued, abandoned)
	return p.store.haltErr()
}
