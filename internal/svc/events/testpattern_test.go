package events

import (
	"strings"
	"testing"

	"stormbus/internal/pattern"
	shape "stormbus/internal/shape/events"
)

func TestTestEventPattern(t *testing.T) {
	h := newHarness(t)
	for _, tc := range []struct {
		name, pattern, event string
		want                 bool
		code, message        string
	}{
		{name: "matches", pattern: heldPattern, event: `{"source":"cinema"}`, want: true},
		{name: "does not match", pattern: heldPattern, event: `{"source":"theatre"}`},
		{
			name: "not JSON", pattern: heldPattern, event: `this`,
			code: "ValidationException", message: "Parameter Event is not valid.",
		},
		{
			name: "not an object", pattern: heldPattern, event: `["source"]`,
			code: "ValidationException", message: "Parameter Event is not valid.",
		},
		{
			name: "too deep", pattern: heldPattern, event: strings.Repeat(`{"a":`, pattern.MaxDepth) + "{}" + strings.Repeat("}", pattern.MaxDepth),
			code: "ValidationException", message: "Parameter Event is not valid.",
		},
		{
			name: "pattern", pattern: `{"source":"cinema","x":1}`, event: `{}`, code: "InvalidEventPatternException",
			message: `Event pattern is not valid. Reason: "source" must be an object or an array` +
				"\n at [Source: (String)\"{\"source\":\"cinema\",\"x\":1}\"; line: 1, column: 12]",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, err := h.TestEventPattern(h.ctx, &shape.TestEventPatternInput{EventPattern: &tc.pattern, Event: &tc.event})
			if tc.code != "" {
				wantError(t, err, tc.code, tc.message)
				return
			}
			if err != nil || *out.Result != tc.want {
				t.Errorf("result = %v, %v, want %v", out, err, tc.want)
			}
		})
	}
}
