package store_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// model is what the store should hold.
type model struct {
	rows    map[string]string
	timers  map[string]string // kind/id -> due
	refs    map[store.Digest]int
	changes []string
	seq     store.Seq
}

func newModel() *model {
	return &model{rows: map[string]string{}, timers: map[string]string{}, refs: map[store.Digest]int{}}
}

func (m *model) clone() *model {
	return &model{
		rows: maps.Clone(m.rows), timers: maps.Clone(m.timers), refs: maps.Clone(m.refs),
		changes: slices.Clone(m.changes), seq: m.seq,
	}
}

// scan returns the model's rows from lo to hi as "key=value".
func (m *model) scan(lo, hi string) []string {
	var out []string
	for k, v := range m.rows {
		if k >= lo && k < hi {
			out = append(out, k+"="+v)
		}
	}
	slices.Sort(out)
	return out
}

// TestRandom runs random closures of which some fail at a random point, in
// groups, over several restarts: rows, heads, timers, references and the
// change feed are as if the failed ones had never run.
func TestRandom(t *testing.T) {
	t.Parallel()
	rng := random(t)
	fs := storetest.NewFS()
	vc := clock.NewVirtual(start)
	state := newModel()
	for round := range 5 {
		s := storetest.OpenAny(t, fs.Use, virtual(vc), func(o *store.Options) {
			o.Heads = []string{"q/#/", "d/##/r/"}
		})
		if err := s.SmallHeads(1); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			w := &worker{t: t, s: s, state: &state, rng: rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64()))}
			wg.Go(func() { w.run(60) })
		}
		wg.Wait()
		update(t, s, func(tx store.Tx) {
			if err := store.CheckHeads(tx); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
			state.check(t, tx)
			for topic, n := range store.TopicCounts(tx) {
				if n != len(state.changes) {
					t.Errorf("topic %q counts %d rows, want %d", topic, n, len(state.changes))
				}
			}
		})
		if got := watched(t, s, len(state.changes)); !cmp.Equal(got, state.changes) {
			t.Errorf("round %d: changes (-want +got):\n%s", round, cmp.Diff(state.changes, got))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
}

// watched returns the first n changes.
func watched(t *testing.T, s *store.Store, n int) []string {
	t.Helper()
	var got []string
	if n == 0 {
		return nil
	}
	for c, err := range s.Watch(t.Context(), 1, "topic", 0) {
		if err != nil {
			t.Fatalf("Watch = %v", err)
		}
		got = append(got, fmt.Sprintf("%d:%s", c.Seq, c.Rec))
		if len(got) == n {
			break
		}
	}
	return got
}

// check compares everything the model knows.
func (m *model) check(t *testing.T, v store.View) {
	t.Helper()
	got := append(rows2(v, "d", "m"), rows2(v, "q", "t")...)
	if diff := cmp.Diff(append(m.scan("d", "m"), m.scan("q", "t")...), got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if v.Seq() != m.seq {
		t.Errorf("Seq = %d, want %d", v.Seq(), m.seq)
	}
	var index []string
	for k := range v.Scan([]byte("tm/"), []byte("tm0")) {
		ms, rest, _ := store.ReadUint64(k[3:])
		kind, id, _ := store.ReadString(rest)
		index = append(index, fmt.Sprintf("%s/%s=%d", kind, id, ms))
	}
	var timers []string
	for k, due := range m.timers {
		timers = append(timers, k+"="+due)
	}
	slices.Sort(index)
	slices.Sort(timers)
	if diff := cmp.Diff(timers, index); diff != "" {
		t.Errorf("timers (-want +got):\n%s", diff)
	}
	refs := map[store.Digest]int{}
	for k, val := range v.Scan([]byte("bl/"), []byte("bl0")) {
		n, _, _ := store.ReadUint64(val[1:])
		refs[store.Digest(k[3:])] = int(n)
	}
	if diff := cmp.Diff(m.refs, refs); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

func rows2(v store.View, lo, hi string) []string {
	var out []string
	for k, val := range v.Scan([]byte(lo), []byte(hi)) {
		out = append(out, fmt.Sprintf("%s=%s", k, val))
	}
	return out
}

// worker makes random Updates.
type worker struct {
	t     *testing.T
	s     *store.Store
	state **model // touched on the executor's goroutine only
	rng   *rand.Rand
}

var errPlanned = errors.New("planned failure")

func (w *worker) run(n int) {
	for range n {
		failAt, how := -1, w.rng.IntN(20)
		steps := w.rng.IntN(12)
		if w.rng.IntN(3) == 0 {
			failAt = w.rng.IntN(steps + 1)
		}
		err := w.s.Update(context.Background(), 1, func(tx store.Tx) error {
			m := (*w.state).clone()
			wrote := false
			for i := range steps + 1 {
				if i == failAt {
					switch how {
					case 0:
						panic("planned panic")
					case 1:
						runtime.Goexit()
					}
					return errPlanned
				}
				wrote = w.step(tx, m) || wrote
			}
			if w.rng.IntN(4) == 0 {
				if err := store.CheckHeads(tx); err != nil {
					w.t.Error(err)
				}
			}
			if wrote {
				m.seq++
			}
			tx.OnApply(func() { *w.state = m })
			return nil
		})
		if failed := err != nil; failed != (failAt >= 0) {
			w.t.Errorf("Update = %v, planned to fail: %v", err, failAt >= 0)
			return
		}
	}
}

// key returns a random key; most of them belong to heads.
func (w *worker) key() string {
	n := w.rng.IntN(40)
	switch w.rng.IntN(4) {
	case 0:
		return fmt.Sprintf("d/%02d/r/%03d", w.rng.IntN(3), n)
	case 1:
		return fmt.Sprintf("s/%03d", n)
	default:
		return fmt.Sprintf("q/%d/%03d", w.rng.IntN(3), n)
	}
}

func (w *worker) prefix() string {
	if w.rng.IntN(3) == 0 {
		return fmt.Sprintf("d/%02d/r/", w.rng.IntN(3))
	}
	return fmt.Sprintf("q/%d/", w.rng.IntN(3))
}

// step does one random thing to tx and to m and reports whether it wrote.
func (w *worker) step(tx store.Tx, m *model) (wrote bool) {
	switch w.rng.IntN(12) {
	case 0, 1, 2:
		k, v := w.key(), strings.Repeat("v", w.rng.IntN(60))
		set(tx, k, v)
		m.rows[k] = v
	case 3, 4:
		k := w.key()
		tx.Delete([]byte(k))
		delete(m.rows, k)
	case 5:
		lo, hi := w.key(), w.key()
		if w.rng.IntN(3) == 0 {
			lo = w.prefix()
			hi = lo + "~"
		}
		if lo >= hi || lo < "m" && hi > "m" {
			return false
		}
		tx.DeleteRange([]byte(lo), []byte(hi))
		maps.DeleteFunc(m.rows, func(k, _ string) bool { return k >= lo && k < hi })
	case 6:
		rec := fmt.Sprint(w.rng.IntN(1000))
		tx.Emit("topic", []byte(rec))
		m.changes = append(m.changes, fmt.Sprintf("%d:%s", m.seq+1, rec))
	case 7:
		id, due := fmt.Sprint(w.rng.IntN(6)), tx.Now().Add(time.Hour+time.Duration(w.rng.IntN(1000))*time.Millisecond).Truncate(time.Millisecond)
		tx.Timer("kind", []byte(id), due, nil)
		m.timers["kind/"+id] = fmt.Sprint(due.UnixMilli())
	case 8:
		id := fmt.Sprint(w.rng.IntN(6))
		_, wrote := m.timers["kind/"+id]
		tx.StopTimer("kind", []byte(id))
		delete(m.timers, "kind/"+id)
		return wrote
	case 9:
		d := store.Digest{byte(w.rng.IntN(3))}
		if m.refs[d] > 0 && w.rng.IntN(2) == 0 {
			tx.Unref(d)
			if m.refs[d]--; m.refs[d] == 0 {
				delete(m.refs, d)
			}
			return true
		}
		tx.Ref(d)
		m.refs[d]++
	default:
		return w.walk(tx, m)
	}
	return true
}

// walk reads a head, sometimes changing it on the way and sometimes not to
// its end.
func (w *worker) walk(tx store.Tx, m *model) (wrote bool) {
	prefix := w.prefix()
	want := m.scan(prefix, prefix+"~")
	limit := len(want)
	if w.rng.IntN(2) == 0 {
		limit = w.rng.IntN(limit + 1)
	}
	changing := w.rng.IntN(2) == 0
	var got []string
	for k, v := range tx.Head([]byte(prefix)) {
		if len(got) == limit {
			break
		}
		got = append(got, fmt.Sprintf("%s=%s", k, v))
		if !changing {
			continue
		}
		wrote = true
		if w.rng.IntN(2) == 0 {
			tx.Delete(k)
			delete(m.rows, string(k))
		}
		moved := fmt.Sprintf("%s%03d", prefix, w.rng.IntN(60))
		set(tx, moved, "moved")
		m.rows[moved] = "moved"
	}
	if diff := cmp.Diff(want[:limit], got); diff != "" && limit > 0 {
		w.t.Errorf("Head(%q) (-want +got):\n%s", prefix, diff)
	}
	return wrote
}
