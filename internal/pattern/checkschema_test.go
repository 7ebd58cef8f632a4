package pattern_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stormbus/internal/event"
	"stormbus/internal/pattern"
)

// TestEventSchema holds what is said of events to the envelopes that are written.
func TestEventSchema(t *testing.T) {
	t.Parallel()
	events := []event.Event{
		{
			ID: "i", DetailType: "d", Source: "s", Account: "000000000000", Time: time.Unix(0, 0), Region: "eu-west-1",
			ReplayName: "r", Resources: []string{"a"}, Detail: []byte(`{"a":{"b":1}}`),
		},
		{Detail: []byte(`{}`)},
	}
	always := []string{"version", "id", "source", "detail-type", "account", "time", "region"}
	for _, e := range events {
		envelope, err := e.Envelope()
		if err != nil {
			t.Fatal(err)
		}
		var fields map[string]any
		if err := json.Unmarshal(envelope, &fields); err != nil {
			t.Fatal(err)
		}
		for _, name := range always {
			if _, ok := fields[name].(string); !ok || !pattern.EventSchema(name).Always {
				t.Errorf("%s is %v in %s; want a string, and the schema to know that it always is there", name, fields[name], envelope)
			}
		}
		for name, value := range fields {
			f := pattern.EventSchema(name)
			_, isObject := value.(map[string]any)
			if !f.Known || (f.Types == 0) != isObject || !isObject && f.Types != pattern.TypeString {
				t.Errorf("EventSchema(%s) = %+v, but there is %v in %s", name, f, value, envelope)
			}
			if f.Note == "" {
				t.Errorf("EventSchema(%s) has no note", name)
			}
		}
	}
	for path, known := range map[string]bool{"detail.a": false, "detail.a.b": false, "detail.": false, "source.a": true, "a": true, "": true, "details.a": true} {
		if f := pattern.EventSchema(path); f.Known != known || f.Types != 0 {
			t.Errorf("EventSchema(%q) = %+v, want known: %v and no types", path, f, known)
		}
	}
	if note := pattern.EventSchema("source.name").Note; !strings.HasPrefix(note, "an event has version, ") {
		t.Errorf("note at source.name = %q", note)
	}
	if note := pattern.EventSchema("detailType").Note; !strings.Contains(note, "detail-type") {
		t.Errorf("the note on detailType does not name detail-type: %s", note)
	}
}
