package bus

import (
	"context"
	"fmt"
	"time"

	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
	"stormbus/internal/store"
)

// topic is the topic of the change feed under which events are told.
const topic = "events"

// Publish stores events, and a job for every target of every rule they match,
// in one Update, and returns when that is durable. On an error nothing of it
// was stored. The entries must come from one request; the first one's id
// chooses the partition.
func (b *Bus) Publish(ctx context.Context, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	drafts, records, err := b.draft(entries)
	if err != nil {
		return err
	}
	part := b.parts[hash(entries[0].Event.ID)%uint32(len(b.parts))]
	err = b.store.Update(ctx, part, func(tx store.Tx) error {
		if err := b.roll(tx); err != nil {
			return err
		}
		b.write(tx, drafts, records)
		b.lineage.Write(tx, records...)
		return nil
	})
	if err != nil {
		return fmt.Errorf("publish %d events: %w", len(entries), err)
	}
	return nil
}

// draft is one event that is about to be stored, with all work done that can be
// done before the Update.
type draft struct {
	bus    BusID // 0: only told to lineage
	id     string
	body   delivery.Body
	stored []byte // the body as it is stored
	hits   []*Rule
}

// draft matches and encodes entries. Each has one record for lineage.
func (b *Bus) draft(entries []Entry) ([]draft, []lineage.Record, error) {
	now := b.clock.Now()
	drafts := make([]draft, len(entries))
	records := make([]lineage.Record, len(entries))
	var result pattern.Result
	for i := range entries {
		e := &entries[i]
		d := &drafts[i]
		d.bus, d.id = e.Bus, e.Event.ID
		records[i] = published(e)
		if e.Bus == 0 {
			continue
		}
		var err error
		if d.hits, err = b.match(e, &result); err != nil {
			return nil, nil, err
		}
		records[i].Matches = b.tell(d.hits)
		d.body = delivery.Body{
			Event: e.Envelope, Accepted: now, Trace: e.Trace.String(),
			Meta: meta{bus: e.BusName, matched: len(d.hits), forwarded: e.via != ""}.append(nil),
		}
		d.stored = delivery.AppendBody(make([]byte, 0, len(e.Envelope)+128), d.body)
		// The engine keeps the body for a while; the envelope's memory is the
		// caller's, who may use it again as soon as Publish returns.
		d.body.Event = d.stored[len(d.stored)-len(e.Envelope):]
	}
	return drafts, records, nil
}

// published is what lineage is told of an entry, as far as it is known before
// rules are matched.
func published(e *Entry) lineage.Record {
	r := lineage.Record{
		Kind: lineage.Published, EventID: e.Event.ID, Bus: e.BusName, UnknownBus: e.Bus == 0,
		Source: e.Event.Source, DetailType: e.Event.DetailType, Account: e.Event.Account, Region: e.Event.Region,
		EventTime: e.Event.Time, Root: e.Trace.Root, Span: e.Trace.Caller(), Via: e.via,
	}
	if r.Via != "" {
		r.Span = "" // a delivery forwarded it, not the call that published it
	}
	return r
}

// write writes the rows and jobs of drafts, and completes their records.
func (b *Bus) write(tx store.Tx, drafts []draft, records []lineage.Record) {
	first := firstSeq(tx)
	var refs []byte
	for i := range drafts {
		d := &drafts[i]
		if d.bus == 0 {
			continue
		}
		seq := first + uint64(i)
		key := eventKey(d.bus, seq)
		tx.Set(key, d.stored)
		b.enqueue(tx, d.hits, records[i].Matches, delivery.Job{EventID: d.id, BodyKey: key, Body: d.body})
		refs = appendRef(refs, d.bus, seq)
	}
	if refs != nil {
		tx.Emit(topic, refs)
	}
}

// Forward publishes the events of deliveries whose target is another bus, as
// they were published first, and returns one outcome per delivery. An event is
// forwarded at most once: there is no second hop.
func (b *Bus) Forward(ctx context.Context, to BusID, name string, ds []delivery.Delivery) []error {
	out := make([]error, len(ds))
	var entries []Entry
	var places []int
	for i := range ds {
		e, err := forward(to, name, &ds[i])
		if err != nil {
			out[i] = err
			continue
		}
		entries, places = append(entries, e), append(places, i)
	}
	if err := b.Publish(ctx, entries); err != nil {
		for _, i := range places {
			out[i] = &delivery.Failure{Code: delivery.CodeInternalError, Message: err.Error()}
		}
	}
	return out
}

// roll notes the first event of a minute in the time index, and trims the log
// when ten minutes have begun.
func (b *Bus) roll(tx store.Tx) error {
	minute := minuteOf(tx.Now())
	last, ok := tx.Get([]byte(minuteKey))
	before, err := parseMinute(last, ok)
	if err != nil || before == minute {
		return err
	}
	tx.Set([]byte(minuteKey), appendNumber(nil, minute))
	tx.Set(indexKey(minute), appendNumber(nil, firstSeq(tx)))
	if before/trimEvery == minute/trimEvery {
		return nil
	}
	return b.trim(tx)
}

// trimEvery is how often, in minutes, old events are dropped.
const trimEvery = 10

// trim drops the events that are older than the retention and that no job
// refers to.
func (b *Bus) trim(tx store.Tx) error {
	oldest := tx.Now().Add(-b.retention)
	if needed := b.engine.Needs(tx); needed.Before(oldest) {
		oldest = needed
	}
	if oldest.Before(time.UnixMilli(0).Add(2 * time.Minute)) {
		return nil
	}
	keep := minuteOf(oldest) - 1 // the minute before may have events that are young enough
	for _, v := range tx.Scan(indexKey(keep), indexEnd()) {
		bound, err := parseNumber(v)
		if err != nil {
			return err
		}
		dropEvents(tx, bound)
		break
	}
	tx.DeleteRange(indexKey(0), indexKey(keep))
	return nil
}
