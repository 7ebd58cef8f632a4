package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stormbus/internal/board"
	"stormbus/internal/plan"
	"stormbus/internal/schema/schematest"
	"stormbus/test/harness"
)

// randomBoards is how many boards there are, and eventsEach how many events each
// has, each with a schema of its own.
const (
	randomBoards = 24
	eventsEach   = 8
)

// judgement is a value of an event and what Go says of it.
type judgement struct {
	Folder string `json:"folder"` // of the service
	Event  string `json:"event"`  // name of its schema's file
	Value  any    `json:"value"`
	Valid  bool   `json:"valid"`
}

// TestHostileBoards generates from boards whose names, texts and schemas are made
// up at random from what breaks source code. All Python must compile and import,
// every sample must survive its class, and Python must judge values as Go does.
func TestHostileBoards(t *testing.T) {
	interpreter := withTools(t)
	top := t.TempDir()
	var judgements []judgement
	for seed := range uint64(randomBoards) {
		r := rand.New(rand.NewPCG(seed, 11))
		folder, out := t.TempDir(), filepath.Join(top, fmt.Sprint(seed))
		if err := os.Mkdir(out, 0o755); err != nil {
			t.Fatal(err)
		}
		hostileBoard(t, r, folder)
		generate(t, out, folder, modelKinds[seed%3])
		judgements = append(judgements, judge(t, r, folder, filepath.Join(out, "services", "s"))...)
	}
	valid := 0
	for _, j := range judgements {
		if j.Valid {
			valid++
		}
	}
	if valid < 100 || len(judgements)-valid < 100 {
		t.Fatalf("%d of %d values are valid: that says little", valid, len(judgements))
	}
	text, err := json.Marshal(judgements)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(top, "judgements.json"), string(text))
	out := runIn(t, top, interpreter, "-B", filepath.Join(harness.Root(), "test", "conformance", "codegen", "judge.py"), "judgements.json")
	if want := fmt.Sprintf("%d values judged alike\n", len(judgements)); !strings.HasSuffix(out, want) {
		t.Errorf("the judge prints\n%s\nwant %s", out, want)
	}
}

// hostileBoard writes a board and its schemas.
func hostileBoard(t *testing.T, r *rand.Rand, folder string) {
	t.Helper()
	words := []string{`"""`, `\`, `\N{DASH}`, "'", "{x}", "%s", "🎫", "# fmt: off", "é", "$(id)", "None", "class", "//", "int", "*/"}
	word := func() string { return words[r.IntN(len(words))] }
	var b strings.Builder
	b.WriteString("name: hostile\nbus: {name: hostile, source: \"h.{service}\", carry: [correlation_id, causation_id]}\nevents:\n")
	trigger := "Do " + word() + " it" + word()
	for i := range eventsEach {
		fmt.Fprintf(&b, "  %s: {by: %s, of: T, v: 1, schema: e%d.json, was: %s}\n", quotedYAML(fmt.Sprint(word(), "E", word(), i)), quotedYAML(trigger), i, quotedYAML("X"+word()))
		s := schematest.Random(r, 3)
		for s.Kind != "object" {
			s = schematest.Random(r, 4)
		}
		s.Nullable = false
		write(t, filepath.Join(folder, fmt.Sprintf("e%d.json", i)), string(s.JSONSchema()))
	}
	fmt.Fprintf(&b, "triggers: {%s: {from: %s}}\nactors: {%[2]s: {}}\nthings: {T: {key: id}}\n", quotedYAML(trigger), quotedYAML("A"+word()))
	fmt.Fprintf(&b, "contexts: {%s: {things: [T]}}\nservices: {s: {in: %[1]s, owns: [T]}}\n", quotedYAML("C"+word()))
	write(t, filepath.Join(folder, "storm.yaml"), b.String())
}

func quotedYAML(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can be marshalled
	}
	return string(quoted)
}

// judge makes values for the events of a board and says which are valid.
func judge(t *testing.T, r *rand.Rand, folder, service string) []judgement {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "storm.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := board.Parse("storm.yaml", text)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	p, err := plan.Of(f.Board(), func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(folder, path)) })
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{} // of the files with schemas, by event
	var port struct {
		Sends []struct{ Event, Schema string }
	}
	text, err = os.ReadFile(filepath.Join(service, "gen", "port.json"))
	if err == nil {
		err = json.Unmarshal(text, &port)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range port.Sends {
		names[e.Event] = strings.TrimSuffix(filepath.Base(e.Schema), ".json")
	}
	var all []judgement
	for _, s := range p.Schemas {
		value := s.Detail.Example()
		for range 30 {
			all = append(all, judgement{service, names[s.Event], value, len(s.Detail.Validate(value)) == 0})
			value = schematest.Mutated(r, s.Detail.Example())
		}
	}
	return all
}
