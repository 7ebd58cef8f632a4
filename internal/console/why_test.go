package console_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/bus"
	"stormbus/internal/console"
	"stormbus/internal/lineage"
	"stormbus/internal/pattern"
)

// published is an event on a bus, which a rule forwards to another one.
func published(id string) *lineage.Node {
	at := time.Unix(60, 0).UTC()
	n := &lineage.Node{
		EventID: id, DetailType: "SeatsHeld", Source: "cinema", Bus: "shop", Published: at, Done: true,
		UnknownBus: id == "lost",
	}
	if id == "held" {
		other := &lineage.Node{EventID: id, DetailType: "SeatsHeld", Source: "cinema", Bus: "audit", Published: at, Done: true}
		n.Rules = []lineage.Rule{{Name: "forward", Deliveries: []lineage.Delivery{{Forwarded: other}}}}
	}
	return n
}

func (l *log) Find(_ context.Context, busName, id string, at time.Time) (bus.Stored, bool, error) {
	ids := map[string]bus.BusID{"shop": 1, "audit": 2}
	stored := bus.Stored{
		Ref: bus.Ref{Bus: ids[busName]}, BusName: busName,
		Envelope: []byte(`{"id":"` + id + `","source":"cinema","detail-type":"SeatsHeld","detail":{"total":24}}`),
	}
	if id == "unreadable" {
		return bus.Stored{}, false, errBroken
	}
	return stored, id == "held" && at.Equal(time.Unix(60, 0)), nil
}

func (l *log) Rules(id bus.BusID) []bus.Rule {
	if id != 1 {
		return nil
	}
	const prefix = "arn:aws:events:eu-west-1:123456789012:rule/shop/"
	return []bus.Rule{
		{ARN: prefix + "forward", Pattern: compiled(`{"source":["cinema"]}`), Enabled: true},
		{ARN: prefix + "big", Pattern: compiled(`{"detail":{"total":[{"numeric":[">",100]}]}}`), Enabled: true},
		{ARN: prefix + "off", Pattern: compiled(`{"source":["cinema"]}`)},
		{ARN: prefix + "new", Pattern: compiled(`{"detail":{"total":[24]}}`), Enabled: true},
	}
}

func compiled(text string) *pattern.Pattern {
	p, err := pattern.Compile([]byte(text), pattern.Classic, pattern.Limits{})
	if err != nil {
		panic(err)
	}
	return p
}

func TestWhy(t *testing.T) {
	t.Parallel()
	p := open(t)
	resp := p.get(console.Prefix + "api/why/held")
	var got []console.Why
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != 200 || len(got) != 2 {
		t.Fatalf("HTTP %d, %+v, error %v; want the event on two buses", resp.StatusCode, got, err)
	}
	shop, audit := got[0], got[1]
	if diff := cmp.Diff([]string{"forward"}, shop.Took); diff != "" || shop.Bus != "shop" || shop.Rules.Matched != 2 {
		t.Errorf("on the first bus: %+v (-want +got)\n%s", shop, diff)
	}
	if !slices.Equal(shop.Rules.Disabled, []string{"off"}) || len(shop.Rules.Misses) != 1 || shop.Rules.Misses[0].Rule != "big" {
		t.Errorf("ranking %+v", shop.Rules)
	}
	since, noLonger := shop.Changed()
	if !slices.Equal(since, []string{"new"}) || noLonger != nil {
		t.Errorf("changed: %v and %v, want new", since, noLonger)
	}
	if audit.Bus != "audit" || audit.Rules == nil || audit.Rules.Matched != 0 || len(audit.Event) == 0 {
		t.Errorf("on the second bus: %+v", audit)
	}
	audit.Took = []string{"gone"}
	if since, noLonger := audit.Changed(); since != nil || !slices.Equal(noLonger, []string{"gone"}) {
		t.Errorf("changed: %v and %v, want gone to be there no longer", since, noLonger)
	}
}

func TestWhyOther(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path   string
		status int
		want   string
	}{
		{"held?most=0", 200, `"misses":[],"more":1`},
		{"lost", 200, `[{"event_id":"lost","detail_type":"SeatsHeld","source":"cinema","bus":"shop","unknown_bus":true,"published":"1970-01-01T00:01:00Z","took":[]}]`},
		{"old", 200, `"dropped":true,"published":"1970-01-01T00:01:00Z","took":[]}]`},
		{"message", 404, "message is a message of a queue: rules take events; `stormbus trace message --root` shows where it came from"},
		{"nope", 404, "no event nope is known here"},
		{"first", 404, "no event first is known here"},
		{"broken", 500, "the server's log says why"},
		{"unreadable", 500, "the event could not be explained; the server's log says why"},
		{"held?most=x", 400, "most: want a number from 0 to 100"},
		{"held?most=-1", 400, "most: want a number from 0 to 100"},
		{"held?most=101", 400, "most: want a number from 0 to 100"},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			p := open(t)
			resp := p.get(console.Prefix + "api/why/" + tt.path)
			var body json.RawMessage
			if err := json.NewDecoder(resp.Body).Decode(&body); err != nil || resp.StatusCode != tt.status || !strings.Contains(string(body), tt.want) {
				t.Errorf("HTTP %d %s: %v; want %d %s", resp.StatusCode, body, err, tt.status, tt.want)
			}
			if said := p.said.String(); strings.Contains(said, errBroken.Error()) != (tt.status == 500) {
				t.Errorf("the log says %q", said)
			}
		})
	}
}
