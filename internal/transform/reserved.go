package transform

import (
	"bytes"
	"encoding/json"
	"fmt"

	"stormbus/internal/event"
)

// The placeholders that need no path.
const (
	ruleARN       = "aws.events.rule-arn"
	ruleName      = "aws.events.rule-name"
	ingestionTime = "aws.events.event.ingestion-time"
	eventShort    = "aws.events.event"
	eventWhole    = "aws.events.event.json"
)

func isReserved(name string) bool {
	switch name {
	case ruleARN, ruleName, ingestionTime, eventShort, eventWhole:
		return true
	}
	return false
}

// reservedValue returns the value of a reserved placeholder as JSON.
func reservedValue(name string, ev []byte, vars Vars) json.RawMessage {
	switch name {
	case ruleARN:
		return quote(vars.RuleARN)
	case ruleName:
		return quote(vars.RuleName)
	case ingestionTime:
		return quote(vars.IngestionTime.UTC().Format(event.TimeFormat))
	case eventShort:
		return withoutDetail(ev)
	default:
		return ev
	}
}

// quote returns s as JSON. Unlike json.Marshal it leaves <, > and & alone.
func quote(s string) json.RawMessage {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(fmt.Sprintf("transform: encode %q: %v", s, err)) // strings and buffers do not fail
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

// withoutDetail returns the event without its detail and with its detail-type
// under the name that this placeholder gives it.
func withoutDetail(ev []byte) json.RawMessage {
	out := []byte{'{'}
	for name, value := range members(ev) {
		switch name {
		case "detail":
			continue
		case "detail-type":
			name = "detailType"
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, quote(name)...), ':'), value...)
	}
	return append(out, '}')
}
