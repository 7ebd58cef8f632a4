package store

import (
	"bytes"
	"fmt"
	"iter"
)

// templates are the key templates of Options.Heads.
type templates []string

func newTemplates(ts []string) (templates, error) {
	for i, t := range ts {
		for _, u := range ts[:i] {
			if overlap(t, u) {
				return nil, fmt.Errorf("head templates %q and %q overlap", u, t)
			}
		}
	}
	return ts, nil
}

// overlap reports whether one key can fit both templates.
func overlap(t, u string) bool {
	for i := range min(len(t), len(u)) {
		if t[i] != u[i] && t[i] != '#' && u[i] != '#' {
			return false
		}
	}
	return true
}

// match returns how many bytes of k are the prefix of its head; 0 if k
// belongs to none.
func (ts templates) match(k []byte) int {
	for _, t := range ts {
		if fits(t, k) {
			return len(t)
		}
	}
	return 0
}

func fits(t string, k []byte) bool {
	if len(k) < len(t) {
		return false
	}
	for i := range len(t) {
		if t[i] != k[i] && t[i] != '#' {
			return false
		}
	}
	return true
}

// headCache holds the heads of one partition.
type headCache struct {
	templates templates
}

func (c *headCache) init(ts templates) { c.templates = ts }

// Head implements Tx.
func (t *txn) Head(prefix []byte) iter.Seq2[[]byte, []byte] {
	prefix = bytes.Clone(prefix)
	return t.Scan(prefix, PrefixEnd(prefix))
}
