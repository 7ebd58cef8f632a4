// Package event holds the envelope of an event: the JSON document that is
// stored, matched and delivered. Its key order and its form are EventBridge's.
package event

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Event is one event of a Classic event bus. It is a plain value; Detail and
// Resources are shared on copying and must not be modified.
type Event struct {
	ID         string
	DetailType string
	Source     string
	Account    string
	Time       time.Time // delivered in whole seconds, UTC
	Region     string
	ReplayName string // set on events that a replay sends
	Resources  []string
	Detail     json.RawMessage // a JSON object
}

// MaxEntries is how many entries one PutEvents request may hold.
const MaxEntries = 10

// MaxRequestSize is the size in bytes that all entries of one PutEvents
// request must stay below, counted by [Size].
const MaxRequestSize = 1 << 20

// timeSize is what an entry that gives a time is charged for it.
const timeSize = 14

// TimeFormat is how an envelope writes its time.
const TimeFormat = "2006-01-02T15:04:05Z"

// ErrDetail says that a detail is not a JSON object.
var ErrDetail = errors.New("detail is not a JSON object")

// Size is what AWS charges for an entry: the UTF-8 bytes of source,
// detail-type, detail and every resource, and 14 bytes if the entry gives a
// time (AWS documentation, "Calculating PutEvents event entry size").
func Size(source, detailType, detail string, resources []string, hasTime bool) int {
	n := len(source) + len(detailType) + len(detail)
	for _, r := range resources {
		n += len(r)
	}
	if hasTime {
		n += timeSize
	}
	return n
}

// Envelope returns the event as compact JSON in EventBridge's key order. It
// fails with [ErrDetail] if the detail is not a JSON object.
func (e Event) Envelope() ([]byte, error) {
	var c Encoder
	return c.Encode(&e, string(e.Detail))
}

// envelope is what [Parse] reads.
type envelope struct {
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	ReplayName string          `json:"replay-name"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Parse reads an envelope back.
func Parse(b []byte) (Event, error) {
	var v envelope
	if err := json.Unmarshal(b, &v); err != nil {
		return Event{}, fmt.Errorf("parse event: %w", err)
	}
	at, err := time.Parse(time.RFC3339, v.Time)
	if err != nil {
		return Event{}, fmt.Errorf("parse event %s: %w", v.ID, err)
	}
	if !IsObject(v.Detail) {
		return Event{}, fmt.Errorf("parse event %s: %w", v.ID, ErrDetail)
	}
	return Event{
		ID: v.ID, DetailType: v.DetailType, Source: v.Source, Account: v.Account, Time: at,
		Region: v.Region, ReplayName: v.ReplayName, Resources: v.Resources, Detail: v.Detail,
	}, nil
}

// IsObject reports whether b is one well-formed JSON object and nothing else.
func IsObject(b []byte) bool {
	trimmed := bytes.TrimLeft(b, " \t\r\n")
	return len(trimmed) > 0 && trimmed[0] == '{' && json.Valid(b)
}
