package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"stormbus/examples/cinema"
	"stormbus/internal/lineage"
)

// chain is the tree of an event that one function took, which published
// another event.
func chain(change func(first *lineage.Node, d *lineage.Delivery, run *lineage.Run)) *lineage.Node {
	run := lineage.Run{Outcome: lineage.OK, Caused: []*lineage.Node{{DetailType: "Paid", Published: time.Unix(2, 0), Done: true}}}
	d := lineage.Delivery{State: lineage.StateDelivered}
	first := &lineage.Node{DetailType: "Held", Published: time.Unix(1, 0), Done: true}
	change(first, &d, &run)
	d.Runs = []lineage.Run{run}
	first.Rules = []lineage.Rule{{Name: "pay", Deliveries: []lineage.Delivery{d}}}
	return first
}

func TestJudge(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(first *lineage.Node, d *lineage.Delivery, run *lineage.Run)
		want   string // part of the complaint; empty if all is well
	}{
		{"as it should be", func(*lineage.Node, *lineage.Delivery, *lineage.Run) {}, ""},
		{"not finished", func(n *lineage.Node, _ *lineage.Delivery, _ *lineage.Run) { n.Done = false }, "Ada: the chain did not end"},
		{"an event is missing", func(_ *lineage.Node, _ *lineage.Delivery, r *lineage.Run) { r.Caused = nil }, "the events were [Held], want [Held Paid]"},
		{"a run failed", func(_ *lineage.Node, _ *lineage.Delivery, r *lineage.Run) { r.Outcome = lineage.Error }, "1 function runs failed"},
		{"a run timed out", func(_ *lineage.Node, _ *lineage.Delivery, r *lineage.Run) { r.Outcome = lineage.Timeout }, "1 function runs failed"},
		{"dead letter", func(_ *lineage.Node, d *lineage.Delivery, _ *lineage.Run) { d.State = lineage.StateDeadLettered }, "1 deliveries were given up, want 0"},
		{"dropped", func(_ *lineage.Node, d *lineage.Delivery, _ *lineage.Run) { d.State = lineage.StateDropped }, "1 deliveries were given up, want 0"},
	}
	who := cinema.Customer{Name: "Ada", Events: []string{"Held", "Paid"}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := judge(who, chain(tt.change))
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("judge = %v, want %q", err, tt.want)
			}
		})
	}
}

// TestFollowAllKeepsWhatWentWrong has a chain that ended badly before one that
// cannot be followed: both are told.
func TestFollowAllKeepsWhatWentWrong(t *testing.T) {
	t.Parallel()
	bad := chain(func(_ *lineage.Node, _ *lineage.Delivery, r *lineage.Run) { r.Outcome = lineage.Error })
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/1") {
			_ = json.NewEncoder(w).Encode(bad) // the client would complain
			return
		}
		http.Error(w, `{"error":"it is gone"}`, http.StatusNotFound)
	}))
	defer page.Close()
	customers := []cinema.Customer{{Name: "Ada", Events: []string{"Held", "Paid"}}, {Name: "Buster"}}
	var out bytes.Buffer
	d := &demo{env: Env{Stdout: &out}, form: "json", server: &server{url: page.URL}}
	err := d.followAll(t.Context(), customers, []string{"1", "2"}, time.Time{})
	for _, want := range []string{"Ada: 1 function runs failed", "follow Buster: it is gone"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("followAll = %v, want %q", err, want)
		}
	}
	lines := json.NewDecoder(&out)
	for _, want := range []chainLine{
		{line: line{Kind: "chain"}, Customer: "Ada", Event: "1", Problem: "Ada: 1 function runs failed, want 0"},
		{line: line{Kind: "chain"}, Customer: "Buster", Event: "2", Problem: "follow Buster: it is gone"},
	} {
		var got chainLine
		if err := lines.Decode(&got); err != nil {
			t.Fatal(err)
		}
		if (got.Tree != nil) != (want.Event == "1") {
			t.Errorf("%s: the tree is %v", got.Customer, got.Tree)
		}
		got.Tree, got.Time = nil, time.Time{}
		if got != want {
			t.Errorf("printed %+v, want %+v", got, want)
		}
	}
	var end endedLine
	if err := lines.Decode(&end); err != nil || end.Kind != "ended" || end.OK || end.Chains != 2 {
		t.Errorf("the end is %+v, %v", end, err)
	}
}
