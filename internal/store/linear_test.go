package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

// operation is one call of a client: an Update that reads both registers and
// writes some, or a View that reads both.
type operation struct {
	view bool
	set  [2]int // what the Update writes; 0 leaves the register alone
	fail bool   // the Update returns an error after it wrote
}

// registers is a state, and what an operation returns.
type registers [2]int

// registerModel says what one client after another would see.
func registerModel() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return registers{} },
		Step: func(state, input, output any) (bool, any) {
			s, in := state.(registers), input.(operation)
			if output.(registers) != s {
				return false, s
			}
			if !in.view && !in.fail {
				for i, v := range in.set {
					if v != 0 {
						s[i] = v
					}
				}
			}
			return true, s
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v saw %v", input, output) },
	}
}

// TestLinearizable lets clients read and write two registers at the same time:
// there is an order of all calls, each between its beginning and its end, in
// which every one saw what the ones before it had written.
func TestLinearizable(t *testing.T) {
	t.Parallel()
	rounds := 5
	if *longFlag {
		rounds = 300
	}
	rng := random(t)
	for range rounds {
		for name, open := range map[string]func(t *testing.T) storetest.Store{
			"engine": func(t *testing.T) storetest.Store { return storetest.OpenAny(t) },
			"memory": func(t *testing.T) storetest.Store { return storetest.OpenMemory(t) },
		} {
			history := record(t, open(t), rng)
			if result := porcupine.CheckOperationsTimeout(registerModel(), history, time.Minute); result != porcupine.Ok {
				t.Errorf("%s: the history of %d calls is %s", name, len(history), result)
			}
		}
	}
}

// TestLinearizableModel proves that the model refuses a stale read.
func TestLinearizableModel(t *testing.T) {
	t.Parallel()
	stale := []porcupine.Operation{
		{ClientId: 0, Input: operation{set: [2]int{1, 0}}, Call: 0, Output: registers{}, Return: 1},
		{ClientId: 1, Input: operation{view: true}, Call: 2, Output: registers{}, Return: 3},
	}
	if porcupine.CheckOperations(registerModel(), stale) {
		t.Error("a View that misses an Update which had returned is accepted")
	}
}

// record runs clients against s and returns what they saw.
func record(t *testing.T, s storetest.Store, rng *rand.Rand) []porcupine.Operation {
	t.Helper()
	const clients, calls = 6, 60
	var now atomic.Int64 // a logical clock: later calls have greater times
	histories := make([][]porcupine.Operation, clients)
	var wg sync.WaitGroup
	for c := range clients {
		rng := rand.New(rand.NewPCG(rng.Uint64(), 4))
		wg.Go(func() {
			for i := range calls {
				in := operation{view: rng.IntN(2) == 0, fail: rng.IntN(4) == 0}
				if !in.view {
					in.set[rng.IntN(2)] = 1 + c*calls + i
					in.set[rng.IntN(2)] = 1 + c*calls + i
				}
				began := now.Add(1)
				out, err := do(s, in)
				histories[c] = append(histories[c], porcupine.Operation{
					ClientId: c, Input: in, Call: began, Output: out, Return: now.Add(1),
				})
				if failed := err != nil; failed != (in.fail && !in.view) {
					t.Errorf("%+v = %v", in, err)
				}
			}
		})
	}
	wg.Wait()
	var all []porcupine.Operation
	for _, h := range histories {
		all = append(all, h...)
	}
	return all
}

func do(s storetest.Store, in operation) (out registers, err error) {
	read := func(v store.View) {
		for i := range out {
			n := 0
			if b, ok := v.Get([]byte{'r', byte(i)}); ok {
				u, _, _ := store.ReadUint64(b)
				n = int(u)
			}
			out[i] = n
		}
	}
	if in.view {
		err = s.View(context.Background(), 1, func(v store.View) error { read(v); return nil })
		return out, err
	}
	err = s.Update(context.Background(), 1, func(tx store.Tx) error {
		read(tx)
		for i, v := range in.set {
			if v != 0 {
				tx.Set([]byte{'r', byte(i)}, store.AppendUint64(nil, uint64(v)))
			}
		}
		if in.fail {
			return errPlanned
		}
		return nil
	})
	return out, err
}
