package bench

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"stormbus/test/harness"
)

// measured is given to compare two builds with one client.
var measured = flag.String("server", "", "measure this `binary` instead of building one")

var binary string // built once by TestMain, only read afterwards

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if *idle != "" {
		return m.Run() // a process to be measured: it needs no binary
	}
	if binary = *measured; binary != "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "stormbus-bench-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if binary, err = harness.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
