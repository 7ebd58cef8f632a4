package bench

import (
	"bufio"
	"errors"
	"flag"
	"os"
	"os/exec"
	"testing"

	"stormbus/internal/store"
)

var idle = flag.String("idle-store", "", "for BenchmarkStoreIdle: be a process that has this store open, or \"none\"")

// TestIdleStore is the process that BenchmarkStoreIdle measures.
func TestIdleStore(t *testing.T) {
	if *idle == "" {
		t.Skip("only a process of BenchmarkStoreIdle does this")
	}
	if *idle != "none" {
		s, err := store.Open(*idle, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
	}
	os.Stdout.WriteString("ready\n")
	bufio.NewReader(os.Stdin).ReadByte() // until the other side has measured
}

// BenchmarkStoreIdle measures the resident memory of a process that has an
// empty store open, and how much of it is the store's.
func BenchmarkStoreIdle(b *testing.B) {
	var with, without int64
	for b.Loop() {
		without += idleBytes(b, "none")
		with += idleBytes(b, b.TempDir())
	}
	b.ReportMetric(float64(with)/float64(b.N)/(1<<20), "MiB-process")
	b.ReportMetric(float64(with-without)/float64(b.N)/(1<<20), "MiB-store")
}

func idleBytes(b *testing.B, dir string) int64 {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], "-test.run=^TestIdleStore$", "-idle-store="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	_, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	n := residentBytes(b, cmd.Process.Pid)
	if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
		b.Fatal(err)
	}
	return n
}
