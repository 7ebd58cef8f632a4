package lambda

import (
	"errors"
	"net/http"
	"testing"

	"stormbus/internal/function"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/wire"
	"stormbus/internal/wire/wiretest"
)

func TestWire(t *testing.T) {
	wiretest.RunEach(t, func(tb testing.TB) http.Handler {
		h := newHarness(tb)
		h.world.answers(obey)
		return wire.NewServer(wire.Config{Services: []wire.Service{{Model: shape.Model, Operations: h.Operations()}}})
	}, "testdata/*.txtar")
}

// obey is a function that returns the event, or does what it says.
func obey(s function.Spec, inv function.Invocation) (function.Result, error) {
	switch string(inv.Payload) {
	case `"raise"`:
		return raises(s, inv)
	case `"throttle"`:
		return function.Result{}, function.ErrThrottled
	case `"unavailable"`:
		return function.Result{}, &function.UnavailableError{Runtime: s.Runtime, Cause: errors.New("no Python interpreter found")}
	case `"closed"`:
		return function.Result{}, function.ErrClosed
	case `"broken"`:
		return function.Result{}, errors.New("what the caller must not see")
	}
	return function.Result{Payload: inv.Payload, Log: []byte("the log")}, nil
}
