package project

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/codegen"
	"stormbus/internal/plan"
)

// TestReport holds what programs are told: whenever people are told something, and
// with all that is wrong, also what was said before.
func TestReport(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	var got []Report
	b.Report = func(r Report) { got = append(got, r) }
	in := func(name string) string { return filepath.Join(b.dir, filepath.FromSlash(name)) }
	change := func(action deploy.Action, kind plan.Kind, name string) deploy.Change {
		return deploy.Change{Action: action, Kind: kind, Name: name}
	}
	route := change(deploy.NotServed, "route", "POST /orders")
	unknown := Problem{
		File: in(BoardFile), Line: 26, Column: 9, Path: "reactions.send-on-placed.do", Message: `triggers has no "Nothing"`,
		Remedy: "add it to triggers",
	}
	unused := Problem{
		File: in(BoardFile), Line: 21, Column: 3, Path: "triggers.SendParcel", Message: "it comes from a reaction, but no reaction pulls it",
		Remedy: "add a reaction with do: SendParcel",
	}
	later := plan.Missing{Item: "triggers.Later", Why: "no event is caused by it yet: step 3"}
	for _, step := range []struct {
		what string
		do   func()
		want []Report
	}{
		{"nothing was saved", func() {}, nil},
		{
			"a handler was saved", func() { b.save(place, good(1)) },
			[]Report{{
				OK: true, Saved: []string{in(place)}, Unchanged: 2,
				Resources: []deploy.Change{change(deploy.Update, plan.FunctionKind, "shop-orders-place-order"), route},
			}},
		},
		{
			"the board is broken", func() { b.replace(BoardFile, "do: SendParcel", "do: Nothing") },
			[]Report{{Saved: []string{in(BoardFile)}, Problems: []Problem{unused, unknown}}},
		},
		{"it still is", func() {}, nil},
		{
			"another handler is saved meanwhile", func() { b.save(send, good(2)) },
			[]Report{{
				Saved: []string{in(send)}, Unchanged: 2, Problems: []Problem{unused, unknown},
				Resources: []deploy.Change{change(deploy.Update, plan.FunctionKind, "shop-parcels-send-parcel"), route},
			}},
		},
		{
			"it is mended, and says more", func() {
				b.replace(BoardFile, "do: Nothing", "do: SendParcel")
				b.replace(BoardFile, "  SendParcel: {from", "  Later: {from: Customer}\n  SendParcel: {from")
			},
			[]Report{{
				OK: true, Saved: []string{in(BoardFile)}, Unchanged: 3,
				Resources: []deploy.Change{route}, Missing: []plan.Missing{later},
			}},
		},
		{
			"a generated file is gone", func() { b.remove("services/orders/gen/events.py") },
			[]Report{{
				OK: true, Saved: []string{in(BoardFile)}, Missing: []plan.Missing{later},
				Files: []codegen.Change{{Action: codegen.Create, Path: in("services/orders/gen/events.py")}},
			}},
		},
	} {
		got = nil
		step.do()
		b.sync()
		for i := range got {
			got[i].MS = 0
		}
		for i := range step.want {
			r := &step.want[i]
			r.Files, r.Missing = append([]codegen.Change{}, r.Files...), append([]plan.Missing{}, r.Missing...)
			r.Resources, r.Problems = append([]deploy.Change{}, r.Resources...), append([]Problem{}, r.Problems...)
		}
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.what, diff)
		}
	}
}

// TestReportBlind: a project that cannot be watched is reported as such, and what
// is a list in JSON is one without elements, too.
func TestReportBlind(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.remove(".")
	var last Report
	b.Report = func(r Report) { last = r }
	err := b.Run(t.Context())
	if err == nil || len(last.Problems) != 1 || last.Problems[0].Message != err.Error() || !strings.HasPrefix(err.Error(), "what is saved is not seen any more: watch ") {
		t.Errorf("Run = %v, reported %+v", err, last.Problems)
	}
	text, err := json.Marshal(last)
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("the report is %s, %v", text, err)
	}
}

// replace saves a file with another text in place of the first such one.
func (b *bench) replace(name, was, is string) {
	b.t.Helper()
	b.save(name, strings.Replace(b.read(name), was, is, 1))
}
