package pattern_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

// orders are rules and events of a shop: most rules name source and detail-type,
// many also a tenant and one more field.
type orders struct{ rnd *rand.Rand }

func (o orders) source() string     { return fmt.Sprintf("com.shop.service%02d", o.rnd.Intn(20)) }
func (o orders) detailType() string { return fmt.Sprintf("Event Number %03d", o.rnd.Intn(200)) }
func (o orders) tenant() string     { return fmt.Sprintf("tenant-%04d", o.rnd.Intn(1000)) }

func (o orders) rule() string {
	rule := fmt.Sprintf(`{"source":[%q],"detail-type":[%q,%q]`, o.source(), o.detailType(), o.detailType())
	if o.rnd.Intn(5) == 0 {
		return rule + "}"
	}
	more := []string{
		`"status":["PAID","SHIPPED"]`, `"status":[{"anything-but":["NEW"]}]`, `"customer":{"mail":[{"prefix":"a"}]}`,
		`"customer":{"tier":[{"equals-ignore-case":"gold"}]}`, `"coupon":[{"exists":false}]`,
		`"items":{"sku":["sku-7"],"quantity":[{"numeric":[">",2]}]}`,
	}
	return rule + fmt.Sprintf(`,"detail":{"tenantId":[%q],%s}}`, o.tenant(), more[o.rnd.Intn(len(more))])
}

func (o orders) event() (*pattern.Envelope, []byte) {
	items := make([]string, 4)
	for i := range items {
		items[i] = fmt.Sprintf(`{"sku":"sku-%d","quantity":%d,"price":%d.5,"name":"thing number %d"}`,
			o.rnd.Intn(20), o.rnd.Intn(5), o.rnd.Intn(100), i)
	}
	detail := fmt.Sprintf(`{"metadata":{"correlation":"5f0c1f0e-9d3c-4c60-8a3a-a1d2b3c4d5e6","schema":"1.4"},`+
		`"tenantId":%q,"status":"PAID","customer":{"id":%d,"mail":"ada@example.com","tier":"Gold","address":`+
		`{"street":"Some Street 12","city":"Somewhere","zip":"12345"}},"items":[%s],"tags":["a","b","c"],"total":123.45}`,
		o.tenant(), o.rnd.Intn(100000), strings.Join(items, ","))
	return &pattern.Envelope{
		Version: "0", ID: "17793124-05d4-b198-2fde-7ededc63b103", Source: o.source(), DetailType: o.detailType(),
		Account: "123456789012", Region: "us-east-1", Time: "2026-11-23T10:00:00Z",
	}, []byte(detail)
}

func (o orders) matcher(tb testing.TB, n int) *pattern.Matcher {
	tb.Helper()
	m := pattern.NewMatcher(pattern.Options{})
	ops := make([]pattern.Op, n)
	for i := range ops {
		p, err := compile(o.rule())
		if err != nil {
			tb.Fatal(err)
		}
		ops[i] = pattern.Op{ID: pattern.ID(i), Filters: []pattern.Scoped{{Pattern: p}}}
	}
	if err := m.Apply(1, ops...); err != nil {
		tb.Fatal(err)
	}
	return m
}

func (o orders) docs(n int) []*pattern.Doc {
	docs := make([]*pattern.Doc, n)
	for i := range docs {
		env, data := o.event()
		docs[i] = &pattern.Doc{Env: env, Data: data}
	}
	return docs
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{1, 300, 2000, 10000, 100000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			o := orders{rand.New(rand.NewSource(1))}
			snap := o.matcher(b, n).Snapshot()
			docs := o.docs(64)
			var r pattern.Result
			b.SetBytes(int64(len(docs[0].Data)))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := snap.Match(docs[i%len(docs)], &r); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

// TestMatchDoesNotAllocate holds for events without escapes and arrays of
// objects that matter twice, that is, for nearly all.
func TestMatchDoesNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector makes pools forget")
	}
	o := orders{rand.New(rand.NewSource(1))}
	snap := o.matcher(t, 200).Snapshot()
	docs := o.docs(8)
	var r pattern.Result
	i := 0
	n := testing.AllocsPerRun(200, func() {
		if err := snap.Match(docs[i%len(docs)], &r); err != nil {
			t.Fatal(err)
		}
		i++
	})
	if n >= 1 {
		t.Errorf("Match allocates %v times, want 0", n)
	}
}

func BenchmarkCompile(b *testing.B) {
	o := orders{rand.New(rand.NewSource(1))}
	rule := o.rule()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := compile(rule); err != nil {
			b.Fatal(err)
		}
	}
}
