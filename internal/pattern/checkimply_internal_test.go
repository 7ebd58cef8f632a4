package pattern

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
)

// someEntries are entries of lists that have much to do with one another.
func someEntries() []string {
	texts := []string{``, `x`, `xy`, `y`, `yx`, `X`, `xyx`, `ß`, `5`, `10.0.0.1`, `10.0.0.01`, `::1`, `0::1`, `i̇`, `İ`, `k`}
	out := []string{`5`, `5.0`, `0`, `-0`, `1e400`, `9007199254740993`, `true`, `false`, `null`, `{"exists":true}`}
	for _, s := range texts {
		for _, f := range []string{
			`%q`, `{"exactly":%q}`, `{"prefix":%q}`, `{"suffix":%q}`, `{"equals-ignore-case":%q}`,
			`{"prefix":{"equals-ignore-case":%q}}`, `{"suffix":{"equals-ignore-case":%q}}`, `{"anything-but":%q}`,
			`{"anything-but":[%q,"x"]}`, `{"anything-but":{"prefix":%q}}`, `{"anything-but":{"suffix":%q}}`,
			`{"anything-but":{"equals-ignore-case":[%q,"y"]}}`,
		} {
			out = append(out, fmt.Sprintf(f, s))
		}
	}
	for _, s := range []string{`*`, `x*`, `*x`, `x*y`, `xy*`, `*xy`, `*x*`, `x*y*`, `xy`, `*5*`} {
		out = append(out, `{"wildcard":"`+s+`"}`, `{"anything-but":{"wildcard":"`+s+`"}}`)
	}
	for _, s := range []string{`"<",5`, `"<=",5`, `">",5`, `">=",5`, `"=",5`, `"<",0`, `">",-1,"<",5`, `">=",0,"<=",5`, `">",0,"<",1e-323`} {
		out = append(out, `{"numeric":[`+s+`]}`)
	}
	for _, s := range []string{`10.0.0.0/8`, `10.0.0.0/31`, `10.0.0.0/24`, `11.0.0.0/8`, `::/8`, `::/127`} {
		out = append(out, `{"cidr":"`+s+`"}`)
	}
	return append(out, `{"anything-but":5}`, `{"anything-but":[5,0]}`, `{"anything-but":["5","x"]}`)
}

// someValues are values that tell those entries from one another.
func someValues() []*value {
	var out []*value
	for _, k := range []valueKind{kindTrue, kindFalse, kindNull} {
		out = append(out, &value{kind: k})
	}
	for _, s := range []string{`5`, `5.0`, `50e-1`, `0`, `-0`, `-0.0`, `1e400`, `9007199254740993`, `9007199254740992`, `4.9`, `-1`, `-1e300`, `1e300`, `5e-324`} {
		out = append(out, &value{kind: kindNumber, text: []byte(s)})
	}
	parts := []string{``, `x`, `y`, `X`, `ß`, `SS`, `5`, `i̇`, `İ`, `k`}
	for _, a := range parts {
		for _, b := range parts {
			for _, c := range parts {
				out = append(out, textValue(a+b+c))
			}
		}
	}
	for _, s := range []string{`10.0.0.1`, `10.0.0.01`, `10.0.0.0`, `10.0.1.1`, `10.1.1.1`, `11.0.0.1`, `::1`, `0::1`, `::2`, `1::`, `::ffff:a00:1`, `x10.0.0.1`} {
		out = append(out, textValue(s))
	}
	return out
}

// TestTestsImply tries what is said of two entries with many values, for all
// pairs of entries.
func TestTestsImply(t *testing.T) {
	t.Parallel()
	entries := someEntries()
	values := someValues()
	tests := make([]test, len(entries))
	accepts := make([][]bool, len(entries))
	for i, e := range entries {
		p, err := Compile([]byte(`{"a":[`+e+`]}`), Classic, Limits{})
		if err != nil {
			if strings.Contains(err.Error(), "Null prefix/suffix") {
				continue
			}
			t.Fatalf("%s: %v", e, err)
		}
		tests[i] = p.clauses[0].tests[0]
		for _, v := range values {
			accepts[i] = append(accepts[i], tests[i].holds(v))
		}
	}
	proven, apart := 0, 0
	for i, a := range tests {
		for j, b := range tests {
			if a == nil || b == nil {
				continue
			}
			if implies(a, b) {
				proven++
				if k := slices.IndexFunc(values, func(v *value) bool { return a.holds(v) && !b.holds(v) }); k >= 0 {
					t.Errorf("%s is said to imply %s, but not so for %s", entries[i], entries[j], values[k].show())
				}
			}
			if disjoint(a, b) {
				apart++
				if k := slices.IndexFunc(values, func(v *value) bool { return a.holds(v) && b.holds(v) }); k >= 0 {
					t.Errorf("%s and %s are said to have nothing in common, but both accept %s", entries[i], entries[j], values[k].show())
				}
			}
			if universal([]test{a, b}) {
				if k := slices.IndexFunc(values, func(v *value) bool { return !a.holds(v) && !b.holds(v) }); k >= 0 {
					t.Errorf("%s and %s are said to accept everything, but not %s", entries[i], entries[j], values[k].show())
				}
			}
		}
		if a != nil && !implies(a, a) {
			t.Errorf("%s is not said to imply itself", entries[i])
		}
	}
	t.Logf("%d entries: %d implications, %d disjoint pairs", len(entries), proven, apart)
	if proven < len(entries)*10 || apart < len(entries)*10 {
		t.Errorf("%d implications and %d disjoint pairs: the test proves little", proven, apart)
	}
}

// TestSubRulesImply tries what is said of sub-rules with random events, and so
// the findings on branches and on sets of rules. The names and values are few, so
// that the arrays of an event matter.
func TestSubRulesImply(t *testing.T) {
	t.Parallel()
	const seed, pairs, events = 11, 12000, 30
	rnd := rand.New(rand.NewSource(seed))
	pick := func(of ...string) string { return of[rnd.Intn(len(of))] }
	path := func() string { return pick("a.b", "a.c", "a", "a.d.b", "a.d.c", "b") }
	entry := func() string {
		return pick(`1`, `2`, `{"exists":false}`, `{"exists":true}`, `1,2`, `1,{"exists":false}`,
			`{"exists":true},{"exists":false}`, `{"anything-but":1}`, `{"numeric":["<",2]}`)
	}
	rule := func() string {
		fields := []string{}
		for range 1 + rnd.Intn(3) {
			fields = append(fields, fmt.Sprintf(`%q:[%s]`, path(), entry()))
		}
		return `{` + strings.Join(fields, ",") + `}`
	}
	var thing func(depth int) string
	object := func(depth int) string {
		fields := []string{}
		for range rnd.Intn(4) {
			fields = append(fields, fmt.Sprintf(`%q:%s`, pick("a", "b", "c", "d"), thing(depth-1)))
		}
		return `{` + strings.Join(fields, ",") + `}`
	}
	thing = func(depth int) string {
		switch n := rnd.Intn(6); {
		case depth > 0 && n < 2:
			return object(depth)
		case depth > 0 && n < 4:
			return `[` + object(depth) + `,` + thing(depth-1) + `,` + object(depth) + `]`
		}
		return pick("1", "2", "3")
	}
	proven, always := 0, 0
	for range pairs {
		texts := [2]string{rule(), rule()}
		var p [2]*Pattern
		for i, s := range texts {
			var err error
			if p[i], err = Compile([]byte(s), Classic, Limits{}); err != nil {
				t.Fatal(err)
			}
		}
		a, b := p[0].subRules[0], p[1].subRules[0]
		isImplied, isAlways := a.implies(a.byPath(), b, b.byPath()), b.always()
		if !isImplied && !isAlways {
			continue
		}
		for range events {
			doc := &Doc{Data: []byte(object(4))}
			first, err := p[0].Eval(doc)
			if err != nil {
				t.Fatal(err)
			}
			second, err := p[1].Eval(doc)
			if err != nil {
				t.Fatal(err)
			}
			if isImplied && first && !second {
				t.Fatalf("seed %d: %s is said to imply %s, but %s matches the first only", seed, texts[0], texts[1], doc.Data)
			}
			if isAlways && !second {
				t.Fatalf("seed %d: every event is said to match %s, but %s does not", seed, texts[1], doc.Data)
			}
		}
		if isImplied {
			proven++
		}
		if isAlways {
			always++
		}
	}
	t.Logf("%d implications, %d that always match", proven, always)
	if proven < pairs/100 || always < pairs/1000 {
		t.Errorf("%d implications, %d that always match: the test proves little", proven, always)
	}
}
