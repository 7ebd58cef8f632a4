package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"stormbus/internal/clock"
	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// TestEveryFault runs one life of a store again and again, and each time fails
// another of its file operations: the first, the second, and so on, once or from
// then on. Whatever was acknowledged before or after is there in the next life.
func TestEveryFault(t *testing.T) {
	t.Parallel()
	step := 4
	if *longFlag {
		step = 1
	}
	rng := random(t)
	for _, op := range []storetest.Op{
		storetest.OpSync, storetest.OpWrite, storetest.OpCreate, storetest.OpRename, storetest.OpRemove, storetest.OpLink, storetest.OpRead,
	} {
		for _, once := range []bool{true, false} {
			first, stride := 1+rng.IntN(step), step
			if op == storetest.OpRename || op == storetest.OpLink {
				first, stride = 1, 1 // there are few
			}
			t.Run(fmt.Sprintf("%s/once=%v", op, once), func(t *testing.T) {
				t.Parallel()
				for n := first; ; n += stride {
					if !faultyLife(t, op, n, once) {
						break
					}
				}
			})
		}
	}
}

// faultyLife fails the n-th operation of a kind and reports whether there was
// an n-th.
func faultyLife(t *testing.T, op storetest.Op, n int, once bool) bool {
	t.Helper()
	files := storetest.NewFS()
	before := &life{t: t, files: files, rows: map[string]bool{}}
	before.run(0) // an older life, without failures
	if once {
		files.FailOnce(op, n)
	} else {
		files.Fail(op, n)
	}
	l := &life{t: t, files: files, rows: before.rows, blobs: before.blobs}
	l.run(1)
	failed := files.Failed() > 0
	files.Heal()
	for _, keep := range []int{0, 100} {
		s := storetest.OpenAny(t, files.Crash(keep, random(t)).Use)
		l.check(s, fmt.Sprintf("%s %d (once %v, keep %d)", op, n, once, keep))
		if err := s.Close(); err != nil {
			t.Errorf("%s %d: Close = %v", op, n, err)
		}
	}
	return failed
}

// life is what a store goes through between Open and the end, and what was
// acknowledged meanwhile.
type life struct {
	t     *testing.T
	files *storetest.FS
	rows  map[string]bool
	blobs []store.Digest
}

func (l *life) run(number int) {
	o := store.Options{Clock: clock.NewVirtual(start), Partitions: 2, Heads: []string{"q/#/"}}
	l.files.Use(&o)
	s, err := store.Open(storetest.Dir, o)
	if err != nil {
		return
	}
	for i := range 4 {
		for p := range store.Part(3) {
			l.write(s, p, fmt.Sprintf("%d/%d", number, i))
		}
		content := strings.Repeat(fmt.Sprintf("%d/%d", number, i), 1+i%2*20_000) // a row or a file
		d, _, err := s.Blobs().Put(context.Background(), strings.NewReader(content))
		if err == nil {
			l.blobs = append(l.blobs, d)
		}
		_, _ = s.Blobs().Get(context.Background(), d, 0, -1) // may fail, must not break anything
		switch i {
		case 1:
			// Not in the life that fails: between two logs the engine ends the
			// process, see TestHaltEndsTheProcess.
			if number == 0 {
				if err := store.Flush(s); err != nil {
					l.t.Error(err)
				}
			}
		case 2:
			_, _ = s.Checkpoint(context.Background(), fmt.Sprintf("/backup/%d", number)) // may fail
		}
	}
	_ = s.Close() // may fail
}

// write writes two rows that belong together.
func (l *life) write(s *store.Store, p store.Part, name string) {
	err := s.Update(context.Background(), p, func(tx store.Tx) error {
		set(tx, "a/"+name, "1")
		set(tx, "q/1/"+name, "1")
		tx.Timer("kind", []byte(name), start.AddDate(1, 0, 0), nil)
		return nil
	})
	if err == nil {
		l.rows[fmt.Sprintf("%d/%s", p, name)] = true
	} else if !errors.Is(err, store.ErrHalted) && !errors.Is(err, storetest.ErrInjected) {
		l.t.Errorf("Update = %v, want ErrHalted or the injected failure", err)
	}
}

func (l *life) check(s *store.Store, what string) {
	l.t.Helper()
	left := map[string]bool{}
	for k := range l.rows {
		left[k] = true
	}
	for p := range store.Part(3) {
		err := s.View(context.Background(), p, func(v store.View) error {
			a, q := rows(v, "a/"), rows(v, "q/1/")
			timers := 0
			for range v.Scan([]byte("tmx/"), []byte("tmx0")) {
				timers++
			}
			inline := len(rows(v, "bi/")) // each is an Update too
			if len(a) != len(q) || len(a) != timers || int(v.Seq()) != len(a)+inline {
				l.t.Errorf("%s: %d and %d rows, %d timers, seq %d: half an Update", what, len(a), len(q), timers, v.Seq())
			}
			for _, r := range a {
				delete(left, fmt.Sprintf("%d/%s", p, strings.TrimSuffix(r[2:], "=1")))
			}
			return nil
		})
		if err != nil {
			l.t.Errorf("%s: View = %v", what, err)
		}
	}
	if len(left) > 0 {
		l.t.Errorf("%s: acknowledged rows are lost: %v", what, left)
	}
	for _, d := range l.blobs {
		if _, err := readBlob(l.t, s, d, 0, -1); err != nil {
			l.t.Errorf("%s: an acknowledged blob: %v", what, err)
		}
	}
}
