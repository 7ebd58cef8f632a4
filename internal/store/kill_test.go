package store_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/store"
)

var killFlag = flag.String("kill", "", "be the process that TestKill starts, on this directory")

// TestKill kills a process that writes, again and again, on one directory of a
// real disk. What it had acknowledged is there, no Update is there by half, and
// Seq has no gap.
func TestKill(t *testing.T) {
	t.Parallel()
	if *killFlag != "" {
		writeUntilKilled(t, *killFlag)
	}
	rounds := 4
	if *longFlag {
		rounds = 200
	}
	dir := t.TempDir()
	rng := random(t)
	acked := map[string]bool{}
	for range rounds {
		killOnce(t, dir, time.Duration(50+rng.IntN(250))*time.Millisecond, acked)
		checkKilled(t, dir, acked)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d kills, %d acknowledged, none lost", rounds, len(acked))
	if len(acked) == 0 {
		t.Error("nothing was acknowledged: the test proves nothing")
	}
}

// killOnce starts the process, kills it after a while, and adds what it printed
// to acked.
func killOnce(t *testing.T, dir string, after time.Duration, acked map[string]bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKill$", "-test.timeout=60s", "-kill="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if n == 0 { // the store is open
			go func() {
				<-clock.Real().NewTimer(after).C()
				_ = cmd.Process.Kill() // it may have failed already, which Wait tells
			}()
			continue
		}
		acked[lines.Text()] = true
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() == 1 {
		t.Fatalf("the process ended by itself: %v", err)
	}
}

// writeUntilKilled writes pairs of rows and prints the name of each that was
// acknowledged.
func writeUntilKilled(t *testing.T, dir string) {
	s, err := store.Open(dir, store.Options{Partitions: 2, Heads: []string{"q/#/"}})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("open")
	var out sync.Mutex
	for c := range 8 {
		rng := rand.New(rand.NewPCG(rand.Uint64(), 6))
		go func() {
			for {
				p := store.Part(1 + c%2)
				name := fmt.Sprintf("%d/%x", p, rng.Uint64())
				err := s.Update(context.Background(), p, func(tx store.Tx) error {
					set(tx, "a/"+name, "1")
					set(tx, "q/1/"+name, "1")
					return nil
				})
				if err != nil {
					panic(err)
				}
				out.Lock()
				fmt.Println(name)
				out.Unlock()
			}
		}()
	}
	select {}
}

func checkKilled(t *testing.T, dir string, acked map[string]bool) {
	t.Helper()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, p := range s.Parts() {
		err := s.View(t.Context(), p, func(v store.View) error {
			a, q := rows(v, "a/"), rows(v, "q/1/")
			if len(a) != len(q) || int(v.Seq()) != len(a) {
				t.Errorf("partition %d: %d and %d rows at seq %d: half an Update", p, len(a), len(q), v.Seq())
			}
			for _, r := range a {
				if acked[r[len("a/"):len(r)-len("=1")]] {
					found++
				}
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if found != len(acked) {
		t.Errorf("%d of %d acknowledged Updates are there", found, len(acked))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
