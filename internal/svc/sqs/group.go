package sqs

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"stormbus/internal/store"
)

// group is a message group. Its messages stand in a list of their own, in the
// order in which they were sent; in the index it has one ticket, at the time
// from which the first of them can be received. So a receive that reads the
// front of the index meets groups that are ready and no others, however many
// are locked.
//
// In a FIFO queue a message stays in the list until it is deleted, and those in
// flight lock the group: the ticket stands where the last of them becomes
// visible. In a standard queue a message leaves the list when it is received,
// nothing is locked, and each receive sends the ticket behind those of the
// other groups: a group with a million messages does not delay one with ten.
type group struct {
	name    string
	count   uint64
	head    uint64    // the first message, or none before it if headGone
	ready   time.Time // when the delay of the first message ends
	flights []flight  // messages that lock the group, a handful

	at     time.Time // the ticket as it is stored
	turn   uint64
	ticket bool // there is one

	headGone bool // the first message must be looked for
	served   bool // messages were received: the ticket goes behind the others
}

// flight is a message that was received, and when it becomes visible.
type flight struct {
	seq     uint64
	visible time.Time
}

// group returns the group of a name; it is new if it has no messages.
func (w *work) group(name string) (*group, error) {
	for _, g := range w.groups {
		if g.name == name {
			return g, nil
		}
	}
	g := &group{name: name}
	if row, ok := w.tx.Get(w.q.groupKey(name)); ok {
		if err := g.decode(row); err != nil {
			return nil, err
		}
	}
	w.groups = append(w.groups, g)
	return g, nil
}

// join adds a message that can be received from the given time on.
func (w *work) join(g *group, seq uint64, visible time.Time) {
	w.tx.Set(w.q.memberKey(g.name, seq), appendMoment([]byte{memberVersion}, visible))
	switch {
	case g.count == 0:
		g.head, g.ready, g.headGone = seq, visible, false
	case seq < g.head:
		g.head, g.headGone = seq, true
	}
	g.count++
}

// leave takes a message out of its group.
func (w *work) leave(g *group, seq uint64) {
	w.tx.Delete(w.q.memberKey(g.name, seq))
	g.flights = slices.DeleteFunc(g.flights, func(f flight) bool { return f.seq == seq })
	g.headGone = g.headGone || seq == g.head
	g.count--
}

// lock keeps the group from being received until the given time.
func (g *group) lock(seq uint64, until time.Time) {
	g.flights = slices.DeleteFunc(g.flights, func(f flight) bool { return f.seq == seq })
	g.flights = append(g.flights, flight{seq, until})
}

// saveGroups writes the groups that were looked at.
func (w *work) saveGroups() error {
	for _, g := range w.groups {
		if err := w.saveGroup(g); err != nil {
			return err
		}
	}
	w.groups = w.groups[:0]
	return nil
}

// saveGroup writes a group and puts its ticket where it belongs.
func (w *work) saveGroup(g *group) error {
	if g.count == 0 {
		w.dropTicket(g)
		w.tx.Delete(w.q.groupKey(g.name))
		return nil
	}
	if err := w.findHead(g); err != nil {
		return err
	}
	now := w.tx.Now()
	g.flights = slices.DeleteFunc(g.flights, func(f flight) bool { return !f.visible.After(now) })
	due := g.ready
	for _, f := range g.flights {
		if f.visible.After(due) {
			due = f.visible
		}
	}
	waits := g.ticket && !g.served && !g.at.After(now) && !due.After(now)
	if !waits && (!g.ticket || g.served || !due.Equal(g.at)) {
		w.dropTicket(g)
		if !due.After(now) {
			due = in(w.tx, 0)
		}
		g.at, g.turn, g.ticket = due, g.head, true
		if g.served {
			g.turn, g.served = w.number(), false
		}
		w.tx.Set(w.q.indexKey(g.at, g.turn), ticket(g.name))
		if w.q.Settings.Fifo {
			w.news.add(g.at, now)
		}
	}
	w.tx.Set(w.q.groupKey(g.name), g.encode())
	return nil
}

func (w *work) dropTicket(g *group) {
	if g.ticket {
		w.tx.Delete(w.q.indexKey(g.at, g.turn))
		g.ticket = false
	}
}

// findHead looks for the first message if it is not known. Nothing stands
// before the last one that was, so the remains of deleted messages are not met.
func (w *work) findHead(g *group) error {
	if !g.headGone {
		return nil
	}
	for m, err := range w.membersFrom(g) {
		g.head, g.ready, g.headGone = m.seq, m.visible, false
		return err
	}
	return fmt.Errorf("group %q of queue %d counts %d messages that are not there: %w", g.name, w.q.ID, g.count, store.ErrDamaged)
}

// membersFrom yields the messages of a group in order; of each, the time from
// which it can be received for the first time.
func (w *work) membersFrom(g *group) func(yield func(flight, error) bool) {
	return func(yield func(flight, error) bool) {
		prefix := w.q.members(g.name)
		for k, v := range w.tx.Scan(w.q.memberKey(g.name, g.head), store.PrefixEnd(prefix)) {
			seq, rest, ok := store.ReadUint64(k[len(prefix):])
			r := newReader(v, memberVersion)
			m := flight{seq: seq, visible: r.moment()}
			var err error
			if !ok || len(rest) > 0 || r.end("group member") != nil {
				err = fmt.Errorf("member %x of group %q: %w", k, g.name, store.ErrDamaged)
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

func (g *group) encode() []byte {
	b := make([]byte, 0, 48+16*len(g.flights))
	b = append(b, groupVersion)
	b = appendMoment(b, g.at)
	b = store.AppendUint64(b, g.turn)
	b = store.AppendUint64(b, g.count)
	b = store.AppendUint64(b, g.head)
	b = appendMoment(b, g.ready)
	b = binary.AppendUvarint(b, uint64(len(g.flights)))
	for _, f := range g.flights {
		b = appendMoment(store.AppendUint64(b, f.seq), f.visible)
	}
	return b
}

func (g *group) decode(row []byte) error {
	r := newReader(row, groupVersion)
	g.at, g.turn, g.ticket = r.moment(), r.uint64(), true
	g.count, g.head, g.ready = r.uint64(), r.uint64(), r.moment()
	for n := r.uvarint(); n > 0 && !r.failed; n-- {
		g.flights = append(g.flights, flight{r.uint64(), r.moment()})
	}
	return r.end("group")
}
