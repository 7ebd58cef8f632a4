// Command bench measures package pattern beside event-ruler, in one run on one
// machine and with the same rules and events, and prints a table. It needs
// Linux, a Java development kit and Maven.
//
//	go run ./test/ruler/bench
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"stormbus/internal/pattern"
	"stormbus/internal/pattern/patterntest"
	"stormbus/test/ruler"
)

func main() {
	sizes := flag.String("sizes", "1,300,2000,10000,100000", "numbers of rules")
	flag.Parse()
	runtime.LockOSThread() // so that ThreadTime means something
	if err := run(*sizes); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// load is what is measured.
type load struct {
	name          string
	rules, events []string
	published     []pattern.Doc // the events as a publish call has them
}

// published returns events as PutEvents has them when it matches: the envelope in
// fields, and a detail that has been checked.
func published(events []patterntest.Event) []pattern.Doc {
	docs := make([]pattern.Doc, len(events))
	for i, e := range events {
		docs[i] = pattern.Doc{Data: []byte(e.Detail), Checked: true, Env: &pattern.Envelope{
			Version: "0", ID: e.ID, Source: e.Source, DetailType: e.DetailType,
			Account: patterntest.Account, Region: patterntest.Region, Time: patterntest.Time,
		}}
	}
	return docs
}

// texts returns events as whole texts that have to be checked.
func texts(events []string, checked bool) []pattern.Doc {
	docs := make([]pattern.Doc, len(events))
	for i, e := range events {
		docs[i] = pattern.Doc{Data: []byte(e), Checked: checked}
	}
	return docs
}

func loads(sizes string) ([]load, error) {
	var out []load
	made := patterntest.Events(1024, 2)
	var events []string
	for _, e := range made {
		events = append(events, e.Whole())
	}
	for _, mix := range []patterntest.Mix{patterntest.MixA, patterntest.MixB, patterntest.MixC, patterntest.MixD} {
		for size := range strings.SplitSeq(sizes, ",") {
			n, err := strconv.Atoi(size)
			if err != nil {
				return nil, fmt.Errorf("-sizes: %w", err)
			}
			out = append(out, load{fmt.Sprintf("mix %c", mix), mix.Rules(n, 1), events, published(made)})
		}
	}
	for _, n := range []int{4, 64, 1000} {
		rules, events := patterntest.Arrays(n, 3)
		out = append(out, load{fmt.Sprintf("arrays of %d", n), rules, events, texts(events, true)})
	}
	for _, n := range []int{1, 16, 256} {
		rules, events := patterntest.Wildcards(n, 4)
		out = append(out, load{"wildcards", rules, events, texts(events, true)})
	}
	return out, nil
}

// cost is what was measured.
type cost struct {
	Nanos     float64 `json:"nanos"`     // of processor time per event, given as text
	Matches   int     `json:"matches"`   // of all events together
	AddMicros float64 `json:"addMicros"` // per rule, compiling included
	published float64 // nanoseconds for an event as a publish call has it
	change    float64 // microseconds to add or remove one rule to the others
	bytes     float64 // per rule, without the compiled pattern
}

func run(sizes string) error {
	loads, err := loads(sizes)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "stormbus-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Println("| load | rules | matches per event | published, ns | text, ns | event-ruler, ns | ratio, published | ratio, text | bytes per rule | add or remove, us |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|")
	for _, l := range loads {
		theirs, err := eventRuler(dir, l)
		if err != nil {
			return fmt.Errorf("event-ruler, %s: %w", l.name, err)
		}
		ours, err := stormbus(l)
		if err != nil {
			return fmt.Errorf("stormbus, %s: %w", l.name, err)
		}
		if ours.Matches != theirs.Matches {
			return fmt.Errorf("%s: %d matches, event-ruler has %d", l.name, ours.Matches, theirs.Matches)
		}
		fmt.Printf("| %s | %d | %.2f | %.0f | %.0f | %.0f | %.1f | %.1f | %.0f | %.1f |\n", l.name, len(l.rules),
			float64(ours.Matches)/float64(len(l.events)), ours.published, ours.Nanos, theirs.Nanos,
			theirs.Nanos/ours.published, theirs.Nanos/ours.Nanos, ours.bytes, ours.change)
	}
	return nil
}

func eventRuler(dir string, l load) (cost, error) {
	rules, events := filepath.Join(dir, "rules"), filepath.Join(dir, "events")
	for name, lines := range map[string][]string{rules: l.rules, events: l.events} {
		if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
			return cost{}, err
		}
	}
	cmd, err := ruler.Command(context.Background(), "bench", rules, events)
	if err != nil {
		return cost{}, err
	}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return cost{}, err
	}
	var c cost
	return c, json.Unmarshal(out, &c)
}

func stormbus(l load) (cost, error) {
	ops := make([]pattern.Op, len(l.rules))
	for i, text := range l.rules {
		p, err := pattern.Compile([]byte(text), pattern.Classic, pattern.Limits{})
		if err != nil {
			return cost{}, err
		}
		ops[i] = pattern.Op{ID: pattern.ID(i), Filters: []pattern.Scoped{{Pattern: p}}}
	}
	before := heap()
	m := pattern.NewMatcher(pattern.Options{})
	if err := m.Apply(1, ops...); err != nil {
		return cost{}, err
	}
	c := cost{bytes: float64(heap()-before) / float64(len(ops))}
	if err := c.match(m.Snapshot(), l); err != nil {
		return cost{}, err
	}
	id := pattern.ID(len(ops))
	c.change = measure(func(i int) {
		op := ops[i/2%len(ops)]
		op.ID, op.Remove = id, i%2 == 1
		must(m.Apply(m.Rev()+1, op))
	}) / 1e3
	runtime.KeepAlive(ops)
	return c, nil
}

// match measures how long it takes to match an event in both forms, which must
// match the same.
func (c *cost) match(snap pattern.Snapshot, l load) error {
	whole := texts(l.events, false)
	var r, p pattern.Result
	for i := range whole {
		if err := errors.Join(snap.Match(&whole[i], &r), snap.Match(&l.published[i], &p)); err != nil {
			return err
		}
		if !slices.Equal(r.IDs, p.IDs) {
			return fmt.Errorf("event %d matches %v as text and %v as published", i, r.IDs, p.IDs)
		}
		c.Matches += len(r.IDs)
	}
	c.Nanos = measure(func(i int) { must(snap.Match(&whole[i%len(whole)], &r)) })
	c.published = measure(func(i int) { must(snap.Match(&l.published[i%len(whole)], &r)) })
	return nil
}

// measure returns how many nanoseconds of processor time one call costs.
func measure(f func(i int)) float64 {
	const batch = 64
	const enough = 500 * time.Millisecond
	n := 0
	began := patterntest.ThreadTime()
	for used := time.Duration(0); used < enough; used = patterntest.ThreadTime() - began {
		for range batch {
			f(n)
			n++
		}
	}
	return float64(patterntest.ThreadTime()-began) / float64(n)
}

func heap() uint64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&s)
	return s.HeapAlloc
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
