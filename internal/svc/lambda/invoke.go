package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// Invoke runs a function and returns what became of it, or accepts the event
// for its queue.
func (s *Service) Invoke(ctx context.Context, in *shape.InvokeInput) (*shape.InvokeOutput, error) {
	f, qualifier, err := s.find(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if err := checkInvoke(in); err != nil {
		return nil, err
	}
	payload := in.Payload
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	req := wire.From(ctx)
	invoked := f.Scope.Function(f.Name, qualifier)
	switch value(in.InvocationType) {
	case shape.InvocationTypeDryRun:
		return &shape.InvokeOutput{StatusCode: new(int64(http.StatusNoContent)), ExecutedVersion: new(Latest)}, nil
	case shape.InvocationTypeEvent:
		err := s.accept(ctx, invoked, []AsyncEvent{{RequestID: req.ID, Payload: payload, Trace: req.Trace}})
		if errors.Is(err, ErrNoFunction) {
			err = errNoFunction(invoked.String()) // deleted a moment ago
		}
		return &shape.InvokeOutput{StatusCode: new(int64(http.StatusAccepted))}, apiError(err)
	}
	return s.invokeNow(ctx, f, in, invoked, payload)
}

// checkInvoke says what is wrong with an invocation.
func checkInvoke(in *shape.InvokeInput) error {
	limit := maxSyncPayload
	if value(in.InvocationType) == shape.InvocationTypeEvent {
		limit = maxAsyncEvent
	}
	switch {
	case in.DurableExecutionName != nil:
		return errUnsupported("durable functions (DurableExecutionName)")
	case in.TenantId != nil:
		return errUnsupported("tenant isolation (TenantId)")
	case len(in.Payload) == 0:
		return nil
	}
	if bad := checkPayload(in.Payload, limit); bad != nil {
		return bad
	}
	return nil
}

// checkPayload says why an event cannot be that of any function.
func checkPayload(payload []byte, limit int) *wire.Error {
	if len(payload) > limit {
		return errTooLarge("Request must be smaller than %d bytes for the InvokeFunction operation", limit)
	}
	if !json.Valid(payload) {
		var v any
		err := json.Unmarshal(payload, &v) // says what is wrong
		return errContent("Could not parse request body into json: Could not parse payload into json: %v", err)
	}
	return nil
}

func (s *Service) invokeNow(ctx context.Context, f *Function, in *shape.InvokeInput, invoked arn.ARN, payload []byte) (*shape.InvokeOutput, error) {
	req := wire.From(ctx)
	clientContext, err := decodeClientContext(in.ClientContext)
	if err != nil {
		return nil, err
	}
	trace, err := s.rooted(req.Trace)
	if err != nil {
		return nil, err
	}
	res, record, err := s.run(ctx, f, request{
		id: req.ID, payload: payload, trace: trace, invokedARN: invoked.String(), clientContext: clientContext, attempt: 1,
	})
	if err != nil {
		return nil, apiError(err)
	}
	wire.AnswerTrace(ctx, telemetry.Trace{Root: trace.Root, Sampled: trace.Sampled})
	s.recordLater(ctx, record)
	out := &shape.InvokeOutput{
		StatusCode: new(int64(http.StatusOK)), Payload: res.Payload, FunctionError: given(res.FunctionError), ExecutedVersion: new(Latest),
	}
	if value(in.LogType) == shape.LogTypeTail {
		out.LogResult = new(base64.StdEncoding.EncodeToString(res.Log))
	}
	return out, nil
}

// decodeClientContext reads the header in which a caller passes data about
// itself: JSON in base64.
func decodeClientContext(header *string) (string, error) {
	if header == nil || *header == "" {
		return "", nil
	}
	b, err := base64.StdEncoding.DecodeString(*header)
	if err != nil || !json.Valid(b) {
		return "", errContent("Client context must be a valid Base64-encoded JSON object.")
	}
	return string(b), nil
}
