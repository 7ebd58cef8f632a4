package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/test/harness"
	"stormbus/test/python"
)

// elsewhere lists the documented commands that another test runs, and which.
var elsewhere = map[string]string{
	"go run ./cmd/stormbus demo":                          "internal/cli/testdata/script/demo.txtar",
	"go run ./cmd/stormbus up":                            "internal/cli/testdata/script/up.txtar",
	"go run ./cmd/stormbus up --auth enforce --keys keys": "internal/cli/testdata/script/auth.txtar",
	"stormbus up shop":                                    "internal/cli/testdata/script/project.txtar",
	"stormbus up shop --output json":                      "internal/cli/testdata/script/project.txtar",
	"stormbus trace EVENT_ID":                             "internal/cli/testdata/script/project.txtar",
	"curl -s -d '{\"item\": \"umbrella\"}' http://127.0.0.1:4566/2015-03-31/functions/shop-orders-place-order/invocations": "internal/cli/testdata/script/project.txtar",

	"make test": "whoever runs all tests",
	"go test -run='^$' -bench=Store -benchtime=20x -benchmem ./test/bench":             "whoever takes the figures",
	"go test -run='^$' -bench='RoundTrip|PutEvents' -benchmem ./internal/wire":         "whoever takes the figures",
	"go test -run='^$' -bench='FirstEvent|Save' -benchtime=20x ./test/bench":           "whoever takes the figures",
	"go test -run='^$' -bench='QueueCycle|StartWithQueues' -benchtime=6x ./test/bench": "whoever takes the figures",
	"go test -run='^$' -bench=Board -benchmem ./test/bench":                            "whoever takes the figures",

	"go test -run='^$' -bench=Generate -benchtime=3x ./test/bench": "whoever takes the figures",

	"go generate ./internal/shape":                            "tools/shapegen/shapegen_test.go",
	"python3 tools/shapegen/newer.py BOTOCORE MODULE":         "test/conformance/overlay_test.go",
	"go test ./internal -run TestSupportTables -update":       "internal/services_test.go",
	"go test ./internal/wire -run TestTypesAreListed -update": "internal/wire/operations_internal_test.go",
	"go test ./internal/svc/sqs -run TestWire -update":        "internal/svc/sqs/wire_test.go",
}

// TestDocs runs every command and every snippet of the README and of the pages
// below docs: what stands in a console block behind "$ " as a shell command,
// what stands in a python block as a script, or, if its first line is a comment
// with a file's name, as that file; so are YAML blocks with such a line.
func TestDocs(t *testing.T) {
	interpreter := python.Prepared(t)
	pages, err := filepath.Glob(filepath.Join(harness.Root(), "docs", "*", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(harness.Root(), "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages = append(append(pages, more...), filepath.Join(harness.Root(), "README.md"))
	ran := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		blocks := fenced(string(text))
		if len(blocks) == 0 {
			continue
		}
		t.Run(filepath.Base(page), func(t *testing.T) {
			data, dir := t.TempDir(), t.TempDir()
			server := harness.Start(t, binary, data, "--region", "us-east-1", "--account", "000000000000")
			// As if the server had been started there.
			if err := os.Symlink(data, filepath.Join(dir, ".stormbus")); err != nil {
				t.Fatal(err)
			}
			for _, b := range blocks {
				ran += b.run(t, server, interpreter, dir)
			}
		})
	}
	if ran == 0 {
		t.Error("no command was found in any page: the test proves nothing")
	}
}

// block is one fenced block of a page.
type block struct {
	language string
	indent   string
	lines    []string
}

// fenced returns the console and python blocks of a page, and those that are
// YAML files.
func fenced(text string) []block {
	var blocks []block
	var open *block
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		fence, isFence := strings.CutPrefix(strings.TrimLeft(line, " "), "```")
		switch {
		case isFence && open != nil:
			if _, isFile := open.file(); isFile || open.language == "console" || open.language == "python" {
				blocks = append(blocks, *open)
			}
			open = nil
		case isFence:
			// A block may be part of a list.
			open = &block{language: fence, indent: line[:strings.Index(line, "```")]}
		case open != nil:
			open.lines = append(open.lines, strings.TrimPrefix(line, open.indent))
		}
	}
	return blocks
}

// file returns the name of the file that the block is, if it is one.
func (b block) file() (name string, isFile bool) {
	suffix, mayBe := map[string]string{"python": ".py", "yaml": ".yaml"}[b.language]
	if !mayBe || len(b.lines) == 0 {
		return "", false
	}
	name, isComment := strings.CutPrefix(b.lines[0], "# ")
	return name, isComment && strings.HasSuffix(name, suffix) && !strings.Contains(name, " ")
}

// run runs the block and returns how many commands it had.
func (b block) run(t *testing.T, server *harness.Server, interpreter, dir string) int {
	t.Helper()
	source := strings.ReplaceAll(strings.Join(b.lines, "\n"), "http://127.0.0.1:4566", server.URL)
	if name, isFile := b.file(); isFile {
		_, source, _ = strings.Cut(source, "\n")
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(source+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return 0
	}
	if b.language == "python" {
		b.exec(t, exec.CommandContext(t.Context(), interpreter, "-c", source), server, dir)
		return 1
	}
	ran := 0
	for _, c := range b.commands() {
		if elsewhere[c.text] != "" {
			continue
		}
		ran++
		script := `aws() { "$PYTHON" -m awscli --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }` + "\n" +
			`stormbus() { "$STORMBUS" "$@"; }` + "\n" +
			strings.ReplaceAll(c.text, "http://localhost:4566", server.URL)
		cmd := exec.CommandContext(t.Context(), "bash", "-euc", script)
		cmd.Env = append(os.Environ(), "PYTHON="+interpreter, "STORMBUS="+binary)
		got := b.exec(t, cmd, server, dir)
		if diff := cmp.Diff(c.printed, got); c.isPure() && diff != "" {
			t.Errorf("%s\nprints something else (-page +got):\n%s", c.text, diff)
		}
	}
	return ran
}

// command is one command of a console block and what the page says it prints.
type command struct{ text, printed string }

// isPure reports whether the command always prints the same, so that the page
// has to show exactly that.
func (c command) isPure() bool {
	for _, verb := range []string{"stormbus pattern", "stormbus board", "stormbus plan"} {
		if strings.Contains(c.text, verb) {
			return true
		}
	}
	return strings.HasPrefix(c.text, "cat ")
}

// commands returns the commands of a console block, with the lines that
// continue them.
func (b block) commands() []command {
	var commands []command
	continued := false
	for _, line := range b.lines {
		text, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case continued:
			commands[len(commands)-1].text += "\n" + line
		case isCommand:
			commands = append(commands, command{text: text})
		case len(commands) > 0:
			commands[len(commands)-1].printed += line + "\n"
			continue
		default:
			continue
		}
		continued = strings.HasSuffix(line, `\`)
	}
	return commands
}

// exec runs a command and returns what it prints.
func (b block) exec(t *testing.T, cmd *exec.Cmd, server *harness.Server, dir string) string {
	t.Helper()
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+server.URL, "AWS_ACCESS_KEY_ID=000000000000",
		"AWS_SECRET_ACCESS_KEY=stormbus", "AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE="+os.DevNull)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s\n%v\n%s", strings.Join(b.lines, "\n"), err, out)
	}
	return string(out)
}
