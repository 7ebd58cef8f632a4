package sqs

import (
	"context"
	"fmt"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// signal wakes one goroutine; several signals at once are one.
type signal chan struct{}

func newSignal() signal { return make(signal, 1) }

func (s signal) signal() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// startMover runs the active task of a queue in the background.
func (s *Service) startMover(l *live) {
	if s.stopped.Err() != nil {
		return // the next start goes on with it
	}
	s.background.Go(func() {
		if err := s.runTask(s.stopped, l); err != nil && s.stopped.Err() == nil {
			s.log.Error("move messages to another queue; the task goes on when the server starts again",
				telemetry.KeyQueue, l.config.Load().ARN().String(), telemetry.KeyError, err)
		}
	})
}

// resumeTasks goes on with tasks that an earlier life of the process began.
func (s *Service) resumeTasks(ctx context.Context) error {
	for _, l := range s.queues.all() {
		q := l.config.Load()
		var active *task
		err := s.store.View(ctx, q.Part, func(v store.View) (err error) {
			active, err = q.activeTask(v)
			return err
		})
		if err != nil {
			return fmt.Errorf("move tasks of %s: %w", q.ARN(), err)
		}
		if active != nil {
			s.startMover(l)
		}
	}
	return nil
}

// runTask does the work of a task until it has ended: a batch out of the queue
// into its outbox, and from there to where it belongs. Both steps are durable,
// so a crash neither loses a message nor moves it twice.
func (s *Service) runTask(ctx context.Context, l *live) error {
	for first := true; ; first = false {
		step := moving{first: first}
		if err := s.update(store.Reclaiming(ctx), l, step.run); err != nil {
			return ignoreGone(err)
		}
		if step.task == nil {
			return nil
		}
		failure, err := s.deliverStep(ctx, l, &step)
		if err != nil {
			return ignoreGone(err)
		}
		if failure != "" || step.empty {
			return ignoreGone(s.endTask(ctx, l, step.task.number, failure))
		}
		s.pause(ctx, l, step.pause)
		if ctx.Err() != nil {
			return nil
		}
	}
}

// deliverStep empties the outbox, and says why a task cannot go on: the queue
// of a message is gone, so that it was put back.
func (s *Service) deliverStep(ctx context.Context, l *live, step *moving) (failure string, err error) {
	failure = step.failure
	for target := range step.targets {
		if a, err := arn.Parse(target); err != nil {
			failure = failureNoSource
		} else if _, ok := s.queueByARN(a); !ok {
			failure = failureNoQueue
		}
	}
	return failure, s.redrive(context.WithoutCancel(ctx), l)
}

// pause waits, but not if the task is cancelled.
func (s *Service) pause(ctx context.Context, l *live, d time.Duration) {
	if d == 0 {
		return
	}
	timer := s.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-l.cancelled:
	case <-ctx.Done():
	}
}

// endTask notes how a task ended. One that was cancelled meanwhile is cancelled.
func (s *Service) endTask(ctx context.Context, l *live, number uint64, failure string) error {
	return s.update(store.Reclaiming(context.WithoutCancel(ctx)), l, func(w *work) error {
		t, err := w.q.activeTask(w.tx)
		if err != nil || t == nil || t.number != number {
			return err
		}
		switch {
		case failure != "":
			t.Status, t.Failure = taskFailed, failure
			t.Moved = min(t.Moved, t.ToMove)
		case t.Status == taskCancelling:
			t.Status = taskCancelled
		default:
			t.Status = taskCompleted
		}
		return w.saveTask(t)
	})
}

// moving is one step of a task: one transaction that takes messages out of the
// queue.
type moving struct {
	first   bool
	task    *task // nil if there is nothing to do any more
	targets map[string]bool
	failure string
	empty   bool          // nothing more is to be moved
	pause   time.Duration // before the next step
}

func (m *moving) run(w *work) error {
	t, err := w.q.activeTask(w.tx)
	if err != nil || t == nil {
		return err
	}
	m.task, m.targets = t, map[string]bool{}
	if t.Status == taskCancelling {
		t.Status = taskCancelled
		m.task = nil
		return w.saveTask(t)
	}
	most := moveBatch
	if t.Rate > 0 {
		// Ten steps a second, or as many as there are messages.
		most = int(max(1, t.Rate/10))
		m.pause = time.Duration(most) * time.Second / time.Duration(t.Rate)
		if m.first {
			return nil // what comes first has to wait for its turn as well
		}
	}
	moved := t.Moved
	if err := m.take(w, most); err != nil {
		return err
	}
	if t.Moved == moved {
		m.empty = m.failure == ""
		return nil
	}
	return w.saveTask(t)
}

// take moves messages that can be received into the outbox.
func (m *moving) take(w *work, most int) error {
	bytes := 0
	left := func() bool { return most > 0 && bytes < maxUpdateBytes && m.failure == "" }
	one := func(seq uint64) error {
		row, st, _, err := w.message(seq, false)
		if err != nil {
			return err
		}
		target := m.task.Destination
		if target == "" {
			msg, err := decodeMessage(row)
			if err != nil {
				return err
			}
			if target = msg.source; target == "" {
				m.failure = failureNoSource
				return nil
			}
		}
		most--
		bytes += len(row)
		m.task.Moved++
		m.targets[target] = true
		return w.sendAway(seq, outgoing{target: target, state: st, message: row, redriven: true})
	}
	for k, v := range w.tx.Head(w.q.table(tableIndex)) {
		visible, seq, ok := w.q.splitTimed(tableIndex, k)
		if !ok {
			return fmt.Errorf("index key %x: %w", k, store.ErrDamaged)
		}
		if visible.After(w.tx.Now()) || !left() {
			return nil
		}
		name, grouped := ticketOf(v)
		if !grouped {
			if err := one(seq); err != nil {
				return err
			}
			continue
		}
		g, err := w.group(name)
		if err != nil {
			return err
		}
		for member, err := range w.membersFrom(g) {
			if err != nil {
				return err
			}
			if member.visible.After(w.tx.Now()) || !left() {
				break
			}
			if err := one(member.seq); err != nil {
				return err
			}
		}
	}
	return nil
}
