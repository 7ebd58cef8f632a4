package app

import (
	"context"
	"strings"

	"stormbus/internal/function/python"
)

// Interpreters returns the Python interpreters that functions can run on, with
// environ, KEY=value, as the environment to look them up in.
func Interpreters(ctx context.Context, environ []string) []python.Interpreter {
	return python.Find(ctx, python.Search{Path: lookup(environ, "PATH"), Home: lookup(environ, "HOME"), Env: environ})
}

// lookup returns the value of a variable; of several, the last one counts.
func lookup(environ []string, name string) string {
	value := ""
	for _, kv := range environ {
		if rest, ok := strings.CutPrefix(kv, name+"="); ok {
			value = rest
		}
	}
	return value
}

// search looks for interpreters in the background: version managers' scripts
// have to be run to learn what they stand for, and a server is ready before.
type search struct {
	done chan struct{}
	list []python.Interpreter // once done is closed
}

func (a *App) startSearch() {
	ctx, cancel := context.WithCancel(context.Background())
	s := &search{done: make(chan struct{})}
	go func() {
		defer close(s.done)
		s.list = Interpreters(ctx, a.cfg.Environ)
	}()
	a.python = s
	a.cleanups.add("end the search for interpreters", func(context.Context) error {
		cancel()
		<-s.done
		return nil
	})
}

// Interpreters returns the Python interpreters that functions run on. It waits
// until they have been looked for; its error is ctx's. The server must have been
// started.
func (a *App) Interpreters(ctx context.Context) ([]python.Interpreter, error) {
	select {
	case <-a.python.done:
		return a.python.list, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
