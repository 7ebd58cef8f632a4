package sqs

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"stormbus/internal/wire"
)

// ErrNoQueue says that a queue does not exist, or no longer. [Service.Send]
// returns it for every message of the call.
var ErrNoQueue = errors.New("the queue does not exist")

// The shapes of SQS's errors, and the codes that the older query protocol knows
// them by. Clients of the JSON protocol get both and show the older one.
const (
	shapeInvalidParameterValue = "InvalidParameterValueException"
	queryInvalidParameterValue = "InvalidParameterValue"
	shapeMissingParameter      = "MissingRequiredParameterException"
	queryMissingParameter      = "MissingParameter"
)

// legacy is the prefix of the query protocol's codes for errors that the JSON
// protocol names by their shape alone.
const legacy = "AWS.SimpleQueueService."

func errInvalidParameter(format string, args ...any) *wire.Error {
	e := wire.Errorf(shapeInvalidParameterValue, format, args...)
	e.QueryCode = queryInvalidParameterValue
	return e
}

// errInvalidValue is the form that most complaints about a parameter take.
func errInvalidValue(value, parameter, reason string) *wire.Error {
	return errInvalidParameter("Value %s for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

func errInvalidNumber(value int64, parameter, reason string) *wire.Error {
	return errInvalidValue(strconv.FormatInt(value, 10), parameter, reason)
}

func errMissingParameter(name string) *wire.Error {
	e := wire.Errorf(shapeMissingParameter, "The request must contain the parameter %s.", name)
	e.QueryCode = queryMissingParameter
	return e
}

func errLegacy(shape, format string, args ...any) *wire.Error {
	e := wire.Errorf(shape, format, args...)
	e.QueryCode = legacy + shape
	return e
}

func errQueueDoesNotExist() *wire.Error {
	e := wire.Errorf("QueueDoesNotExist", "The specified queue does not exist.")
	e.QueryCode = legacy + "NonExistentQueue"
	e.QueryMessage = "The specified queue does not exist for this wsdl version."
	return e
}

func errQueueNameExists(attribute string) *wire.Error {
	e := wire.Errorf("QueueNameExists",
		"A queue already exists with the same name and a different value for attribute %s", attribute)
	e.QueryCode = "QueueAlreadyExists"
	return e
}

func errQueueDeletedRecently() *wire.Error {
	return errLegacy("QueueDeletedRecently",
		"You must wait 60 seconds after deleting a queue before you can create another with the same name.")
}

func errQueueName() *wire.Error {
	return errInvalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
}

func errFifoQueueName() *wire.Error {
	return errInvalidParameter("The name of a FIFO queue can only include alphanumeric characters, hyphens, or " +
		"underscores, must end with .fifo suffix and be 1 to 80 in length")
}

// errNotForQueueType refuses what only the other kind of queue takes.
func errNotForQueueType(value, parameter string) *wire.Error {
	return errInvalidValue(value, parameter, "The request include parameter that is not valid for this queue type.")
}

func errInvalidID(value, parameter string) *wire.Error {
	return errInvalidValue(value, parameter,
		parameter+" can only include alphanumeric and punctuation characters. 1 to 128 in length.")
}

// errNoGroup has another code in a batch than alone, as on AWS.
func errNoGroup(inBatch bool) *wire.Error {
	e := errMissingParameter("MessageGroupId")
	if inBatch {
		e = errInvalidParameter("%s", e.Message)
	}
	return e
}

func errOverLimit() *wire.Error {
	e := wire.Errorf("OverLimit", "Too many messages are in flight; delete messages that were received, or wait until they are visible again.")
	e.QueryCode = "OverLimit"
	e.Status = http.StatusForbidden
	return e
}

func errNoResource(parameter string) *wire.Error {
	e := wire.Errorf("ResourceNotFoundException", "The resource that you specified for the %s parameter doesn't exist.", parameter)
	e.QueryCode = "ResourceNotFoundException"
	e.Status = http.StatusNotFound
	return e
}

func errNoTask() *wire.Error {
	e := errNoResource("")
	e.Message = "Task does not exist."
	return e
}

func errTaskHandle() *wire.Error {
	return errInvalidParameter("Value for parameter TaskHandle is invalid.")
}

func errInvalidAddress(address string) *wire.Error {
	e := wire.Errorf("InvalidAddress", "The address %s is not valid for this endpoint.", address)
	e.QueryCode = "InvalidAddress"
	return e
}

func errUnknownAttribute(name string) *wire.Error {
	return errAttributeName("Unknown Attribute %s.", name)
}

func errAttributeName(format string, args ...any) *wire.Error {
	e := wire.Errorf("InvalidAttributeName", format, args...)
	e.QueryCode = "InvalidAttributeName"
	return e
}

func errAttributeValue(name, reason string) *wire.Error {
	message := fmt.Sprintf("Invalid value for the parameter %s.", name)
	if reason != "" {
		message += " Reason: " + reason
	}
	e := wire.Errorf("InvalidAttributeValue", "%s", message)
	e.QueryCode = "InvalidAttributeValue"
	return e
}

func errPurgeInProgress(name string) *wire.Error {
	e := errLegacy("PurgeQueueInProgress",
		"Only one PurgeQueue operation on %s is allowed every 60 seconds.", name)
	e.Status = http.StatusForbidden
	return e
}

func errHandle(h string) *wire.Error {
	e := wire.Errorf("ReceiptHandleIsInvalid", `The input receipt handle "%s" is not a valid receipt handle.`, h)
	e.QueryCode = "ReceiptHandleIsInvalid"
	return e
}

func errMessageContents(c rune) *wire.Error {
	e := wire.Errorf("InvalidMessageContents",
		"Invalid binary character '#x%X' was found in the message body, the set of allowed characters is "+
			"#x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].", c)
	e.QueryCode = "InvalidMessageContents"
	return e
}

func errUnsupported(format string, args ...any) *wire.Error {
	return errLegacy("UnsupportedOperation", format, args...)
}

func errNextToken() *wire.Error {
	return errInvalidParameter("Invalid or expired next token.")
}

func errThrottled() *wire.Error {
	e := wire.Errorf("RequestThrottled", "The request was denied because the server is short of disk space; try again later.")
	e.QueryCode = "RequestThrottled"
	e.Status = http.StatusServiceUnavailable
	return e
}

func errTooLong(q *Queue) *wire.Error {
	return errInvalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.",
		q.Settings.MaxMessageSize)
}
