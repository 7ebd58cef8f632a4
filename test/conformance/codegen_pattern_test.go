package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestPatterns holds the patterns that Python is given to what Go's mean.
func TestPatterns(t *testing.T) {
	interpreter := withTools(t)
	patterns := []string{
		`^[A-Z]{3}$`, `^\d+$`, `\bcafé\b`, `(?i)straße`, `^(?:a|b)*c{2,3}?$`, `^.$`, `(?s)^.$`, `(?m)^b$`, `\Aa\z`, `^[[:alpha:]]+$`, `^\pL+$`,
		`^[^\]\-\\a-z]+$`, `^\w+\s\S$`, `^(?P<name>x+)+$`, `🎫+`, `^$`, `[^a]`, `a{0}`, `^(a?){2}$`, `"'`, `^\x{1F39F}$`, `(?U)a+b`,
	}
	texts := []string{
		"", "ABC", "ABC\n", "ab\n", "12", "1٣", "un café", "cafés", "STRASSE", "STRAßE", "straſe", "abcc", "cc", "x", "\n", "\r", "a\nb\nc", "b", "a", "a\n", "é",
		"ÄÖ", "A-B", "A]", "a b", "a\u00a0b", "xxx", "🎫", "🎟", "\"'", "aa", "aab", "\u2028",
	}
	var data strings.Builder
	for i, pattern := range patterns {
		fmt.Fprintf(&data, "f%d: {type: string, pattern: %s}, ", i, quotedYAML(pattern))
	}
	folder, out := t.TempDir(), t.TempDir()
	write(t, filepath.Join(folder, "storm.yaml"), "name: p\nevents: {E: {by: Go, of: T, v: 1, data: {"+data.String()+"}}}\n"+
		"triggers: {Go: {from: A}}\nactors: {A: {}}\nthings: {T: {key: id}}\ncontexts: {C: {things: [T]}}\nservices: {s: {in: C, owns: [T]}}\n")
	generate(t, out, folder, "dataclass")
	text, err := os.ReadFile(filepath.Join(out, "services", "s", "gen", "patterns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var inPython map[string]string
	if err := json.Unmarshal(text, &inPython); err != nil {
		t.Fatal(err)
	}
	if len(inPython) != len(patterns) {
		t.Fatalf("there are %d patterns, want %d", len(inPython), len(patterns))
	}
	asked, err := json.Marshal(map[string]any{"patterns": inPython, "texts": texts})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(out, "asked.json"), string(asked))
	const script = `import json, re
asked = json.load(open("asked.json"))
print(json.dumps({p: [t for t in asked["texts"] if re.search(python, t)] for p, python in asked["patterns"].items()}))`
	var got map[string][]string
	if err := json.Unmarshal([]byte(runIn(t, out, interpreter, "-c", script)), &got); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range patterns {
		matched := map[string]bool{}
		for _, text := range got[pattern] {
			matched[text] = true
		}
		for _, text := range texts {
			if want := regexp.MustCompile(pattern).MatchString(text); matched[text] != want {
				t.Errorf("Python's %s for %s matches %q: %v, want %v", inPython[pattern], pattern, text, matched[text], want)
			}
		}
	}
}
