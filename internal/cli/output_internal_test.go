package cli

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// wordsOnly are the commands that print nothing that a program would read: help, and
// what shells load.
var wordsOnly = []string{
	"stormbus help",
	"stormbus completion bash", "stormbus completion fish", "stormbus completion powershell", "stormbus completion zsh",
}

// TestEveryCommandHasOutput walks all commands: each prints JSON if it is asked to,
// and refuses a form that it does not know before it does anything.
func TestEveryCommandHasOutput(t *testing.T) {
	root := newRoot(Env{Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard})
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var seen []string
	walk(root, func(cmd *cobra.Command) {
		name := cmd.CommandPath()
		if slices.Contains(wordsOnly, name) {
			seen = append(seen, name)
			return
		}
		t.Run(name, func(t *testing.T) { hasOutput(t, cmd) })
	})
	if !slices.Equal(slices.Sorted(slices.Values(seen)), slices.Sorted(slices.Values(wordsOnly))) {
		t.Errorf("there are %q of the exceptions %q", seen, wordsOnly)
	}
}

// walk visits the commands that do something: those with others below them print
// which there are.
func walk(cmd *cobra.Command, visit func(*cobra.Command)) {
	if !cmd.HasSubCommands() {
		visit(cmd)
	}
	for _, below := range cmd.Commands() {
		walk(below, visit)
	}
}

func hasOutput(t *testing.T, cmd *cobra.Command) {
	flag := cmd.Flags().Lookup("output")
	if flag == nil || flag.Shorthand != "o" || !strings.Contains(flag.Usage, "json") {
		t.Fatalf("the flag --output, -o with the form json is %+v: add it with addOutputFlag", flag)
	}
	if err := cmd.Flags().Set("output", "nonsense"); err != nil {
		t.Fatal(err)
	}
	if cmd.Flags().Lookup("first") != nil { // rank wants one of its flags
		if err := cmd.Flags().Set("first", "true"); err != nil {
			t.Fatal(err)
		}
	}
	err := cmd.RunE(cmd, fewest(t, cmd))
	if coded, ok := errors.AsType[*codedError](err); !ok || coded.code != exitUsage || !strings.Contains(err.Error(), "nonsense: want ") {
		t.Errorf("--output nonsense is answered with %v", err)
	}
}

// fewest are as few arguments as a command takes. The first is a field of a board,
// and also the file of one.
func fewest(t *testing.T, cmd *cobra.Command) []string {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("name", []byte("name: shop\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"name", "b", "c", "d"}
	for n := range args {
		if cmd.Args(cmd, args[:n]) == nil {
			return args[:n]
		}
	}
	t.Fatalf("it takes none of %q", args)
	return nil
}

func TestOrList(t *testing.T) {
	t.Parallel()
	for want, choices := range map[string][]string{"a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := orList(choices); got != want {
			t.Errorf("orList(%q) = %q, want %q", choices, got, want)
		}
	}
}
