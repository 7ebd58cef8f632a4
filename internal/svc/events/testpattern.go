package events

import (
	"context"
	"errors"

	"stormbus/internal/pattern"
	shape "stormbus/internal/shape/events"
)

// TestEventPattern reports whether an event matches a pattern.
func (s *Service) TestEventPattern(_ context.Context, in *shape.TestEventPatternInput) (*shape.TestEventPatternOutput, error) {
	compiled, err := pattern.Compile([]byte(*in.EventPattern), pattern.Classic, s.limits)
	if err != nil {
		return nil, errPattern(err)
	}
	matches, err := compiled.Eval(&pattern.Doc{Data: []byte(*in.Event)})
	switch {
	case errors.Is(err, pattern.ErrUndecided):
		return nil, errValidation("Parameter EventPattern is too complex to be tested with this event.")
	case err != nil:
		return nil, errParameter("Event")
	}
	return &shape.TestEventPatternOutput{Result: &matches}, nil
}
