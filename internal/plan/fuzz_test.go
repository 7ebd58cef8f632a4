package plan_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"stormbus/internal/board"
	"stormbus/internal/plan"
)

// FuzzOf: every board that can be read has a plan or problems, the plan can be
// printed, and names of it are as AWS wants them.
func FuzzOf(f *testing.F) {
	f.Add([]byte(cinema(f)))
	for _, text := range steps {
		f.Add([]byte(text))
	}
	f.Add([]byte(groundWith("was: Old, schema: x.json", "every: rate(1 minute), from: schedule", "", `retry: {age: 1h}, match: {$or: [{source: [a]}, {detail: {x: [{wildcard: "a*"}]}}]}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := board.Parse("storm.yaml", text)
		if err != nil {
			return
		}
		p, err := plan.Of(file.Board(), func(string) ([]byte, error) { return []byte(`{"type": "object"}`), nil })
		if err != nil {
			if problems, ok := errors.AsType[plan.Problems](err); !ok || len(problems) == 0 || p != nil {
				t.Fatalf("Of = %v, %v", p, err)
			}
			return
		}
		if err := p.WriteText(io.Discard); err != nil {
			t.Fatal(err)
		}
		if changes := plan.Diff(p, p); len(changes) > 0 {
			t.Fatalf("it differs from itself: %v", changes)
		}
		written, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var read plan.Plan
		if err := json.Unmarshal(written, &read); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(&read); err != nil || !bytes.Equal(again, written) {
			t.Fatalf("%s\nread and written is\n%s\n%v", written, again, err)
		}
		for _, fn := range p.Functions {
			if len(fn.Name) > 64 || fn.Cause == plan.ByEvents && (len(fn.Events) == 0 || len(fn.Invokers) == 0) {
				t.Errorf("function: %+v", fn)
			}
		}
		for _, r := range p.Rules {
			if len(r.Name) > 64 || len(r.PatternText()) > 4096 || r.Function == "" {
				t.Errorf("rule: %+v", r)
			}
		}
	})
}
