package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/clock"
	"stormbus/internal/function/python"
	"stormbus/internal/plan"
)

// gate is a server whose answers wait until the test lets them go.
type gate struct {
	fake
	begun chan struct{} // an apply has begun
	end   chan struct{} // it may end
}

func (g *gate) apply(ctx context.Context, p *plan.Plan, code func(plan.Function) ([]byte, error)) ([]deploy.Change, error) {
	select {
	case g.begun <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-g.end:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return g.fake.apply(ctx, p, code)
}

// buffer collects what is said; it is safe for concurrent use.
type buffer struct {
	mu  sync.Mutex // guards all
	all strings.Builder
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.all.String()
}

// TestRun saves while what was saved before is being applied, several times:
// one apply follows the other, and the last has what was saved last. Nothing
// that stormbus writes itself causes another one.
func TestRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{BoardFile: shop})
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{fake: fake{has: map[string]string{}, rules: map[string]string{}}, begun: make(chan struct{}), end: make(chan struct{})}
	var said buffer
	live := New(Config{
		Project: p, Apply: g.apply, Clock: clock.Real(), Out: &said, Err: &said,
		Exists:       func(context.Context, string) (bool, error) { return false, nil },
		Interpreters: func(context.Context) ([]python.Interpreter, error) { return nil, nil },
	})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- live.Run(ctx) }()
	step := func(from chan struct{}, what string) {
		t.Helper()
		select {
		case <-from:
		case err := <-ended:
			t.Fatalf("%s: Run ended: %v\n%s", what, err, said.String())
		}
	}
	step(g.begun, "the first apply")
	// The generated files are there, and while the server is told of them they
	// and others are saved.
	for n := range 5 {
		write(t, dir, map[string]string{place: good(n), BoardFile: shop + fmt.Sprintf("# %d\n", n)})
	}
	write(t, dir, map[string]string{BoardFile: strings.Replace(shop, "send-on-placed", "send-at-last", 1)})
	g.end <- struct{}{}
	step(g.begun, "the second apply")
	g.end <- struct{}{}
	// What is saved next is the third apply: there is none in between.
	write(t, dir, map[string]string{place: good(7)})
	step(g.begun, "the third apply")
	g.end <- struct{}{}
	write(t, dir, map[string]string{place: good(8)})
	step(g.begun, "the fourth apply")
	cancel() // while it is under way
	if err := <-ended; err != nil {
		t.Errorf("Run = %v, want nil after its context has ended", err)
	}
	if len(g.applied) != 3 || g.rules["send-at-last"] == "" {
		t.Errorf("applied %d times, want 3; rules %v", len(g.applied), g.rules)
	}
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(place)))
	if err != nil || string(text) != good(8) {
		t.Errorf("the handler is %q, %v", text, err)
	}
	if strings.Contains(said.String(), "context") {
		t.Errorf("that it was interrupted was told as a problem:\n%s", said.String())
	}
}

// TestRunUnwatched runs a project whose folder goes away.
func TestRunUnwatched(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "shop")
	write(t, dir, map[string]string{BoardFile: shop})
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	var said buffer
	live := New(Config{Project: p, Clock: clock.Real(), Out: &said, Err: &said})
	if err := live.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "watch "+dir) {
		t.Errorf("Run = %v, want that it cannot be watched", err)
	}
	if !strings.Contains(said.String(), "it is gone; put it back") {
		t.Errorf("said %q", said.String())
	}
}
