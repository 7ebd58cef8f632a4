package sim

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"stormbus/test/harness"
)

var (
	seed = flag.Uint64("seed", 0, "seed of the random moments; 0 picks one and prints it")
	long = flag.Bool("long", false, "run the long form of every test")

	binary string // built once by TestMain, only read afterwards
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	dir, err := os.MkdirTemp("", "stormbus-sim-")
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
