package store

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// Stats says what is in a store and how it lies on disk.
type Stats struct {
	Sizes  Sizes        `json:"sizes"`
	Parts  []PartStats  `json:"partitions"`
	Spaces []SpaceStats `json:"spaces"` // by partition and prefix
	Topics []TopicStats `json:"topics"`
	Timers []TimerStats `json:"timers"`
	Levels []LevelStats `json:"levels"` // of tables, from the newest down
	// Referenced counts blobs that rows refer to.
	Referenced int `json:"referencedBlobs"`
	// WriteAmplification is how many bytes of logs and tables were written for
	// each byte of rows since the store was opened; nil for one that is not
	// open, because it is not recorded.
	WriteAmplification *float64 `json:"writeAmplification,omitempty"`
}

// PartStats describes a partition.
type PartStats struct {
	Part Part      `json:"partition"`
	Seq  Seq       `json:"updates"` // how many have written something
	Time time.Time `json:"newest"`  // of the newest of them; zero if there is none
}

// SpaceStats describes the rows of one kind in one partition.
type SpaceStats struct {
	Part   Part   `json:"partition"`
	Prefix string `json:"prefix"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"` // of keys and values, not compressed
}

// TopicStats describes a topic of the change feed.
type TopicStats struct {
	Part    Part      `json:"partition"`
	Topic   string    `json:"topic"`
	Changes int64     `json:"changes"`
	Oldest  time.Time `json:"oldest"`
	Newest  time.Time `json:"newest"`
}

// TimerStats describes the timers of one kind.
type TimerStats struct {
	Part  Part      `json:"partition"`
	Kind  string    `json:"kind"`
	Count int64     `json:"count"`
	First time.Time `json:"first"` // when the first of them is due
	Last  time.Time `json:"last"`
}

// LevelStats describes one level of the engine's tables.
type LevelStats struct {
	Level  int   `json:"level"`
	Tables int64 `json:"tables"`
	Bytes  int64 `json:"bytes"`
}

// ReadStats counts what is in the store in dir, which no process may have
// open. It reads every row and changes nothing.
func ReadStats(ctx context.Context, dir string, o Offline) (st Stats, err error) {
	o = o.withDefaults()
	lock, err := lockStore(o.FS, dir)
	if err != nil {
		return Stats{}, fmt.Errorf("statistics: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	db, err := openEngineReadOnly(o.FS, dir, o.Logger)
	if err != nil {
		return Stats{}, fmt.Errorf("statistics of %s: %w", dir, err)
	}
	st, err = countAll(ctx, db, db.Metrics(), o)
	if err = errors.Join(err, db.Close()); err != nil {
		return Stats{}, fmt.Errorf("statistics of %s: %w", dir, err)
	}
	st.Sizes, err = o.sizes(dir)
	return st, err
}

// Stats counts what is in the store now. It reads every row; Updates go on
// meanwhile. Of o it uses Spaces and Progress.
func (s *Store) Stats(ctx context.Context, o Offline) (st Stats, err error) {
	o.FS, o.Logger = s.fs, s.log
	o = o.withDefaults()
	if err := s.usable(ctx); err != nil {
		return Stats{}, err
	}
	if err := s.readers.enter(); err != nil {
		return Stats{}, err
	}
	defer s.readers.leave()
	snap := s.db.NewSnapshot()
	defer func() { err = errors.Join(err, snap.Close()) }()
	m := s.db.Metrics()
	if st, err = countAll(ctx, snap, m, o); err != nil {
		return Stats{}, fmt.Errorf("statistics: %w", err)
	}
	if m.WAL.BytesIn > 0 {
		total := m.Total()
		written := m.WAL.BytesWritten + total.TableBytesCompacted
		for i := range m.Levels {
			written += m.Levels[i].TableBytesFlushed
		}
		amplification := float64(written) / float64(m.WAL.BytesIn)
		st.WriteAmplification = &amplification
	}
	st.Sizes, err = o.sizes(s.dir)
	return st, err
}

// counter counts rows as they come, in order.
type counter struct {
	o       Offline
	spaces  spaces
	rows    int64
	bySpace map[string]*SpaceStats
	last    *SpaceStats // of the row before
	byKind  map[string]*TimerStats
	byTopic map[string]*TopicStats
	blobs   map[Digest]bool
	parts   []PartStats
	r       pebble.Reader
}

func countAll(ctx context.Context, r pebble.Reader, m *pebble.Metrics, o Offline) (Stats, error) {
	c := &counter{
		o: o, r: r, spaces: append(spaces(ownSpaces()), o.Spaces...), blobs: map[Digest]bool{},
		bySpace: map[string]*SpaceStats{}, byKind: map[string]*TimerStats{}, byTopic: map[string]*TopicStats{},
	}
	n, err := layoutOf(r)
	if err != nil {
		return Stats{}, err
	}
	for p := range n {
		st, err := readState(r, Part(p))
		if err != nil {
			return Stats{}, err
		}
		ps := PartStats{Part: Part(p), Seq: st.seq}
		if st.seq > 0 {
			ps.Time = time.Unix(0, st.time).UTC()
		}
		c.parts = append(c.parts, ps)
	}
	if err := walkRows(ctx, r, c.row); err != nil {
		return Stats{}, err
	}
	return c.stats(m), nil
}

func (c *counter) row(p Part, k, v []byte) error {
	if c.rows++; c.rows%progressRows == 0 {
		c.o.Progress(Progress{Stage: "rows", Done: c.rows})
	}
	s, ok := c.spaces.find(k)
	if !ok {
		s.Prefix = "?"
	}
	if c.last == nil || c.last.Part != p || c.last.Prefix != s.Prefix {
		c.last = entry(c.bySpace, fmt.Sprintf("%05d/%s", p, s.Prefix), SpaceStats{Part: p, Prefix: s.Prefix})
	}
	c.last.Rows++
	c.last.Bytes += int64(len(k) + len(v))
	switch s.Prefix {
	case changePrefix:
		return c.change(p, k, v)
	case timerPrefix:
		return c.timer(p, k, v)
	case blobPrefix:
		if rest := k[len(blobPrefix):]; len(rest) == len(Digest{}) {
			c.blobs[Digest(rest)] = true
		}
	}
	return nil
}

// entry returns m[key], which is made from fresh if it is not there.
func entry[T any](m map[string]*T, key string, fresh T) *T {
	if m[key] == nil {
		m[key] = &fresh
	}
	return m[key]
}

func (c *counter) change(p Part, k, v []byte) error {
	topic, _, ok := ReadString(k[len(changePrefix):])
	if !ok {
		return fmt.Errorf("change row %q: %w", k, ErrDamaged)
	}
	ch, err := decodeChange(topic, k, v)
	if err != nil {
		return err
	}
	t := entry(c.byTopic, fmt.Sprintf("%05d/%s", p, topic), TopicStats{Part: p, Topic: topic, Oldest: ch.Time})
	t.Changes++
	t.Newest = ch.Time // they come in the order of their Updates
	return nil
}

func (c *counter) timer(p Part, k, v []byte) error {
	r, err := decodeTimer(bytes.Clone(k), v)
	if err != nil {
		return err
	}
	due := time.UnixMilli(int64(r.ms)).UTC()
	t := entry(c.byKind, fmt.Sprintf("%05d/%s", p, r.kind), TimerStats{Part: p, Kind: r.kind, First: due})
	t.Count++
	t.Last = due
	return nil
}

func (c *counter) stats(m *pebble.Metrics) Stats {
	st := Stats{Parts: c.parts, Spaces: inOrder(c.bySpace), Topics: inOrder(c.byTopic), Timers: inOrder(c.byKind), Referenced: len(c.blobs)}
	for i := range m.Levels {
		l := &m.Levels[i]
		st.Levels = append(st.Levels, LevelStats{Level: i, Tables: l.TablesCount, Bytes: l.TablesSize})
	}
	return st
}

// inOrder returns the values of m in the order of their keys.
func inOrder[T any](m map[string]*T) []T {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, cmp.Compare[string])
	out := make([]T, 0, len(m))
	for _, k := range keys {
		out = append(out, *m[k])
	}
	return out
}
