package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"stormbus/internal/app"
	"stormbus/internal/clock"
)

// The verdicts of a finding.
const (
	verdictOK      = "ok"
	verdictWarning = "warning" // works, but not as well as it could
	verdictMissing = "missing" // something cannot work
)

// finding is one thing that doctor looked at.
type finding struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Found   string `json:"found"`
	Hint    string `json:"hint,omitempty"` // what to do about it
}

// lowSpace is how little free disk space is worth a warning, in bytes: a little
// above where the store stops to take more.
const lowSpace = 1 << 30

func newDoctor(env Env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor [DIR]",
		Short: "Say what this machine has and lacks",
		Args:  usage(cobra.MaximumNArgs(1)),
	}
	output := addOutputFlag(cmd, "text", "json")
	port := cmd.Flags().Int("port", 4566, "the port that a server would listen on")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		form, err := output()
		if err != nil {
			return err
		}
		dir := "."
		if len(args) == 1 {
			dir = args[0]
		}
		findings := examine(cmd.Context(), env, dir, *port)
		if form == "json" {
			err = printJSON(env.Stdout, map[string]any{"build": currentBuild(), "findings": findings})
		} else {
			err = printFindings(env.Stdout, findings)
		}
		if err != nil {
			return err
		}
		for _, f := range findings {
			if f.Verdict == verdictMissing {
				return &codedError{code: exitAssertion}
			}
		}
		return nil
	}
	return cmd
}

func examine(ctx context.Context, env Env, dir string, port int) []finding {
	return []finding{
		findPython(ctx, env),
		findIsolation(),
		findDisk(filepath.Join(dir, ".stormbus")),
		findPort(ctx, port),
	}
}

// What is missing on a machine without an interpreter, and what to do.
const (
	noPython      = "no Python 3.8 or newer on PATH or with pyenv, uv, asdf or mise"
	installPython = "install Python; without it no function can run"
)

func findPython(ctx context.Context, env Env) finding {
	list := app.Interpreters(ctx, env.Environ)
	if len(list) == 0 {
		return finding{"python", verdictMissing, noPython, installPython}
	}
	all := make([]string, 0, len(list))
	for _, p := range list {
		all = append(all, fmt.Sprintf("%s %s", p.Version, p.Path))
	}
	return finding{Name: "python", Verdict: verdictOK, Found: strings.Join(all, "\n")}
}

func findIsolation() finding {
	f := finding{Name: "isolation", Verdict: verdictOK, Found: "process: functions run as processes of yours, for your own code only"}
	if runtime.GOOS == "windows" {
		f.Verdict, f.Hint = verdictWarning, "a process that a function starts may outlive it here; use Linux or macOS to have it ended too"
	}
	return f
}

// findDisk looks at where the data directory is or would be made.
func findDisk(data string) finding {
	f := finding{Name: "disk"}
	data, err := filepath.Abs(data)
	if err != nil {
		return finding{"disk", verdictMissing, err.Error(), "run doctor in a directory that exists"}
	}
	existing := data
	for {
		if _, err := os.Stat(existing); err == nil {
			break
		}
		parent := filepath.Dir(existing)
		if parent == existing {
			return finding{"disk", verdictMissing, data + " cannot be made", "give `stormbus up` another directory with --data"}
		}
		existing = parent
	}
	free, err := freeBytes(existing)
	switch {
	case err != nil:
		f.Verdict, f.Found = verdictWarning, err.Error()
	case free < lowSpace:
		f.Verdict, f.Found = verdictWarning, fmt.Sprintf("%.1f GB free for %s", float64(free)/1e9, data)
		f.Hint = "below 0.5 GB the server takes no more events; free some space, or use --data"
	default:
		f.Verdict, f.Found = verdictOK, fmt.Sprintf("%.1f GB free for %s", float64(free)/1e9, data)
	}
	return f
}

// healthTime is how long a server on this machine may take to say that it is
// one.
const healthTime = 2 * time.Second

func findPort(ctx context.Context, port int) finding {
	if portIsFree(ctx, "127.0.0.1", port) {
		return finding{Name: "port", Verdict: verdictOK, Found: fmt.Sprintf("%d is free", port)}
	}
	ctx, cancel := clock.WithTimeout(ctx, clock.Real(), healthTime)
	defer cancel()
	var health struct{ Version string }
	s := &server{url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	if err := s.getJSON(ctx, "/_stormbus/health", &health); err == nil && health.Version != "" {
		return finding{Name: "port", Verdict: verdictOK, Found: fmt.Sprintf("stormbus %s runs at %s", health.Version, s.url)}
	}
	return finding{
		"port", verdictWarning, fmt.Sprintf("%d is in use by another program", port),
		"use `stormbus up --port 0`, which takes a free one and prints it",
	}
}

func printFindings(w io.Writer, findings []finding) error {
	b := currentBuild()
	if _, err := fmt.Fprintf(w, "stormbus %s (%s, %s)\n\n", b.Version, b.Go, b.Platform); err != nil {
		return err
	}
	for _, f := range findings {
		first, rest, _ := strings.Cut(f.Found, "\n")
		if _, err := fmt.Fprintf(w, "  %-8s %-10s %s\n", f.Verdict, f.Name, first); err != nil {
			return err
		}
		for line := range strings.Lines(rest) {
			fmt.Fprintf(w, "  %-8s %-10s %s\n", "", "", strings.TrimRight(line, "\n"))
		}
		if f.Hint != "" {
			fmt.Fprintf(w, "  %-8s %-10s → %s\n", "", "", f.Hint)
		}
	}
	return nil
}
