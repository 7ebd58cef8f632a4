package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
)

// end says what an attempt came to.
type end uint8

const (
	cancelled     end = iota // not known: the job stays as it is
	delivered                // done
	failedAttempt            // goes on as outcome.next
	failedLetter             // goes on as outcome.next
	deadLettered             // done
	dropped                  // done
)

// outcome is what one job of a batch came to, and what to write for it.
type outcome struct {
	job     *job
	end     end
	next    *row      // nil: the job is over
	due     time.Time // of next
	body    []byte    // to be stored as the job's own, if not nil
	records []lineage.Record
}

// settle writes the outcomes of a batch in one Update, and only then are its
// jobs no longer in flight.
func (st *station) settle(batch []*job, outcomes []outcome) {
	e := st.lane.engine
	outcomes = slices.DeleteFunc(outcomes, func(o outcome) bool { return o.end == cancelled })
	if !st.store(outcomes) {
		return
	}
	st.unmark(batch)
	for i := range outcomes {
		st.lane.counts.add(&outcomes[i], e.clock)
		if o := &outcomes[i]; o.next != nil {
			e.due.at(st, o.due)
		}
	}
}

// store writes outcomes. It goes on until the store has taken them, since what
// they say is not known to anybody else, and reports false if the store is gone
// for good.
func (st *station) store(outcomes []outcome) bool {
	e := st.lane.engine
	ctx := store.Reclaiming(context.WithoutCancel(e.work))
	for len(outcomes) > 0 {
		err := e.store.Update(ctx, st.part, func(tx store.Tx) error {
			st.write(tx, outcomes)
			return nil
		})
		switch {
		case err == nil:
			return true
		case closed(err):
			return false
		case errors.Is(err, store.ErrTooLarge) && len(outcomes) > 1:
			// Many large bodies on their way to a dead-letter queue.
			half := len(outcomes) / 2
			return st.store(outcomes[:half]) && st.store(outcomes[half:])
		}
		e.log.Error("outcomes of deliveries cannot be stored; trying again", "part", st.part, telemetry.KeyError, err)
		if clock.Sleep(e.work, e.clock, retryStore) != nil {
			return false
		}
	}
	return true
}

// write writes outcomes and what lineage has to tell of them.
func (st *station) write(tx store.Tx, outcomes []outcome) {
	gone := st.lane.gone.Load()
	records := make([]lineage.Record, 0, len(outcomes)+len(outcomes)/8)
	for i := range outcomes {
		o := &outcomes[i]
		records = append(records, o.records...)
		st.writeRows(tx, o, gone)
		if gone && o.next != nil {
			records = append(records, removed(o.job))
		}
	}
	st.lane.engine.lineage.Write(tx, records...)
}

func (st *station) writeRows(tx store.Tx, o *outcome, gone bool) {
	var key [laneKeySize + 16]byte
	tx.Delete(appendRowKey(append(key[:0], st.prefix...), o.job.due, o.job.seq))
	if o.next != nil && !gone {
		due := uint64(max(o.due.UnixMilli(), 0))
		tx.Set(appendRowKey(append(key[:0], st.prefix...), due, o.job.seq), o.next.append(nil))
		if o.body != nil {
			tx.Set(ownBodyKey(st.lane.id, o.job.seq), o.body)
		}
		return
	}
	if o.job.bodyKey == nil {
		tx.Delete(ownBodyKey(st.lane.id, o.job.seq))
	}
}

// forgetChunk is how many jobs of a forgotten lane are removed in one Update.
const forgetChunk = 500

// removed tells that a job ends because its lane does.
func removed(j *job) lineage.Record {
	return lineage.Record{
		Kind: lineage.Dropped, EventID: j.subject(), Delivery: j.id(), Attempt: j.attempts,
		Message: "the target was removed",
	}
}

// Forget removes a lane and all jobs that wait in it; lineage tells each of
// them as dropped. What is in flight is attempted to its end, but not again.
func (e *Engine) Forget(ctx context.Context, id LaneID) error {
	e.mu.Lock()
	l := e.lanes[id]
	delete(e.lanes, id)
	delete(e.unclaimed, id)
	e.mu.Unlock()
	if l == nil {
		l = newLane(e, id)
		l.def.Store(Lane{}.withDefaults())
	}
	// From here on nothing that the lane's stations settle stays in its rows.
	l.gone.Store(true)
	for _, st := range l.stations {
		st.letGo()
		for more := true; more; {
			var err error
			if more, err = st.forget(ctx); err != nil {
				return fmt.Errorf("forget lane %d in partition %d: %w", id, st.part, err)
			}
		}
	}
	return nil
}

// forget removes some of the waiting jobs and reports whether there are more.
func (st *station) forget(ctx context.Context) (more bool, err error) {
	e := st.lane.engine
	err = e.store.Update(store.Reclaiming(ctx), st.part, func(tx store.Tx) error {
		var records []lineage.Record
		more = false
		for k, v := range tx.Head(st.prefix) {
			if len(records) == forgetChunk {
				more = true
				break
			}
			_, seq, ok := parseRowKey(k)
			if !ok {
				return errRow
			}
			r, err := parseRow(v)
			if err != nil {
				return err
			}
			records = append(records, removed(&job{row: r, seq: seq}))
			tx.Delete(k)
		}
		if !more {
			for _, prefix := range [][]byte{st.prefix, bodiesPrefix(st.lane.id)} {
				tx.DeleteRange(prefix, store.PrefixEnd(prefix))
			}
		}
		e.lineage.Write(tx, records...)
		return nil
	})
	return more, err
}
