package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"stormbus/internal/event"
)

// plainEnvelope is the envelope as encoding/json makes it, slow and plain.
func plainEnvelope(e event.Event, detail string) ([]byte, error) {
	if trimmed := strings.TrimLeft(detail, " \t\r\n"); !strings.HasPrefix(trimmed, "{") || !json.Valid([]byte(detail)) {
		return nil, event.ErrDetail
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(struct {
		Version    string          `json:"version"`
		ID         string          `json:"id"`
		DetailType string          `json:"detail-type"`
		Source     string          `json:"source"`
		Account    string          `json:"account"`
		Time       string          `json:"time"`
		Region     string          `json:"region"`
		ReplayName string          `json:"replay-name,omitempty"`
		Resources  []string        `json:"resources"`
		Detail     json.RawMessage `json:"detail"`
	}{
		"0", e.ID, e.DetailType, e.Source, e.Account, e.Time.UTC().Format(event.TimeFormat), e.Region, e.ReplayName,
		append([]string{}, e.Resources...), json.RawMessage(detail),
	})
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

func FuzzEncoder(f *testing.F) {
	f.Add("cinema.bookings", "SeatsHeld", `{ "seats": ["A1"], "note": "<&>" }`, "arn:aws:s3:::b", "")
	f.Add("<&>\"\\\n\u2028\xff", "\x7f\x00", " {\"a\": 1e400, \"\xff\":\"\\ud800\"}", "", "again")
	f.Add("x", "y", `{"a":{"a":{"a":[[[[]]]]}}}`, "z", "")
	f.Add("x", "y", `{"a":01}`, "z", "")
	f.Add("x", "y", `{} {}`, "z", "")
	f.Fuzz(func(t *testing.T, source, detailType, detail, resource, replay string) {
		e := event.Event{
			ID: "id", Source: source, DetailType: detailType, Account: "123456789012", Region: "eu-west-1",
			Time: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), Resources: []string{resource}, ReplayName: replay,
		}
		want, wantErr := plainEnvelope(e, detail)
		var c event.Encoder
		for range 2 { // the second time in used memory
			got, err := c.Encode(&e, detail)
			if (err == nil) != (wantErr == nil) || err != nil && !errors.Is(err, event.ErrDetail) {
				t.Fatalf("Encode() fails with %v, want %v", err, wantErr)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("Encode() =\n%s, want\n%s", got, want)
			}
			if err == nil && !bytes.HasSuffix(got, append(bytes.Clone(e.Detail), '}')) {
				t.Fatalf("the detail %s is not the end of %s", e.Detail, got)
			}
		}
	})
}

// TestEncoderKeepsNothing uses an encoder again and looks at what it returned
// before.
func TestEncoderKeepsNothing(t *testing.T) {
	var c event.Encoder
	first, second := held, held
	a, err := c.Encode(&first, `{"n":1}`)
	if err != nil {
		t.Fatal(err)
	}
	before := string(a)
	if _, err := c.Encode(&second, `{"n":2}`); err != nil {
		t.Fatal(err)
	}
	if string(a) != before || string(first.Detail) != `{"n":1}` {
		t.Errorf("the first envelope became %s, its detail %s", a, first.Detail)
	}
}
