package wire

import (
	"fmt"
	"net/http"

	"stormbus/internal/shape"
)

// Fault says who is to blame for an error, in the words of the query protocol.
type Fault string

// The two sides. The zero Fault is looked up in the model, and follows from
// the status where the model does not know the error.
const (
	Sender   Fault = "Sender"
	Receiver Fault = "Receiver"
)

// Error is an error that the caller is told. Its code is the name of one of the
// model's error shapes, or any other code of AWS's.
type Error struct {
	Code    string
	Message string
	Status  int // HTTP status; 0 means the model's, else 400
	Fault   Fault
	// QueryCode is the code in the query protocol, and in the header in which
	// query-compatible services tell it; if empty, the model's.
	QueryCode string
	// QueryMessage is the message in the query protocol, if it is another.
	QueryMessage string
	// Fields are further members of the error, by their names on the wire.
	Fields map[string]any

	common bool // of all AWS services, not of this one's namespace
}

// Errorf makes an [Error]. Its status is the model's, or 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Error gives the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// commonError makes an error that every AWS service has.
func commonError(status int, code, format string, args ...any) *Error {
	e := Errorf(code, format, args...)
	e.Status, e.common = status, true
	return e
}

// The text for the caller when something went wrong that is not the caller's
// fault. What it was is in the log.
const internalMessage = "The request processing has failed because of an unknown error, exception or failure."

// failure is an Error with everything filled in.
type failure struct {
	code, queryCode       string
	message, queryMessage string
	status                int
	fault                 Fault
	fields                map[string]any
	model                 *shape.Error // nil if the model does not know the error
	common                bool
}

// complete fills in what e leaves to the model. The model may be nil.
func (e *Error) complete(m *shape.Service) failure {
	f := failure{
		code: e.Code, queryCode: e.QueryCode, message: e.Message, queryMessage: nameOr(e.QueryMessage, e.Message),
		status: e.Status, fault: e.Fault, fields: e.Fields, common: e.common,
	}
	if m != nil && !e.common {
		f.model = findError(m, e.Code)
	}
	if f.model != nil {
		f.code = f.model.Name
		if f.queryCode == "" {
			f.queryCode = f.model.Code
		}
		if f.status == 0 {
			f.status = f.model.Status
		}
		if f.fault == "" && f.model.Fault {
			f.fault = Receiver
		}
	}
	if f.queryCode == "" {
		f.queryCode = f.code
	}
	if f.status == 0 {
		f.status = http.StatusBadRequest
		if f.fault == Receiver {
			f.status = http.StatusInternalServerError
		}
	}
	if f.fault == "" {
		f.fault = Sender
		if f.status >= http.StatusInternalServerError {
			f.fault = Receiver
		}
	}
	return f
}

// findError looks an error up by the name of its shape, then by its code.
func findError(m *shape.Service, code string) *shape.Error {
	if e := m.Error(code); e != nil {
		return e
	}
	for i := range m.Errors {
		if m.Errors[i].Code == code {
			return &m.Errors[i]
		}
	}
	return nil
}
