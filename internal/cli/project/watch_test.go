package project

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"stormbus/internal/clock"
)

// patience bounds tests that would hang, in host time.
const patience = 20 * time.Second

func watch(t *testing.T, dir string) *Watcher {
	t.Helper()
	w, err := NewWatcher(dir, clock.Real())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func TestWatcherSees(t *testing.T) {
	t.Parallel()
	testSaves(t, func(t *testing.T, dir string) saves { t.Helper(); return watch(t, dir) })
}

func TestPollerSees(t *testing.T) {
	t.Parallel()
	testSaves(t, func(t *testing.T, dir string) saves {
		t.Helper()
		p, err := newPoller(dir, clock.Real(), time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		return p
	})
}

// testSaves does what editors and git do, and waits until it is told, once for
// each.
func testSaves(t *testing.T, watch func(t *testing.T, dir string) saves) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{"storm.yaml": "storm: 1\n", "services/a/handlers/hold.py": "one"})
	w := watch(t, dir)
	board, handler := filepath.Join(dir, "storm.yaml"), filepath.Join(dir, "services/a/handlers/hold.py")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		name string
		do   func()
	}{
		{"a file is written", func() { write(t, dir, map[string]string{"services/a/handlers/hold.py": "two"}) }},
		{"saved by renaming", func() {
			write(t, dir, map[string]string{".storm.yaml.tmp": "storm: 1\nname: x\n"})
			must(os.Rename(filepath.Join(dir, ".storm.yaml.tmp"), board))
		}},
		{"saved by renaming, with a backup", func() {
			must(os.Rename(handler, handler+"~"))
			write(t, dir, map[string]string{"services/a/handlers/hold.py": "three"})
		}},
		{"the board is removed", func() { must(os.Remove(board)) }},
		{"the board comes back", func() { write(t, dir, map[string]string{"storm.yaml": "storm: 1\n"}) }},
		{"a new folder with a file", func() { write(t, dir, map[string]string{"services/b/handlers/pay.py": "one"}) }},
		{"a file in the new folder", func() { write(t, dir, map[string]string{"services/b/handlers/pay.py": "two"}) }},
		{"a folder is moved in", func() {
			outside := t.TempDir()
			write(t, outside, map[string]string{"c/handlers/x.py": "one"})
			must(os.Rename(filepath.Join(outside, "c"), filepath.Join(dir, "services/c")))
		}},
		{"a file in the folder that was moved", func() { write(t, dir, map[string]string{"services/c/handlers/x.py": "two"}) }},
		{"a handler is removed", func() { must(os.Remove(handler)) }},
		{"all services are removed", func() { must(os.RemoveAll(filepath.Join(dir, "services"))) }},
		{"and come back", func() { write(t, dir, map[string]string{"services/a/handlers/hold.py": "four"}) }},
		{"a file in what came back", func() { write(t, dir, map[string]string{"services/a/handlers/hold.py": "five"}) }},
	}
	for _, step := range steps {
		before := clock.Real().Now()
		step.do()
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		since, err := w.Wait(ctx)
		cancel()
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if since.Before(before) {
			t.Errorf("%s: seen at %v, which is before %v", step.name, since, before)
		}
	}
}

// TestWatcherWaitsUntilAllIsSaved saves faster than the watcher settles: the
// clock stands still, so that nothing is told before it moves.
func TestWatcherWaitsUntilAllIsSaved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	virtual := clock.NewVirtual(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	w, err := NewWatcher(dir, virtual)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	done := make(chan error, 1)
	go func() {
		_, err := w.Wait(t.Context())
		done <- err
	}()
	write(t, dir, map[string]string{"storm.yaml": "1"})
	virtual.BlockUntil(2)
	virtual.Advance(settleTime - time.Millisecond)
	select {
	case err := <-done:
		t.Fatalf("told too early: %v", err)
	default:
	}
	virtual.Advance(saveTime)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestWatcherEnds(t *testing.T) {
	t.Parallel()
	w := watch(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait = %v, want context.Canceled", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Wait(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Wait of a closed watcher = %v, want os.ErrClosed", err)
	}
	if _, err := NewWatcher(filepath.Join(t.TempDir(), "missing"), clock.Real()); err == nil {
		t.Error("a folder that is not there can be watched")
	}
}

func TestWatcherKnowsWhatMatters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := watch(t, dir)
	tests := []struct {
		name string
		op   fsnotify.Op
		want bool
	}{
		{"storm.yaml", fsnotify.Write, true},
		{"storm.yaml", fsnotify.Remove, true},
		{"storm.yaml", fsnotify.Chmod, false},
		{"services/a/handlers/hold.py", fsnotify.Create, true},
		{"services/a/gen/events.py", fsnotify.Write, true},
		{"schemas/held.json", fsnotify.Write, true},
		{".stormbus/store/000004.log", fsnotify.Write, false},
		{".git/index", fsnotify.Write, false},
		{".storm.yaml.swp", fsnotify.Create, false},
		{"services/a/__pycache__/x.cpython-312.pyc", fsnotify.Create, false},
		{"services/a/handlers/hold.py~", fsnotify.Create, false},
		{"frontend/node_modules/left/pad.js", fsnotify.Create, false},
	}
	for _, tt := range tests {
		got, err := w.see(fsnotify.Event{Name: filepath.Join(dir, filepath.FromSlash(tt.name)), Op: tt.op})
		if err != nil || got != tt.want {
			t.Errorf("see(%s %s) = %t, %v, want %t", tt.op, tt.name, got, err, tt.want)
		}
	}
}
