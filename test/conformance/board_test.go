package conformance

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"stormbus/internal/board"
	"stormbus/internal/board/boardtest"
	"stormbus/test/harness"
	"stormbus/test/python"
)

// yamlBoards is how many random boards there are.
const yamlBoards = 60

// yamlTraps are texts that readers of YAML 1.1 and of 1.2 take for something else
// unless they are quoted, or that break out of where they stand.
var yamlTraps = []string{
	"yes", "no", "on", "off", "y", "n", "Yes", "NO", "On", "oFF", "true", "False", "null", "Null", "~", "",
	"1", "-1", "+1", "0x1F", "0o17", "017", "0b11", "1_000", "1.5", "1e3", "1.5e3", "1.5e+3", ".5", "5.", "-.inf", ".inf", ".NaN", "08", "1__0.5",
	"12:30", "12:30:45", "1:20:30.5", "190:20", "2025-01-14", "2025-01-14T19:30:00Z", "2025-1-4 1:2:3", "2025-01-14 19:30:00.5 +1",
	"=", "<<", "-", "- a", "?", "? a", ":", "a: b", "a:", ":a", "a #b", "#a", "!a", "!!int 3", "&a", "*a", "@a", "`a", "%a", "|", ">", ">-", "a|b",
	"[", "]", "[a]", "{", "}", "{a: b}", ",", "a, b", "'", "''", "'a'", "\"", "\"a\"", "\\", "a\\n", "---", "...", "--- a",
	" a", "a ", "a\nb", "\n", "a\n", "a\n\n", "\ta", "a\tb", "é", "🎫", "a\u00a0b", "a\u2028b", "a\u2029b", "\ufeffa", "a\u0085b", "\u00ad", "\u200b", "日本",
	"\U0001f3ab", "\ue000", "\ufffd", strings.Repeat("long ", 60), strings.Repeat("x", 300),
}

type yamlBoard struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Data any    `json:"data"`
}

// TestBoardsInPyYAML: every board that the formatter writes says the same to PyYAML,
// which reads YAML 1.1, as to us.
func TestBoardsInPyYAML(t *testing.T) {
	t.Parallel()
	interpreter := python.Prepared(t)
	var boards []yamlBoard
	add := func(name string, f *board.File) {
		text := f.Format()
		var data any
		if err := yaml.Unmarshal(text, &data); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		boards = append(boards, yamlBoard{name, string(text), data})
	}
	parse := func(name string, text []byte) *board.File {
		f, err := board.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	folder := filepath.Join(harness.Root(), "internal", "board", "testdata")
	for _, pattern := range []string{"*.yaml", "*.golden", "fix/*.golden"} {
		names, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("no boards at %s: %v", pattern, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			add(name, parse(name, text))
		}
	}
	text, err := os.ReadFile(filepath.Join(harness.Root(), "examples", "cinema", "storm.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	add("cinema", parse("cinema", text))
	add("big", parse("big", boardtest.Big(300, 60)))
	add("numbers", parse("numbers", []byte("events: {E: {example: {n: [1, +1, -1, 0x1F, 0o17, 0b11, 1_000, 1.5, 1e3, 1.5E3, 1e-7, .5, 5., True, FALSE, 190, 012]}}}\n")))
	named := 0
	for i, trap := range yamlTraps {
		f, n := trapBoard(t, parse("storm.yaml", []byte("name: trap\n")), trap, fmt.Sprint("text ", i))
		named += n
		add(fmt.Sprintf("%q", trap), f)
	}
	if named < 200 {
		t.Errorf("only %d names are traps", named)
	}
	for seed := range uint64(yamlBoards) {
		add(fmt.Sprint("seed ", seed), randomYAML(t, rand.New(rand.NewPCG(seed, 12)), parse("storm.yaml", nil)))
	}
	list, err := json.Marshal(boards)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "boards.json"), string(list))
	out := runIn(t, dir, interpreter, "-B", filepath.Join(harness.Root(), "test", "conformance", "board", "read.py"), "boards.json")
	if want := fmt.Sprintf("%d boards with ", len(boards)); !strings.HasPrefix(out, want) {
		t.Errorf("PyYAML says\n%s", out)
	}
	t.Log(out)
}

// trapBoard puts a text wherever a board has texts, and as a name wherever that is
// legal. It returns how many names it became.
func trapBoard(t *testing.T, f *board.File, trap, other string) (*board.File, int) {
	t.Helper()
	quoted := jsonOf(t, trap)
	example := jsonOf(t, map[string]any{"a": trap, "list": []any{trap, 1, 1.5, 1e21, 1e3, -0.25, true, nil, other}, "o": map[string]any{"b": []any{[]any{trap}}}})
	var made []board.Edit
	for _, e := range []board.Edit{
		{Op: board.Put, Field: "name", Value: quoted},
		{Op: board.Put, Section: "events", Key: "E", Field: "lane", Value: quoted},
		{Op: board.Put, Section: "events", Key: "E", Field: "example", Value: example},
		{Op: board.Put, Section: "events", Key: "E", Field: "data", Value: jsonOf(t, map[string]any{"f": map[string]any{"type": "string", "about": trap}})},
		{Op: board.Put, Section: "spots", Key: "s", Field: "ask", Value: quoted},
		{Op: board.Put, Section: "contexts", Key: "C", Field: "words", Value: jsonOf(t, map[string]string{"w": trap})},
	} {
		if edited, err := f.Apply(e); err == nil {
			f, made = edited, append(made, e)
		}
	}
	if len(made) < 1 || trap != "" && len(made) < 3 {
		t.Fatalf("%q can hardly be a text of a board: %+v", trap, made)
	}
	if got := f.Board().Events["E"].Example["a"]; got != trap {
		t.Errorf("the text %q is read as %#v", trap, got)
	}
	names := 0
	for _, e := range []board.Edit{
		{Op: board.Put, Section: "events", Key: trap, Field: "at", Value: json.RawMessage("1")},
		{Op: board.Put, Section: "things", Key: trap, Field: "kind", Value: json.RawMessage(`"entity"`)},
		{Op: board.Put, Section: "contexts", Key: trap, Field: "things", Value: jsonOf(t, []string{trap, "B"})},
		{Op: board.Put, Section: "reactions", Key: trap, Field: "when", Value: quoted},
		{Op: board.Put, Section: "events", Key: "F", Field: "example", Value: jsonOf(t, map[string]any{trap: map[string]any{trap: 1}})},
	} {
		if edited, err := f.Apply(e); err == nil {
			f, names = edited, names+1
		}
	}
	return f, names
}

// randomYAML is a board with random texts, many of which are made of traps.
func randomYAML(t *testing.T, r *rand.Rand, f *board.File) *board.File {
	t.Helper()
	text := func() string {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			b.WriteString(yamlTraps[r.IntN(len(yamlTraps))])
		}
		return b.String()
	}
	made := 0
	for range 40 {
		key := text()
		var value any
		field := [...]string{"lane", "at", "example", "by"}[r.IntN(4)]
		switch field {
		case "at":
			value = r.IntN(1000)
		case "example":
			value = map[string]any{"t": text(), "n": r.NormFloat64() * 1e6, "i": r.IntN(1 << 30), "l": []any{text(), r.IntN(2) == 0, r.ExpFloat64()}}
		default:
			value = text()
		}
		edited, err := f.Apply(board.Edit{Op: board.Put, Section: "events", Key: key, Field: field, Value: jsonOf(t, value)})
		if err == nil {
			f, made = edited, made+1
		}
	}
	if made < 3 {
		t.Errorf("only %d of 40 edits were made", made)
	}
	return f
}

func jsonOf(t *testing.T, value any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
