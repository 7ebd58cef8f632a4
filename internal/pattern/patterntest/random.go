package patterntest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Random makes patterns and events out of few names and values, so that they
// often have to do with each other: nested arrays, dotted and repeated keys,
// escapes, odd numbers, addresses, $or and exists:false included.
type Random struct{ maker }

// NewRandom returns a maker whose products depend on the seed only.
func NewRandom(seed uint64) *Random { return &Random{maker: newMaker(seed)} }

// Rand returns the source of randomness, for choices between products.
func (r *Random) Rand() *rand.Rand { return r.maker.Rand }

// maxDepth is how deep patterns and events are nested.
const maxDepth = 3

func (r *Random) key() string {
	if r.IntN(40) == 0 {
		return r.oneOf(`""`, `"."`, `"a."`, `".a"`)
	}
	if r.IntN(6) == 0 {
		return r.oneOf(`"source"`, `"detail-type"`, `"detail"`, `"resources"`, `"detail.a"`)
	}
	return r.oneOf(`"a"`, `"b"`, `"c"`, `"a"`, `"b"`, `"a.b"`, `"b.c"`, `"\u0061"`, `"é"`)
}

func (r *Random) text() string {
	return r.oneOf(
		`""`, `"x"`, `"xy"`, `"xyx"`, `"X"`, `"yX"`, `"é"`, `"É"`, `"\u0078y"`, `"x\"y"`, `"x*y"`, `"5"`, `"a\\b"`,
		`"10.0.0.1"`, `"10.0.0.01"`, `"10.0.1.7"`, `"::1"`, `"0:0:0:0:0:0:0:1"`, `"10.0.0.256"`, `"dead:beef"`, `"ǅ"`,
		`"strasse"`, `"STRASSE"`, `"xyxyxyxyxyxyxyxyxyxyz"`,
	)
}

func (r *Random) number() string {
	return r.oneOf("0", "-0", "1", "1.0", "5", "5.00", "1e2", "100", "-3.5", "0.1", "9007199254740993", "9007199254740992", "12345678901234567890", "1e-3")
}

// comparable is a number that may stand in numeric and anything-but.
func (r *Random) comparable() string {
	return r.oneOf("0", "1", "5", "5.00", "100", "-3.5", "0.1", "1e2")
}

// Event returns an event.
func (r *Random) Event() string { return r.object(0) }

func (r *Random) object(depth int) string {
	fields := make([]string, r.IntN(4))
	for i := range fields {
		fields[i] = r.key() + ":" + r.value(depth+1)
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func (r *Random) value(depth int) string {
	switch n := r.IntN(10); {
	case n < 3 && depth < maxDepth:
		return r.object(depth)
	case n < 6 && depth <= maxDepth:
		items := make([]string, r.IntN(4))
		for i := range items {
			items[i] = r.value(depth + 1)
		}
		return "[" + strings.Join(items, ",") + "]"
	case n == 6:
		return r.oneOf("true", "false", "null")
	case n == 7:
		return r.number()
	}
	return r.text()
}

// Pattern returns a pattern. Nearly all of them are valid.
func (r *Random) Pattern() string { return r.fields(0, false) }

func (r *Random) fields(depth int, inOr bool) string {
	n := 1 + r.IntN(3)
	out := make([]string, 0, n)
	for range n {
		switch {
		case depth < maxDepth && r.IntN(8+6*depth) == 0:
			branches := make([]string, 2+r.IntN(2))
			for i := range branches {
				branches[i] = r.fields(depth+1, true)
			}
			out = append(out, `"$or":[`+strings.Join(branches, ",")+"]")
		case depth < maxDepth && r.IntN(3) == 0:
			out = append(out, r.key()+":"+r.fields(depth+1, inOr))
		default:
			out = append(out, r.key()+":"+r.leaf())
		}
	}
	return "{" + strings.Join(out, ",") + "}"
}

func (r *Random) leaf() string {
	entries := make([]string, 1+r.IntN(2)*r.IntN(3))
	for i := range entries {
		entries[i] = r.entry()
	}
	return "[" + strings.Join(entries, ",") + "]"
}

func (r *Random) entry() string {
	switch r.IntN(14) {
	case 0, 1:
		return r.text()
	case 2:
		return r.number()
	case 3:
		return r.oneOf("true", "false", "null", fmt.Sprintf(`{"exactly":%s}`, r.text()))
	case 4:
		return fmt.Sprintf(`{"prefix":%s}`, r.edge())
	case 5:
		return fmt.Sprintf(`{"suffix":%s}`, r.edge())
	case 6:
		return fmt.Sprintf(`{"equals-ignore-case":%s}`, r.folded())
	case 7:
		return fmt.Sprintf(`{"wildcard":%s}`, r.glob())
	case 8, 9:
		return fmt.Sprintf(`{"anything-but":%s}`, r.forbidden())
	case 10:
		return r.numeric()
	case 11:
		return fmt.Sprintf(`{"cidr":%q}`, r.oneOf(
			"10.0.0.0/8", "10.0.0.1/24", "10.0.0.1/31", "::1/64", "::/127", "0.0.0.0/0",
			"8.0.0.0/5", "10.0.0.0/9", "10.0.1.0/23", "10.0.1.0/25", "::/63", "::/65", "::ffff:a00:1/24",
		))
	}
	return fmt.Sprintf(`{"exists":%t}`, r.IntN(3) == 0)
}

func (r *Random) edge() string {
	if r.IntN(3) == 0 {
		return fmt.Sprintf(`{"equals-ignore-case":%s}`, r.folded())
	}
	return r.text()
}

func (r *Random) folded() string {
	return r.oneOf(`"x"`, `"XY"`, `"xYx"`, `"é"`, `"straße"`, `"strasse"`, `"ǆ"`, `"yx"`, `""`)
}

func (r *Random) glob() string {
	return r.oneOf(`"*"`, `"x*"`, `"*y"`, `"*x*"`, `"x*y*x"`, `"xy"`, `"*\\**"`, `"*yxyx*z"`, `"*xyxyxy*"`, `"10.*.1"`, `"*0.0*"`, `""`)
}

func (r *Random) forbidden() string {
	switch r.IntN(7) {
	case 0:
		return r.text()
	case 1:
		return r.comparable()
	case 2:
		return r.list(r.text)
	case 3:
		return r.list(r.comparable)
	case 4:
		return fmt.Sprintf(`{%q:%s}`, r.oneOf("prefix", "suffix"), r.oneOrList(r.nonempty))
	case 5:
		return fmt.Sprintf(`{"wildcard":%s}`, r.oneOrList(r.glob))
	}
	return fmt.Sprintf(`{"equals-ignore-case":%s}`, r.oneOrList(r.folded))
}

func (r *Random) nonempty() string {
	return r.oneOf(`"x"`, `"xy"`, `"y"`, `"10"`, `"é"`, `"xyxyxy"`, `"\\"`)
}

func (r *Random) oneOrList(item func() string) string {
	if r.IntN(2) == 0 {
		return item()
	}
	return r.list(item)
}

func (r *Random) list(item func() string) string {
	items := make([]string, 1+r.IntN(3))
	for i := range items {
		items[i] = item()
	}
	return "[" + strings.Join(items, ",") + "]"
}

func (r *Random) numeric() string {
	bounds := []string{"-1e300", "-5", "-3.5", "-1e-300", "0", "1e-3", "0.1", "1", "5", "5.000001", "100", "1e3", "9007199254740992", "1e308"}
	at := r.IntN(len(bounds) - 1)
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf(`{"numeric":["=",%s]}`, r.comparable())
	case 1:
		return fmt.Sprintf(`{"numeric":[%q,%s]}`, r.oneOf("<", "<=", ">", ">="), bounds[at])
	}
	high := bounds[at+1+r.IntN(len(bounds)-at-1)]
	return fmt.Sprintf(`{"numeric":[%q,%s,%q,%s]}`, r.oneOf(">", ">="), bounds[at], r.oneOf("<", "<="), high)
}
