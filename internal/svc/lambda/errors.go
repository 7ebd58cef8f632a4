package lambda

import (
	"errors"
	"net/http"
	"strings"

	"stormbus/internal/function"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// ErrNoFunction says that a function does not exist, or no longer.
var ErrNoFunction = errors.New("the function does not exist")

func errParameter(format string, args ...any) *wire.Error {
	return wire.Errorf(shape.ErrInvalidParameterValueException, format, args...)
}

// errUnsupported says that something of Lambda's is not there yet.
func errUnsupported(what string) *wire.Error {
	return errParameter("stormbus does not support %s yet.", what)
}

func errNotFound(format string, args ...any) *wire.Error {
	return wire.Errorf(shape.ErrResourceNotFoundException, format, args...)
}

func errConflict(format string, args ...any) *wire.Error {
	return wire.Errorf(shape.ErrResourceConflictException, format, args...)
}

func errNoFunction(a string) *wire.Error { return errNotFound("Function not found: %s", a) }

func errRevision(call string) *wire.Error {
	return wire.Errorf(shape.ErrPreconditionFailedException,
		"The Revision Id provided does not match the latest Revision Id. Call the %s API to retrieve the latest Revision Id", call)
}

// errTooLarge has a code that the model does not know.
func errTooLarge(format string, args ...any) *wire.Error {
	e := wire.Errorf("RequestEntityTooLargeException", format, args...)
	e.Status = http.StatusRequestEntityTooLarge
	return e
}

func errContent(format string, args ...any) *wire.Error {
	return wire.Errorf(shape.ErrInvalidRequestContentException, format, args...)
}

func errThrottled(reason string) *wire.Error {
	e := wire.Errorf(shape.ErrTooManyRequestsException, "Rate Exceeded.")
	e.Fields = map[string]any{"Reason": reason}
	return e
}

// errVersionOnly answers a request about something that only a function has
// and a version or an alias has not.
func errVersionOnly() *wire.Error {
	return errParameter("This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. " +
		"Please specify either a function name or an unqualified function ARN.")
}

// apiError turns an error of the store or of what runs functions into one that
// the caller can act on. Anything unknown becomes an internal failure.
func apiError(err error) error {
	var known *wire.Error
	var unavailable *function.UnavailableError
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, function.ErrThrottled):
		reason, ok := function.ThrottleReason(err)
		if !ok {
			reason = function.ReasonConcurrency
		}
		return errThrottled(reason)
	case errors.As(err, &unavailable):
		return wire.Errorf(shape.ErrInvalidRuntimeException, "%s", sentence(unavailable.Error()))
	case errors.Is(err, store.ErrReadOnly):
		return errThrottled("CallerRateLimitExceeded")
	case errors.Is(err, function.ErrClosed), errors.Is(err, store.ErrClosed):
		e := wire.Errorf(shape.ErrServiceException, "The server is shutting down.")
		e.Status = http.StatusServiceUnavailable
		return e
	}
	return err
}

// sentence writes an error's text as one.
func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }
