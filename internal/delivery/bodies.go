package delivery

import (
	"bytes"
	"slices"
	"time"

	"stormbus/internal/store"
)

// maxHeld is how many bytes of bodies the engine keeps at hand for jobs that
// are not claimed yet. Beyond that they are read from the store.
const maxHeld = 32 << 20

// hold keeps the body of a job at hand, if there is room. It is called when the
// job is durable: earlier, its seq might still be given to another one.
func (st *station) hold(seq uint64, body Body) {
	size, held := int64(body.size()), &st.lane.engine.held
	if held.Add(size) > maxHeld || st.lane.gone.Load() {
		held.Add(-size)
		return
	}
	body.Accepted = body.Accepted.Truncate(time.Millisecond).UTC() // as it is stored
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.fresh == nil {
		st.fresh = map[uint64]Body{}
	}
	st.fresh[seq] = body
}

// take gives a job its body, if it is at hand. st.mu must be held.
func (st *station) take(j *job) bool {
	body, ok := st.fresh[j.seq]
	if ok {
		delete(st.fresh, j.seq)
		st.lane.engine.held.Add(-int64(body.size()))
		j.body = body
	}
	return ok
}

// letGo drops the bodies at hand.
func (st *station) letGo() {
	st.mu.Lock()
	defer st.mu.Unlock()
	for _, body := range st.fresh {
		st.lane.engine.held.Add(-int64(body.size()))
	}
	st.fresh = nil
}

// wanted is a body to be read.
type wanted struct {
	key []byte
	job *job
}

// readBodies reads the bodies of jobs. It does so in a View, in this
// goroutine, to keep the partition's own free for Updates.
func (st *station) readBodies(jobs []*job) error {
	want := make([]wanted, len(jobs))
	for i, j := range jobs {
		want[i] = wanted{key: j.bodyKey, job: j}
		if j.bodyKey == nil {
			want[i].key = ownBodyKey(st.lane.id, j.seq)
		}
	}
	slices.SortFunc(want, func(a, b wanted) int { return bytes.Compare(a.key, b.key) })
	e := st.lane.engine
	return e.store.View(e.work, st.part, func(v store.View) error {
		for rest := want; len(rest) > 0; {
			var err error
			if rest, err = scanBodies(v, rest); err != nil {
				return err
			}
		}
		return nil
	})
}

// maxPassed is how many rows that nobody wants a scan passes over before
// looking up the next wanted one is cheaper.
const maxPassed = 16

// scanBodies reads wanted bodies, which are in the order of their keys, and
// returns those that it has not come to. The jobs of a batch were mostly made
// together, so their bodies mostly stand together: one scan is several times
// faster than as many single reads.
func scanBodies(v store.View, want []wanted) ([]wanted, error) {
	passed := 0
	for k, row := range v.Scan(want[0].key, store.PrefixEnd(want[len(want)-1].key)) {
		for len(want) > 0 && bytes.Compare(want[0].key, k) < 0 {
			want[0].job.lost = true
			want = want[1:]
		}
		passed++
		for len(want) > 0 && bytes.Equal(want[0].key, k) {
			body, err := ParseBody(bytes.Clone(row))
			if err != nil {
				return nil, err
			}
			want[0].job.body = body
			want, passed = want[1:], 0
		}
		if len(want) == 0 || passed == maxPassed {
			return want, nil
		}
	}
	for _, w := range want {
		w.job.lost = true
	}
	return nil, nil
}
