package store_test

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	for _, durability := range []store.Durability{store.DurabilityPower, store.DurabilityProcess} {
		t.Run(string(durability), func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(testing.TB) func(o store.Options) (storetest.Store, error) {
				files := vfs.NewMem()
				return func(o store.Options) (storetest.Store, error) {
					o.FS, o.Durability = files, durability
					return store.Open(storetest.Dir, o)
				}
			})
		})
	}
}

func TestContractOfMemory(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(testing.TB) func(o store.Options) (storetest.Store, error) {
		m := storetest.NewMemory()
		return func(o store.Options) (storetest.Store, error) { return m.Open(o) }
	})
}
