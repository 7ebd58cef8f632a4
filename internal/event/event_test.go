package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/event"
)

var held = event.Event{
	ID: "6a7e8feb-b491-4cf7-a9f1-bf3703467718", DetailType: "SeatsHeld", Source: "cinema.bookings",
	Account: "123456789012", Time: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Region: "eu-west-1",
	Detail: json.RawMessage(`{ "seats": ["A1"], "note": "<&>" }`),
}

func TestEnvelopeIsAWSs(t *testing.T) {
	got, err := held.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version":"0","id":"6a7e8feb-b491-4cf7-a9f1-bf3703467718","detail-type":"SeatsHeld","source":"cinema.bookings",` +
		`"account":"123456789012","time":"2026-11-23T10:00:00Z","region":"eu-west-1","resources":[],"detail":{"seats":["A1"],"note":"<&>"}}`
	if string(got) != want {
		t.Errorf("Envelope() =\n%s, want\n%s", got, want)
	}
	replayed := held
	replayed.ReplayName = "again"
	got, err = replayed.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	if want := `"region":"eu-west-1","replay-name":"again","resources":[]`; !bytes.Contains(got, []byte(want)) {
		t.Errorf("Envelope() = %s, want it to contain %s", got, want)
	}
}

func TestEnvelopeAndParse(t *testing.T) {
	e := held
	e.Detail = json.RawMessage(`{"n":9007199254740993,"x":1e400}`)
	e.Resources = []string{"arn:aws:s3:::b"}
	b, err := e.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	back, err := event.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, back); diff != "" {
		t.Errorf("Parse(Envelope()) differs (-want +got):\n%s", diff)
	}
}

func TestDetailMustBeAnObject(t *testing.T) {
	for _, detail := range []string{"", "[]", "1", `"{}"`, "null", "{", `{"a":}`, "{} {}", "this"} {
		e := held
		e.Detail = json.RawMessage(detail)
		if _, err := e.Envelope(); !errors.Is(err, event.ErrDetail) {
			t.Errorf("Envelope() of detail %q: error %v, want ErrDetail", detail, err)
		}
	}
}

func TestSize(t *testing.T) {
	if got, want := event.Size("ab", "cde", `{"é":1}`, []string{"xy", "z"}, true), 14+2+3+8+3; got != want {
		t.Errorf("Size() = %d, want %d", got, want)
	}
	if got, want := event.Size("ab", "cde", `{}`, nil, false), 7; got != want {
		t.Errorf("Size() = %d, want %d", got, want)
	}
}

func FuzzParse(f *testing.F) {
	b, err := held.Envelope()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"time":"2026-11-23T10:00:00Z","detail":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := event.Parse(b)
		if err != nil {
			return
		}
		again, err := e.Envelope()
		if err != nil {
			t.Fatalf("Envelope() of a parsed event: %v", err)
		}
		if _, err := event.Parse(again); err != nil {
			t.Fatalf("Parse(%s): %v", again, err)
		}
	})
}
