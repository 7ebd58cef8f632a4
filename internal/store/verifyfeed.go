package store

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// feedCheck looks at the change feeds of one partition. The records of one
// Update are numbered over all topics, so that a missing one shows, except
// where a topic may have been trimmed.
type feedCheck struct {
	topic   string
	time    int64 // of the record before, in the same topic
	updates map[Seq]feedUpdate
	trimmed Seq // the highest of all topics
}

type feedUpdate struct {
	records uint32
	highest uint32 // number of a record
}

func newFeedCheck() feedCheck { return feedCheck{updates: map[Seq]feedUpdate{}} }

// change looks at one record. Records come by topic and Seq.
func (f *feedCheck) change(st state, k, v []byte) error {
	topic, rest, ok := ReadString(k[len(changePrefix):])
	seq, rest, ok2 := ReadUint64(rest)
	n, rest, ok3 := ReadUint32(rest)
	if !ok || !ok2 || !ok3 || len(rest) > 0 || len(v) < 9 {
		return errors.New("the record cannot be decoded")
	}
	u := f.updates[Seq(seq)]
	u.records++
	u.highest = max(u.highest, n)
	f.updates[Seq(seq)] = u
	ns, _, _ := ReadUint64(v[1:])
	before := f.time
	f.time = int64(ns)
	if topic != f.topic {
		f.topic, before = topic, 0
	}
	switch {
	case Seq(seq) > st.seq:
		return fmt.Errorf("the record is of Update %d, and the newest Update is %d", seq, st.seq)
	case int64(ns) < before:
		return errors.New("the record is older than the one before")
	case int64(ns) > st.time:
		return errors.New("the record is newer than the partition's time")
	}
	return nil
}

// trim notes how far a topic has been trimmed.
func (f *feedCheck) trim(v []byte) error {
	n, rest, ok := ReadUint64(bytes.TrimPrefix(v, []byte{trimVersion}))
	if !ok || len(rest) > 0 {
		return errors.New("the row cannot be decoded")
	}
	f.trimmed = max(f.trimmed, Seq(n))
	return nil
}

// end returns what is missing.
func (f *feedCheck) end() []string {
	var problems []string
	for seq, u := range f.updates {
		if seq > f.trimmed && u.records != u.highest+1 {
			problems = append(problems, fmt.Sprintf("change feeds: Update %d emitted at least %d records, and %d are there", seq, u.highest+1, u.records))
		}
	}
	slices.Sort(problems)
	return problems
}
