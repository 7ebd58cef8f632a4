package function

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"stormbus/internal/function/python"
	"stormbus/internal/telemetry"
)

// command is how the process of an environment is started.
type command struct {
	path string
	args []string
	env  []string
	own  bool // it is the function's: if it is not there, that is the function's error
}

// command returns how to run s: an interpreter with the embedded runtime, or
// the function's own bootstrap.
func (p *Pool) command(ctx context.Context, s Spec) (command, error) {
	if runtime.GOOS == "windows" {
		return command{}, &UnavailableError{s.Runtime, fmt.Errorf("functions run on Linux and macOS only")}
	}
	if strings.HasPrefix(s.Runtime, "provided") {
		return command{path: filepath.Join(s.CodeDir, "bootstrap"), own: true}, nil
	}
	want, ok := python.ParseName(s.Runtime)
	if !ok {
		return command{}, &UnavailableError{s.Runtime, fmt.Errorf("there is no such runtime here")}
	}
	list, err := p.interpreters(ctx)
	if err != nil {
		return command{}, err
	}
	found, err := python.Choose(list, want)
	if err != nil {
		return command{}, &UnavailableError{s.Runtime, err}
	}
	if found.Version != want {
		p.warnings.once(s.Runtime, func() {
			p.log.Warn("this version of Python is not installed; functions that want it run on another one",
				"wanted", want.String(), "used", found.Version.String(), telemetry.KeyFunction, s.Name)
		})
	}
	// Unbuffered: what a function printed must be out when it answers.
	return command{path: found.Path, args: []string{"-u", p.runtimeDir}}, nil
}

// interpreters returns what a function can run on. It waits until that is known,
// unless ctx ends or the pool closes.
func (p *Pool) interpreters(ctx context.Context) ([]python.Interpreter, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.closing, cancel)()
	list, err := p.cfg.Interpreters(ctx)
	if err != nil && p.closing.Err() != nil {
		return nil, ErrClosed
	}
	return list, err
}

// warnings remembers what was said already.
type warnings struct{ said sync.Map }

func (w *warnings) once(key string, say func()) {
	if _, again := w.said.LoadOrStore(key, true); !again {
		say()
	}
}
