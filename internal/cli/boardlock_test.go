package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"stormbus/internal/cli"
)

// TestBoardWritersAtOnce has all commands that write a board at work on the same
// one: what each says is on it afterwards, and nothing is left beside it.
func TestBoardWritersAtOnce(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		dir := t.TempDir()
		at := func(name string) string { return filepath.Join(dir, name) }
		write := func(name, text string) {
			if err := os.WriteFile(at(name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		write("storm.yaml", "storm: 1\nevents: {Shared: {}}\n") // not in canonical form: it is to be rewritten
		write("base.yaml", "storm: 1\nevents: {Shared: {}}\n")
		commands := []string{"fmt " + at("storm.yaml"), "fix " + at("storm.yaml")}
		var wanted []string
		for i := range 4 {
			write(fmt.Sprintf("theirs%d.yaml", i), fmt.Sprintf("storm: 1\nevents: {Merged%d: {}, Shared: {}}\n", i))
			commands = append(commands, fmt.Sprintf("put events Put%d --file %s", i, at("storm.yaml")),
				fmt.Sprintf("merge %s %s %s", at("base.yaml"), at("storm.yaml"), at(fmt.Sprintf("theirs%d.yaml", i))))
			wanted = append(wanted, fmt.Sprintf("  Put%d: {}\n", i), fmt.Sprintf("  Merged%d: {}\n", i))
		}
		before := names(t, dir)
		var all sync.WaitGroup
		for _, command := range commands {
			all.Go(func() {
				var stdout, stderr bytes.Buffer
				env := cli.Env{Args: strings.Fields("board " + command), Stdout: &stdout, Stderr: &stderr}
				if code := cli.Run(t.Context(), env); code != 0 {
					t.Errorf("board %s: exit code %d: %s", command, code, &stderr)
				}
			})
		}
		all.Wait()
		text, err := os.ReadFile(at("storm.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wanted {
			if !strings.Contains(string(text), want) {
				t.Errorf("round %d: %q was lost:\n%s", round, want, text)
			}
		}
		if got, want := names(t, dir), append([]string{".stormbus"}, before...); !slices.Equal(got, want) {
			t.Errorf("the folder has %v, want %v", got, want)
		}
		if got, want := names(t, at(".stormbus")), []string{"board.log"}; !slices.Equal(got, want) {
			t.Errorf("beside the log there is %v, want %v", got, want)
		}
	}
}

// names are the files of a folder, in order.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
