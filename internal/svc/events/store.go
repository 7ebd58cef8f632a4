package events

import (
	"fmt"
	"iter"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/store"
)

// The rows, all in the meta partition. Names are ordered by store.AppendString.
//
//	eb/b/<account><region><bus>  an event bus
//	eb/r/<bus id><rule>          a rule
//	eb/t/<rule id><target>       a target
//	eb/gone/b/<bus id>           a deleted bus whose events are still stored
//	eb/gone/l/<lane>             the lane of a removed target, still to be forgotten
const (
	busPrefix      = "eb/b/"
	rulePrefix     = "eb/r/"
	targetPrefix   = "eb/t/"
	goneBusPrefix  = "eb/gone/b/"
	goneLanePrefix = "eb/gone/l/"
)

// rowVersion is the version of all rows.
const rowVersion = 1

// The counters that ids are taken from. Lanes are shared with other services.
const (
	busIDs  = "bus"
	ruleIDs = "rule"
	laneIDs = "lane"
)

func scopePrefix(s arn.Scope) []byte {
	return store.AppendString(store.AppendString([]byte(busPrefix), s.Account), s.Region)
}

func busKey(r busRef) []byte { return store.AppendString(scopePrefix(r.scope), r.name) }

func rulesPrefix(id bus.BusID) []byte { return store.AppendUint32([]byte(rulePrefix), uint32(id)) }

func ruleKey(id bus.BusID, name string) []byte { return store.AppendString(rulesPrefix(id), name) }

func targetsPrefix(id uint32) []byte { return store.AppendUint32([]byte(targetPrefix), id) }

func targetKey(id uint32, name string) []byte { return store.AppendString(targetsPrefix(id), name) }

func goneBusKey(id bus.BusID) []byte { return store.AppendUint32([]byte(goneBusPrefix), uint32(id)) }

func goneLaneKey(id delivery.LaneID) []byte {
	return store.AppendUint32([]byte(goneLanePrefix), uint32(id))
}

// write writes a row.
func write(tx store.Tx, key []byte, v any) error {
	row, err := store.Marshal(rowVersion, v)
	if err == nil {
		tx.Set(key, row)
	}
	return err
}

// decode reads a row's value.
func decode[T any](row []byte) (*T, error) {
	v := new(T)
	version, err := store.Unmarshal(row, v)
	if err == nil && version != rowVersion {
		err = fmt.Errorf("row version %d, want %d: %w", version, rowVersion, store.ErrDamaged)
	}
	return v, err
}

// read reads a row; it is nil if there is none.
func read[T any](v store.View, key []byte) (*T, error) {
	row, ok := v.Get(key)
	if !ok {
		return nil, nil
	}
	return decode[T](row)
}

// scan reads the rows from lo on that begin with prefix, in order. An error is the
// last thing it yields.
func scan[T any](v store.View, lo, prefix []byte) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for _, row := range v.Scan(lo, store.PrefixEnd(prefix)) {
			one, err := decode[T](row)
			if !yield(one, err) || err != nil {
				return
			}
		}
	}
}

// all reads all rows that begin with prefix.
func all[T any](v store.View, prefix []byte) (rows []*T, err error) {
	for one, err := range scan[T](v, prefix, prefix) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, one)
	}
	return rows, nil
}

// count counts the rows that begin with prefix.
func count(v store.View, prefix []byte) int {
	n := 0
	for range v.Scan(prefix, store.PrefixEnd(prefix)) {
		n++
	}
	return n
}

// findBus reads a bus that must exist.
func findBus(v store.View, r busRef) (*eventBus, error) {
	b, err := read[eventBus](v, busKey(r))
	if err == nil && b == nil {
		err = errNoBus(r.name)
	}
	return b, err
}

// findRule reads a rule that must exist, on a bus that must exist.
func findRule(v store.View, r busRef, name string) (*rule, error) {
	b, err := findBus(v, r)
	if err != nil {
		return nil, err
	}
	found, err := read[rule](v, ruleKey(b.ID, name))
	if err == nil && found == nil {
		err = errNoRule(name, r.name)
	}
	return found, err
}

// lanesOf returns the lanes of a rule's targets.
func lanesOf(targets []*target) []delivery.LaneID {
	lanes := make([]delivery.LaneID, len(targets))
	for i, t := range targets {
		lanes[i] = t.Lane
	}
	return lanes
}
