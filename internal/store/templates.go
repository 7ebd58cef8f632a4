package store

import "fmt"

// templates are the key templates of Options.Heads, '#' standing for any one
// byte. No two of them fit the same key.
type templates []string

func newTemplates(ts []string) (templates, error) {
	for i, t := range ts {
		if i > 0 && ownKey([]byte(t)) {
			return nil, fmt.Errorf("head template %q: the prefix belongs to the store", t)
		}
		if t == "" || t[0] == '#' || t[0] == 0xFF || t[len(t)-1] == '#' {
			return nil, fmt.Errorf("head template %q must begin and end with a literal byte", t)
		}
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
	if len(k) < len(t) || k[0] != t[0] {
		return false
	}
	for i := range len(t) {
		if t[i] != k[i] && t[i] != '#' {
			return false
		}
	}
	return true
}

// within reports whether the range from lo to hi can hold keys of a head.
func (ts templates) within(lo, hi []byte) bool {
	for _, t := range ts {
		literal := t
		for i := range len(t) {
			if t[i] == '#' {
				literal = t[:i]
				break
			}
		}
		end := PrefixEnd([]byte(literal))
		if string(hi) > literal && (end == nil || string(lo) < string(end)) {
			return true
		}
	}
	return false
}
