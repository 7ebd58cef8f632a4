package storetest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/store"
)

func randomContract() map[string]func(*testing.T, *bench) {
	return map[string]func(*testing.T, *bench){"random": testRandom}
}

// testRandom compares the rows with a map after random closures, of which some
// fail, and after reopening. The seed is fixed: this is a contract, not a
// search; the searching tests are those of package store.
func testRandom(t *testing.T, b *bench) {
	rng := rand.New(rand.NewPCG(7, 11))
	model := map[string]string{}
	for round := range 4 {
		for range 150 {
			next := maps.Clone(model)
			fails := rng.IntN(4) == 0
			err := b.s.Update(context.Background(), 1, func(tx store.Tx) error {
				for range rng.IntN(8) {
					randomStep(t, rng, tx, next)
				}
				if fails {
					return errOurs
				}
				return nil
			})
			if (err != nil) != fails {
				t.Fatalf("Update = %v, should fail: %v", err, fails)
			}
			if !fails {
				model = next
			}
		}
		b.view(func(v store.View) { compare(t, round, v, model) })
		b.reopen()
		b.view(func(v store.View) { compare(t, round, v, model) })
	}
}

func randomKey(rng *rand.Rand) string {
	return fmt.Sprintf("%s/%d/%02d", []string{"q", "s"}[rng.IntN(2)], rng.IntN(2), rng.IntN(30))
}

func randomStep(t *testing.T, rng *rand.Rand, tx store.Tx, model map[string]string) {
	k := randomKey(rng)
	switch rng.IntN(6) {
	case 0, 1, 2:
		v := fmt.Sprint(rng.IntN(1000))
		set(tx, k, v)
		model[k] = v
	case 3:
		tx.Delete([]byte(k))
		delete(model, k)
	case 4:
		hi := randomKey(rng)
		if k < hi {
			tx.DeleteRange([]byte(k), []byte(hi))
			maps.DeleteFunc(model, func(have, _ string) bool { return have >= k && have < hi })
		}
	default:
		prefix := k[:4]
		var got []string
		for k, v := range tx.Head([]byte(prefix)) {
			got = append(got, fmt.Sprintf("%s=%s", k, v))
		}
		if diff := cmp.Diff(modelRows(model, prefix), got); diff != "" {
			t.Errorf("Head(%q) (-want +got):\n%s", prefix, diff)
		}
	}
}

func modelRows(model map[string]string, prefix string) []string {
	var out []string
	for k, v := range model {
		if len(k) >= len(prefix) && k[:len(prefix)] == prefix {
			out = append(out, k+"="+v)
		}
	}
	slices.Sort(out)
	return out
}

func compare(t *testing.T, round int, v store.View, model map[string]string) {
	t.Helper()
	for _, prefix := range []string{"q/", "s/"} {
		if diff := cmp.Diff(modelRows(model, prefix), rows(v, prefix)); diff != "" {
			t.Errorf("round %d: rows of %s (-want +got):\n%s", round, prefix, diff)
		}
	}
}
