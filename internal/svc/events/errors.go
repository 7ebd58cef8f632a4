package events

import (
	"errors"

	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// ErrNoBus says that an event bus does not exist, or no longer.
var ErrNoBus = errors.New("the event bus does not exist")

// errValidation is what most complaints about a request are. The model does not
// know it.
func errValidation(format string, args ...any) *wire.Error {
	return wire.Errorf("ValidationException", format, args...)
}

func errParameter(name string) *wire.Error {
	return errValidation("Parameter %s is not valid.", name)
}

func errParameterReason(name, reason string) *wire.Error {
	return errValidation("Parameter %s is not valid. Reason: %s", name, reason)
}

// errUnsupported says by its name what AWS has and stormbus has not.
func errUnsupported(what string) *wire.Error {
	return errValidation("%s: stormbus does not support this yet.", what)
}

func errNoBus(name string) *wire.Error {
	return wire.Errorf(shape.ErrResourceNotFoundException, "Event bus %s does not exist.", name)
}

func errBusExists(name string) *wire.Error {
	return wire.Errorf(shape.ErrResourceAlreadyExistsException, "Event bus %s already exists.", name)
}

func errNoRule(name, bus string) *wire.Error {
	return wire.Errorf(shape.ErrResourceNotFoundException, "Rule %s does not exist on EventBus %s.", name, bus)
}

func errNoPolicy() *wire.Error {
	return wire.Errorf(shape.ErrResourceNotFoundException, "EventBus does not have a policy.")
}

func errNoStatement() *wire.Error {
	return wire.Errorf(shape.ErrResourceNotFoundException, "Statement with the provided id does not exist.")
}

func errPolicyJSON() *wire.Error { return errValidation("This policy contains invalid Json") }

func errPolicyLength() *wire.Error {
	return wire.Errorf(shape.ErrPolicyLengthExceededException,
		"The policy of the event bus is longer than %d bytes.", maxPolicy)
}

func errLimit() *wire.Error {
	return wire.Errorf(shape.ErrLimitExceededException, "The requested resource exceeds the maximum number allowed.")
}

func errPattern(err error) *wire.Error {
	return wire.Errorf(shape.ErrInvalidEventPatternException, "Event pattern is not valid. Reason: %s", err.Error())
}

func errArnFormat(text string) *wire.Error {
	return errParameterReason(text, "Provided Arn is not in correct format.")
}

const noSpace = "The request was denied because the server is short of disk space; try again later."

// apiError turns an error of the store into one that the caller of the API can
// act on. Anything unknown stays what it is and becomes an internal failure.
func apiError(err error) error {
	if errors.Is(err, store.ErrReadOnly) {
		return wire.Errorf(shape.ErrThrottlingException, noSpace)
	}
	return err
}

func errNoTarget(rule, id string) *wire.Error {
	return wire.Errorf(shape.ErrResourceNotFoundException, "Rule '%s' does not have a target with the Id '%s'.", rule, id)
}
