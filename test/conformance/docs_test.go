package conformance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"stormbus/test/harness"
	"stormbus/test/python"
)

// elsewhere lists the documented commands that another test runs, and which.
var elsewhere = map[string]string{
	"go run ./cmd/stormbus demo": "internal/cli/testdata/script/demo.txtar",
	"go run ./cmd/stormbus up":   "internal/cli/testdata/script/up.txtar",
	"make test":                  "whoever runs all tests",

	"go generate ./internal/shape":                      "tools/shapegen/shapegen_test.go",
	"python3 tools/shapegen/newer.py BOTOCORE MODULE":   "test/conformance/overlay_test.go",
	"go test ./internal -run TestSupportTables -update": "internal/services_test.go",
	"go test ./internal/svc/sqs -run TestWire -update":  "internal/svc/sqs/wire_test.go",
}

// TestDocs runs every command and every snippet of the README and of the pages
// below docs: what stands in a console block behind "$ " as a shell command,
// what stands in a python block as a script, or, if its first line is a comment
// with a file's name, as that file.
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
			server := harness.Start(t, binary, t.TempDir(), "--region", "us-east-1", "--account", "000000000000")
			dir := t.TempDir()
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
	lines    []string
}

// fenced returns the console and python blocks of a page.
func fenced(text string) []block {
	var blocks []block
	var open *block
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		unindented := strings.TrimLeft(line, " ") // a block may be part of a list
		fence, isFence := strings.CutPrefix(unindented, "```")
		switch {
		case isFence && open != nil:
			if open.language == "console" || open.language == "python" {
				blocks = append(blocks, *open)
			}
			open = nil
		case isFence:
			open = &block{language: fence}
		case open != nil && open.language == "console":
			open.lines = append(open.lines, unindented)
		case open != nil:
			open.lines = append(open.lines, line)
		}
	}
	return blocks
}

// run runs the block and returns how many commands it had.
func (b block) run(t *testing.T, server *harness.Server, interpreter, dir string) int {
	t.Helper()
	if b.language == "python" {
		source := strings.ReplaceAll(strings.Join(b.lines, "\n"), "http://127.0.0.1:4566", server.URL)
		if name, ok := strings.CutPrefix(b.lines[0], "# "); ok && strings.HasSuffix(name, ".py") {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o600); err != nil {
				t.Fatal(err)
			}
			return 0
		}
		b.exec(t, exec.CommandContext(t.Context(), interpreter, "-c", source), server, dir)
		return 1
	}
	ran := 0
	for _, command := range b.commands() {
		if elsewhere[command] != "" {
			continue
		}
		ran++
		script := `stormbus() { "$STORMBUS" "$@"; }; aws() { "$PYTHON" -m awscli --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }` + "\n" +
			strings.ReplaceAll(command, "http://localhost:4566", server.URL)
		cmd := exec.CommandContext(t.Context(), "bash", "-euc", script)
		cmd.Env = append(os.Environ(), "PYTHON="+interpreter, "STORMBUS="+binary)
		b.exec(t, cmd, server, dir)
	}
	return ran
}

// commands returns the commands of a console block, with the lines that
// continue them.
func (b block) commands() []string {
	var commands []string
	continued := false
	for _, line := range b.lines {
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case continued:
			commands[len(commands)-1] += "\n" + line
		case isCommand:
			commands = append(commands, command)
		default:
			continue // what the command prints
		}
		continued = strings.HasSuffix(line, `\`)
	}
	return commands
}

func (b block) exec(t *testing.T, cmd *exec.Cmd, server *harness.Server, dir string) {
	t.Helper()
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	cmd.Dir = dir
	cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+server.URL, "AWS_ACCESS_KEY_ID=000000000000",
		"AWS_SECRET_ACCESS_KEY=stormbus", "AWS_DEFAULT_REGION=us-east-1", "AWS_CONFIG_FILE="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s\n%v\n%s", strings.Join(b.lines, "\n"), err, out)
	}
}
