package app

import (
	"path/filepath"

	"stormbus/internal/store"
)

// StoreDir returns where in a data directory the store is.
func StoreDir(dataDir string) string { return filepath.Join(dataDir, storeDir) }

// Spaces lists the rows that the parts of the server write into its store,
// beside the store's own. docs/storage-format.md says what they are.
func Spaces() []store.Space {
	v1 := []byte{1}
	meta := func(prefix string) store.Space { return store.Space{Prefix: prefix, Meta: true, Versions: v1} }
	data := func(prefix string) store.Space { return store.Space{Prefix: prefix, Data: true, Versions: v1} }
	later := func(prefix string) store.Space {
		return store.Space{Prefix: prefix, Data: true, Versions: []byte{1, 2}}
	}
	return []store.Space{
		// svc/events
		meta("eb/b/"), meta("eb/r/"), meta("eb/t/"), meta("eb/gone/b/"), meta("eb/gone/l/"),
		// svc/sqs
		meta("sq/n/"), meta("sq/d/"), meta("sq/w/"),
		data("q/####/r/"), data("q/####/m/"), later("q/####/s/"), data("q/####/e/"), later("q/####/o/"), data("q/####/n"),
		data("q/####/f/"), data("q/####/g/"), data("q/####/h/"), data("q/####/d/"), data("q/####/x/"), data("q/####/k"),
		data("q/####/t/"),
		// svc/lambda
		meta("la/f/"), meta("la/gone/"),
		// bus
		data("ev/####/"), data("evt/"), data("evm"),
		// delivery
		data("dlv/####/"), data("dlp/####/"), data("dlm/seq"),
		// lineage
		later("ln/r/"), data("ln/b/"), data("ln/c"),
	}
}
