package store

import (
	"errors"
	"fmt"
)

// sync waits for each group's write to reach the disk, in order, and only
// then lets anybody know of it.
func (p *partition) sync() {
	defer close(p.done)
	for g := range p.syncq {
		p.settle(g)
	}
}

func (p *partition) settle(g *group) {
	if g.batch != nil {
		g.err = p.syncGroup(g)
	}
	if err := p.store.haltErr(); err != nil {
		g.err = err
	}
	if g.err == nil && g.batch != nil {
		p.durable.Store(uint64(g.seq))
	}
	close(g.done)
	if g.err == nil {
		for _, hook := range g.hooks {
			p.runHook(hook)
		}
	}
	if g.emits {
		p.watch.announce()
	}
	for _, c := range g.calls {
		if g.err != nil {
			c.err = g.err
		}
		c.done <- struct{}{}
	}
	g.batch, g.calls, g.hooks = nil, nil, nil
}

// syncGroup returns nil if the group is on disk, and halts the store if not.
func (p *partition) syncGroup(g *group) error {
	err := g.err
	if err == nil {
		err = g.batch.SyncWait()
	}
	if err == nil {
		err = errors.Join(g.batch.Close(), p.store.watermark.raise(p.id, g.seq))
	}
	if err != nil {
		p.store.fail(fmt.Errorf("sync partition %d: %w", p.id, err))
	}
	return err
}

// runHook runs one OnDurable function. The Update it belongs to is durable
// whatever the function does.
func (p *partition) runHook(hook func()) {
	defer func() {
		if r := recover(); r != nil {
			p.store.log.Error("an OnDurable function panicked", "part", p.id, "panic", fmt.Sprint(r), "stack", stack())
			p.store.health.change(func(h *Health) { h.FailedHooks++ })
		}
	}()
	hook()
}
