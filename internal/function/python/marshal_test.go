package python_test

import (
	"encoding/json"
	"testing"

	"stormbus/internal/function/python"
)

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string always encodes
	}
	return string(b)
}

func TestResults(t *testing.T) {
	t.Parallel()
	eachInterpreter(t, func(t *testing.T, i python.Interpreter) {
		p := start(t, i, program{files: evaluator, handler: "app.run"})
		for _, e := range expressions {
			got := p.invoke(quote(e.expr))
			if e.kind != "" {
				var body struct{ ErrorMessage, ErrorType string }
				if err := json.Unmarshal(got.Payload, &body); err != nil {
					t.Errorf("%s: %v in %s", e.expr, err, got.Payload)
				}
				if body.ErrorMessage != e.want || body.ErrorType != e.kind || got.ErrorType != e.kind {
					t.Errorf("%s = %s (%s), want %s: %s", e.expr, got.Payload, got.ErrorType, e.kind, e.want)
				}
				continue
			}
			want := e.want
			if e.new != "" && i.Version.Minor >= 12 {
				want = e.new
			}
			if string(got.Payload) != want || got.ErrorType != "" {
				t.Errorf("%s = %s, want %s", e.expr, got.Payload, want)
			}
		}
	})
}
