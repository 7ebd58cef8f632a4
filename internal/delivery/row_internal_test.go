package delivery

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/lineage"
)

func TestRowKeepsEveryField(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]row{
		"fresh": {bodyKey: []byte("ev/1"), eventID: "e"},
		"empty": {},
		"queue": {eventID: "request", cause: lineage.Cause{EventID: "e", Delivery: "d"}},
		"given up": {
			stage: stageLetter, eventID: "e", attempts: 300, charged: 200, letters: 2,
			code: "CODE", message: "message", exhausted: MaxAge,
		},
	} {
		got, err := parseRow(want.append(nil))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(row{})); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
}

func TestDeliveryID(t *testing.T) {
	t.Parallel()
	for seq, want := range map[uint64]string{0: "0000000000000000", 0x0002_0000_0000_0abc: "0002000000000abc", 1<<64 - 1: "ffffffffffffffff"} {
		if got := deliveryID(seq); got != want {
			t.Errorf("deliveryID(%x) = %s, want %s", seq, got, want)
		}
	}
}

func TestFullJitter(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(3, 4))
	backoff := FullJitter(time.Second, 15*time.Minute)
	for retry, most := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 11: 15 * time.Minute, 64: 15 * time.Minute, 10_000: 15 * time.Minute,
	} {
		var longest, sum time.Duration
		const n = 2000
		for range n {
			d := backoff(retry, rnd)
			if d < 0 || d > most {
				t.Fatalf("retry %d waits %v, want up to %v", retry, d, most)
			}
			longest, sum = max(longest, d), sum+d
		}
		if mean := sum / n; longest < most*9/10 || mean < most*2/5 || mean > most*3/5 {
			t.Errorf("retry %d waits %v on average and up to %v, want the whole range to %v", retry, mean, longest, most)
		}
	}
}

func FuzzParseRow(f *testing.F) {
	for _, r := range []row{
		{bodyKey: []byte("ev/1"), eventID: "e"},
		{stage: stageLetter, eventID: "e", cause: lineage.Cause{EventID: "e", Delivery: "d"}, attempts: 3, charged: 2, code: "C", message: "m", exhausted: MaxRetries},
	} {
		f.Add(r.append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := parseRow(b)
		if err != nil {
			return
		}
		again, err := parseRow(r.append(nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, again, cmp.AllowUnexported(row{})); diff != "" {
			t.Errorf("(-first +again)\n%s", diff)
		}
	})
}

func FuzzParseBody(f *testing.F) {
	f.Add(AppendBody(nil, Body{Event: []byte("{}"), Accepted: time.UnixMilli(1_700_000_000_000), Trace: "Root=1", Meta: []byte("m")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		body, err := ParseBody(b)
		if err != nil {
			return
		}
		again, err := ParseBody(AppendBody(nil, body))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(body, again); diff != "" {
			t.Errorf("(-first +again)\n%s", diff)
		}
	})
}

func FuzzParseRowKey(f *testing.F) {
	f.Add(appendRowKey(lanePrefix(7), 1, 2))
	f.Fuzz(func(t *testing.T, k []byte) {
		due, seq, ok := parseRowKey(k)
		if ok && !bytes.Equal(appendRowKey(k[:laneKeySize:laneKeySize], due, seq), k) {
			t.Errorf("key %x is due %d, seq %d", k, due, seq)
		}
	})
}
