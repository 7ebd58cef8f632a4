package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store"
)

func readContract() map[string]func(*testing.T, *bench) {
	return map[string]func(*testing.T, *bench){
		"read/own writes":      testOwnWrites,
		"read/ranges":          testRanges,
		"read/while writing":   testWritingWhileIterating,
		"read/slices":          testSlices,
		"read/picture":         testPicture,
		"read/after reopening": testReopen,
	}
}

func testOwnWrites(t *testing.T, b *bench) {
	b.update(func(tx store.Tx) {
		for _, k := range []string{"k/b", "k/a", "k/d", "l"} {
			set(tx, k, "1")
		}
	})
	b.update(func(tx store.Tx) {
		set(tx, "k/c", "2")
		tx.Delete([]byte("k/a"))
		tx.Delete([]byte("never"))
		if diff := cmp.Diff([]string{"k/b=1", "k/c=2", "k/d=1"}, rows(tx, "k/")); diff != "" {
			t.Errorf("Scan in Tx (-want +got):\n%s", diff)
		}
		tx.DeleteRange([]byte("k/"), []byte("k/c"))
		tx.DeleteRange([]byte("k/z"), []byte("k/")) // empty
		if got := get(tx, "k/b"); got != "-" {
			t.Errorf("k/b after DeleteRange = %s, want none", got)
		}
	})
	b.view(func(v store.View) {
		if diff := cmp.Diff([]string{"k/c=2", "k/d=1"}, rows(v, "k/")); diff != "" {
			t.Errorf("Scan in View (-want +got):\n%s", diff)
		}
	})
}

func testRanges(t *testing.T, b *bench) {
	// Behind the store's own rows, which an implementation may show or not.
	keys := []string{"x", "x\x00", "x\x00\x01", "xa", "xb", "x\xff", "x\xff\xff", "z"}
	b.update(func(tx store.Tx) {
		for _, k := range keys {
			set(tx, k, "")
		}
	})
	bounds := [][]byte{[]byte("x"), []byte("x\x00"), []byte("xa"), []byte("xab"), []byte("x\xff"), []byte("y"), []byte("z"), nil}
	check := func(v store.View) {
		for _, lo := range bounds[:len(bounds)-1] {
			for _, hi := range bounds {
				var want, up, down []string
				for _, k := range keys {
					if k >= string(lo) && (hi == nil || k < string(hi)) {
						want = append(want, k)
					}
				}
				for k := range v.Scan(lo, hi) {
					up = append(up, string(k))
				}
				for k := range v.ScanDown(lo, hi) {
					down = append(down, string(k))
				}
				slices.Reverse(down)
				if !slices.Equal(up, want) || !slices.Equal(down, want) {
					t.Errorf("from %q to %q: Scan %q, ScanDown reversed %q, want %q", lo, hi, up, down, want)
				}
			}
		}
	}
	b.view(check)
	b.update(func(tx store.Tx) { check(tx) })
}

func testWritingWhileIterating(t *testing.T, b *bench) {
	for _, prefix := range []string{"q/1/", "s/1/"} { // a head, and none
		b.update(func(tx store.Tx) {
			for i := range 5 {
				set(tx, fmt.Sprintf("%s%d", prefix, i), "old")
			}
		})
		b.update(func(tx store.Tx) {
			var seen []string
			for k, v := range tx.Head([]byte(prefix)) {
				seen = append(seen, string(k[4:])+string(v))
				tx.Delete(k)
				set(tx, prefix+"3", "new")
				set(tx, prefix+"7", "new")
			}
			if diff := cmp.Diff([]string{"0old", "1old", "2old", "3old", "4old"}, seen); diff != "" {
				t.Errorf("%s: iteration (-want +got):\n%s", prefix, diff)
			}
			if diff := cmp.Diff([]string{prefix + "3=new", prefix + "7=new"}, rows(tx, prefix)); diff != "" {
				t.Errorf("%s: afterwards (-want +got):\n%s", prefix, diff)
			}
		})
	}
}

// testSlices reuses the slices that were given to the store.
func testSlices(t *testing.T, b *bench) {
	k, v := []byte("q/1/a"), []byte("1")
	b.update(func(tx store.Tx) {
		tx.Set(k, v)
		k[4], v[0] = 'b', '2'
		tx.Set(k, v)
		k[4], v[0] = 'x', 'x'
		tx.Emit("topic", v)
		tx.Timer("kind", k, began.AddDate(1, 0, 0), v)
		v[0] = 'y'
	})
	b.view(func(view store.View) {
		if diff := cmp.Diff([]string{"q/1/a=1", "q/1/b=2"}, rows(view, "q/1/")); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
	for c := range b.s.Watch(t.Context(), 1, "topic", 0) {
		if string(c.Rec) != "x" {
			t.Errorf("record %q, want x", c.Rec)
		}
		break
	}
}

func testPicture(t *testing.T, b *bench) {
	b.update(func(tx store.Tx) { set(tx, "a", "0"); set(tx, "b", "0") })
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 300 {
			if err := b.try(func(tx store.Tx) { set(tx, "a", fmt.Sprint(i)); set(tx, "b", fmt.Sprint(i)) }); err != nil {
				t.Errorf("Update = %v", err)
			}
		}
	}()
	for range 300 {
		b.view(func(v store.View) {
			if x, y := get(v, "a"), get(v, "b"); x != y {
				t.Errorf("a=%s, b=%s: half an Update", x, y)
			}
		})
	}
	<-done
}

func testReopen(t *testing.T, b *bench) {
	for i := range 5 {
		b.update(func(tx store.Tx) { set(tx, fmt.Sprintf("k/%d", i), "1") })
		b.reopen()
		b.view(func(v store.View) {
			if got := rows(v, "k/"); len(got) != i+1 || v.Seq() != store.Seq(i+1) {
				t.Errorf("after reopening: %q at %d, want %d rows", got, v.Seq(), i+1)
			}
		})
	}
	err := b.s.View(t.Context(), 2, func(v store.View) error {
		if got := rows(v, "k/"); len(got) > 0 {
			t.Errorf("another partition holds %q", got)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
