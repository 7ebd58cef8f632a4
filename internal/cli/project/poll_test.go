package project

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"stormbus/internal/clock"
)

// TestPollerWaitsUntilAllIsSaved saves between two looks, on a clock that moves
// only when told to.
func TestPollerWaitsUntilAllIsSaved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"storm.yaml": "1"})
	begin := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	virtual := clock.NewVirtual(begin)
	p, err := newPoller(dir, virtual, pollTime)
	if err != nil {
		t.Fatal(err)
	}
	type told struct {
		since time.Time
		err   error
	}
	done := make(chan told, 1)
	go func() {
		since, err := p.Wait(t.Context())
		done <- told{since, err}
	}()
	look := func(after time.Duration) {
		t.Helper()
		virtual.BlockUntil(1)
		select {
		case got := <-done:
			t.Fatalf("told too early: %v", got)
		default:
		}
		virtual.Advance(after)
	}
	look(pollTime) // nothing was saved
	virtual.BlockUntil(1)
	write(t, dir, map[string]string{"storm.yaml": "12"})
	look(pollTime) // this was
	virtual.BlockUntil(1)
	write(t, dir, map[string]string{"services/a/handlers/hold.py": "one"})
	look(settleTime)
	look(settleTime)
	if got := <-done; got.err != nil || !got.since.Equal(begin.Add(2*pollTime)) {
		t.Errorf("Wait = %v, want the second look", got)
	}
}

// TestPollerIsNotKeptWaiting saves before each look: it is told after saveTime.
func TestPollerIsNotKeptWaiting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"storm.yaml": "1"})
	virtual := clock.NewVirtual(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	p, err := newPoller(dir, virtual, pollTime)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := p.Wait(t.Context())
		done <- err
	}()
	text := "1"
	save := func(wait time.Duration) {
		virtual.BlockUntil(1)
		text += "2"
		write(t, dir, map[string]string{"storm.yaml": text})
		virtual.Advance(wait)
	}
	save(pollTime)
	for range saveTime / settleTime {
		save(settleTime)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestPollerIgnoresWhatDoesNotMatter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"storm.yaml": "1"})
	p, err := newPoller(dir, clock.Real(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{
		".stormbus/store/000004.log": "1", ".git/index": "1", ".storm.yaml.swp": "1", "services/a/__pycache__/x.pyc": "1",
		"frontend/node_modules/left/pad.js": "1",
	})
	seen, err := p.look()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{dir, filepath.Join(dir, "frontend"), filepath.Join(dir, "services"), filepath.Join(dir, "services/a"), filepath.Join(dir, "storm.yaml")}
	if len(seen) != len(want) {
		t.Errorf("looks at %v, want %v", seen, want)
	}
	for _, name := range want {
		if _, ok := seen[name]; !ok {
			t.Errorf("%s is not looked at", name)
		}
	}
}

func TestPollerEnds(t *testing.T) {
	t.Parallel()
	p, err := newPoller(t.TempDir(), clock.Real(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Wait = %v, want context.Canceled", err)
	}
	if _, err := newPoller(filepath.Join(t.TempDir(), "missing"), clock.Real(), time.Hour); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("newPoller of a folder that is not there = %v, want %v", err, os.ErrNotExist)
	}
}
