package store_test

import (
	"bytes"
	"cmp"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"stormbus/internal/store"
)

func FuzzKeys(f *testing.F) {
	f.Add("", "a", uint64(0), uint64(1), int64(0), []byte("rest"))
	f.Add("a", "a\x00", uint64(1<<40), uint64(1<<8), int64(-1), []byte{})
	f.Add("a\x00\x01", "a\x00\xff", uint64(math.MaxUint64), uint64(0), int64(math.MaxInt64), []byte{0, 1})
	f.Fuzz(func(t *testing.T, s1, s2 string, n1, n2 uint64, ms int64, rest []byte) {
		key := func(s string, n uint64) []byte {
			b := store.AppendString([]byte("p/"), s)
			b = store.AppendUint64(b, n)
			b = store.AppendUint32(b, uint32(n))
			return store.AppendTime(b, time.UnixMilli(ms))
		}
		k1, k2 := key(s1, n1), key(s2, n2)
		want := cmp.Or(strings.Compare(s1, s2), cmp.Compare(n1, n2))
		if got := bytes.Compare(k1, k2); got != want {
			t.Errorf("%q, %d and %q, %d compare as %d, want %d", s1, n1, s2, n2, got, want)
		}
		checkKey(t, append(k1, rest...), s1, n1, ms, rest)
		// Whatever is read, nothing breaks, and what is not read stays.
		for _, b := range [][]byte{rest, k1[1:], k2[:len(k2)/2]} {
			if s, after, ok := store.ReadString(b); ok {
				if !bytes.Equal(append(store.AppendString(nil, s), after...), b) {
					t.Errorf("ReadString(%q) = %q, %q", b, s, after)
				}
			} else if !bytes.Equal(after, b) {
				t.Errorf("ReadString(%q) took something", b)
			}
			store.ReadUint32(b)
			store.ReadUint64(b)
			store.ReadTime(b)
		}
		end := store.PrefixEnd(rest)
		if len(rest) > 0 && end != nil && (bytes.Compare(append(rest, 0xFF, 0xFF), end) >= 0 || bytes.HasPrefix(end, rest)) {
			t.Errorf("PrefixEnd(%q) = %q", rest, end)
		}
	})
}

func checkKey(t *testing.T, b []byte, s string, n uint64, ms int64, rest []byte) {
	t.Helper()
	gotS, b, ok1 := store.ReadString(b[2:])
	gotN, b, ok2 := store.ReadUint64(b)
	got32, b, ok3 := store.ReadUint32(b)
	at, b, ok4 := store.ReadTime(b)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		t.Fatalf("own key cannot be read: %v %v %v %v", ok1, ok2, ok3, ok4)
	}
	const last = 253402300799999
	if gotS != s || gotN != n || got32 != uint32(n) || at.UnixMilli() != min(max(ms, 0), last) || !bytes.Equal(b, rest) {
		t.Errorf("read back %q %d %d %s %q, wrote %q %d %d %q", gotS, gotN, got32, at, b, s, n, ms, rest)
	}
}

func TestPrefixEnd(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{"a": "b", "a\xff": "b", "a\xffb": "a\xffc", "q/": "q0"} {
		if got := string(store.PrefixEnd([]byte(prefix))); got != want {
			t.Errorf("PrefixEnd(%q) = %q, want %q", prefix, got, want)
		}
	}
	for _, prefix := range []string{"", "\xff", "\xff\xff"} {
		if got := store.PrefixEnd([]byte(prefix)); got != nil {
			t.Errorf("PrefixEnd(%q) = %q, want nil", prefix, got)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	type row struct{ Name string }
	b, err := store.Marshal(3, row{"x"})
	if err != nil || string(b) != "\x03{\"Name\":\"x\"}" {
		t.Fatalf("Marshal = %q, %v", b, err)
	}
	var got row
	if version, err := store.Unmarshal(b, &got); version != 3 || err != nil || got.Name != "x" {
		t.Errorf("Unmarshal = %d, %v, %+v", version, err, got)
	}
	if _, err := store.Marshal(1, func() {}); err == nil {
		t.Error("Marshal of a function succeeded")
	}
}

func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01{\"Name\":\"x\"}"))
	f.Add([]byte("\x01{"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var v struct{ Name string }
		version, err := store.Unmarshal(b, &v)
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			t.Errorf("Unmarshal(%q) = %v, want ErrDamaged", b, err)
		}
		if len(b) > 0 && version != b[0] {
			t.Errorf("Unmarshal(%q) = version %d", b, version)
		}
	})
}

func FuzzRows(f *testing.F) {
	f.Add([]byte("tm/\x00\x00\x01\x9b\x00\x00\x00\x00kind\x00\x01id"), []byte("\x01\x00\x00\x00\x02\x00\x00\x01\x9b\x00\x00\x00\x00payload"))
	f.Add([]byte("ch/topic\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00"), []byte("\x01\x00\x00\x00\x00\x00\x00\x00\x07rec"))
	f.Add([]byte("m/state"), []byte("\x01\x00\x00\x00\x00\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00\x08"))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, k, v []byte) {
		timer, change, state := store.DecodeRows(k, v)
		if timer != nil && !bytes.Equal(timer, append(k[:len(k):len(k)], v...)) {
			t.Errorf("timer %q=%q reads as %q", k, v, timer)
		}
		if change != nil && !bytes.Equal(change, v) {
			t.Errorf("change %q reads as %q", v, change)
		}
		if state != nil && !bytes.Equal(state, v) {
			t.Errorf("state %q reads as %q", v, state)
		}
	})
}
