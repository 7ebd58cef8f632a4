package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"stormbus/internal/store"
	"stormbus/internal/store/storetest"
)

var haltFlag = flag.String("halt", "", "be the process that TestHaltEndsTheProcess starts")

// exitHalted is the code with which that process ends when its store halts.
const exitHalted = 70

// TestHaltEndsTheProcess makes syncs fail in a process of its own, where the
// engine would end it on the spot: the process has the time to end with the
// code that OnHalt asks for, and acknowledges nothing.
func TestHaltEndsTheProcess(t *testing.T) {
	t.Parallel()
	for _, at := range []string{"log", "between logs", "watermark"} {
		if *haltFlag != "" {
			if at == *haltFlag {
				haltAndExit(t, at)
			}
			continue
		}
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHaltEndsTheProcess$", "-test.timeout=60s", "-halt="+at).CombinedOutput()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != exitHalted {
				t.Errorf("the process ended with %v, want exit code %d:\n%s", err, exitHalted, out)
			}
			if got := string(out); strings.Contains(got, "acknowledged") || !strings.Contains(got, "halting") {
				t.Errorf("the process printed:\n%s", out)
			}
		})
	}
}

func haltAndExit(t *testing.T, at string) {
	files := storetest.NewFS()
	s := storetest.OpenAny(t, files.Use, func(o *store.Options) {
		o.HaltGrace = 0 // as in a real process
		o.OnHalt = func(err error) {
			fmt.Println("halting:", err)
			os.Exit(exitHalted)
		}
	})
	update(t, s, func(tx store.Tx) { set(tx, "a", "1") })
	files.FailSync(1)
	switch at {
	case "log":
		if err := s.Update(context.Background(), 1, func(tx store.Tx) error { set(tx, "a", "2"); return nil }); err == nil {
			fmt.Println("acknowledged")
		}
	case "between logs":
		_ = store.Flush(s) // closes the log, and begins another
	}
	select {} // the watermark is synced every second
}
