package storetest

import (
	"context"
	"errors"
	"testing"

	"stormbus/internal/store"
)

// KeySpace is a prefix of rows that somebody owns.
type KeySpace struct {
	Prefix string // '#' stands for any one byte
	Where  string // "meta", "data" or "any": the partitions it is in
	Owner  string // the room
}

// KeySpaces is the list of docs/storage-format.md: every prefix that is in use. A
// test holds the two together, and every store that [Open] opened may hold no
// other rows when its test ends. So a prefix that is missing here is found by
// whatever test writes it.
func KeySpaces() []KeySpace {
	return []KeySpace{
		{"id/", "meta", "store"},
		{"eb/b/", "meta", "svc/events"},
		{"eb/r/", "meta", "svc/events"},
		{"eb/t/", "meta", "svc/events"},
		{"eb/gone/b/", "meta", "svc/events"},
		{"eb/gone/l/", "meta", "svc/events"},
		{"sq/n/", "meta", "svc/sqs"},
		{"sq/d/", "meta", "svc/sqs"},
		{"sq/w/", "meta", "svc/sqs"},
		{"la/f/", "meta", "svc/lambda"},
		{"la/gone/", "meta", "svc/lambda"},
		{"ev/####/", "data", "bus"},
		{"evt/", "data", "bus"},
		{"evm", "data", "bus"},
		{"dlv/####/", "data", "delivery"},
		{"dlp/####/", "data", "delivery"},
		{"dlm/seq", "data", "delivery"},
		{"ln/r/", "data", "lineage"},
		{"ln/b/", "data", "lineage"},
		{"ln/c", "data", "lineage"},
		{"q/####/", "data", "svc/sqs"},
		{"once/", "any", "store"},
		{"m/", "any", "store"},
		{"ch/", "any", "store"},
		{"tm/", "any", "store"},
		{"tmx/", "any", "store"},
		{"bl/", "any", "store"},
		{"bi/", "any", "store"},
	}
}

// checkKeySpaces looks at every row of s, unless s is closed or has halted.
func checkKeySpaces(tb testing.TB, s *store.Store) {
	tb.Helper()
	for _, p := range append(s.Parts(), store.Meta) {
		err := s.View(context.Background(), p, func(v store.View) error {
			for k, value := range v.Scan(nil, nil) {
				if !listed(p, k) {
					tb.Errorf("partition %d holds the row %q, whose prefix is not in storetest.KeySpaces: list it there and in docs/storage-format.md", p, k)
					return nil
				}
				if len(value) == 0 {
					tb.Errorf("partition %d holds the row %q without a value: a value begins with the version of its format", p, k)
					return nil
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, store.ErrClosed) && !errors.Is(err, store.ErrHalted) {
			tb.Errorf("look at the rows of partition %d: %v", p, err)
		}
	}
}

func listed(p store.Part, k []byte) bool {
	where := "data"
	if p == store.Meta {
		where = "meta"
	}
	for _, space := range KeySpaces() {
		if (space.Where == "any" || space.Where == where) && fits(space.Prefix, k) {
			return true
		}
	}
	return false
}

func fits(prefix string, k []byte) bool {
	if len(k) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if prefix[i] != '#' && prefix[i] != k[i] {
			return false
		}
	}
	return true
}
