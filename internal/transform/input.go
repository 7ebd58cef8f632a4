package transform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// ErrNotDelivered says that the configuration makes nothing of an event. AWS
// then delivers nothing and says nothing. It is final: trying again does not
// help.
var ErrNotDelivered = errors.New("input of the target is empty or not valid JSON")

// ConfigError says why a target cannot be put. Its text is AWS's.
type ConfigError struct{ Message string }

// Error returns AWS's text.
func (e *ConfigError) Error() string { return e.Message }

// Config is what a target says about its input. At most one of Input, InputPath
// and InputTransformer may be set; none means the whole event.
type Config struct {
	Target           string // id of the target, for messages
	Input            *string
	InputPath        *string
	InputTransformer *Transformer
}

// Transformer is a template and the paths that its placeholders stand for.
type Transformer struct {
	InputPathsMap map[string]string
	InputTemplate string
}

// Vars are the values behind the reserved placeholders of a template.
type Vars struct {
	RuleARN       string
	RuleName      string
	IngestionTime time.Time
}

// Input makes the input of one target. It is immutable and safe for concurrent
// use.
type Input struct {
	constant []byte
	path     *path
	template *template
}

// New returns what a configuration asks for. The error, if any, is a
// *[ConfigError].
func New(c Config) (*Input, error) {
	given := 0
	for _, set := range []bool{c.Input != nil, c.InputPath != nil, c.InputTransformer != nil} {
		if set {
			given++
		}
	}
	if given > 1 {
		return nil, &ConfigError{fmt.Sprintf(
			"Only one of Input, InputPath, or InputTransformer must be provided for target %s.", c.Target)}
	}
	in := &Input{}
	switch {
	case c.Input != nil:
		in.constant = []byte(*c.Input)
	case c.InputPath != nil:
		p := parsePath(*c.InputPath)
		in.path = &p
	case c.InputTransformer != nil:
		t, unknown := newTemplate(*c.InputTransformer)
		if unknown != "" {
			return nil, &ConfigError{fmt.Sprintf(
				"InputTemplate for target %s contains invalid placeholder %s.", c.Target, unknown)}
		}
		in.template = t
	}
	return in, nil
}

// errEvent says that an event is not JSON. The bus refuses such events, so it is
// a fault of the caller.
var errEvent = errors.New("event is not valid JSON")

// Apply returns the input for one event, a JSON object. The result may share
// memory with the event or with the configuration and must not be modified. The
// error is [ErrNotDelivered], possibly wrapped, or says that the event is not
// JSON.
func (in *Input) Apply(event []byte, vars Vars) ([]byte, error) {
	if in.constant != nil {
		return in.constant, nil
	}
	if !json.Valid(event) {
		return nil, errEvent
	}
	event = bytes.TrimSpace(event)
	switch {
	case in.path != nil:
		found := in.path.find(event)
		if found == nil {
			return nil, fmt.Errorf("%w: nothing at the input path", ErrNotDelivered)
		}
		return compact(found)
	case in.template != nil:
		return in.template.fill(event, vars)
	}
	return compact(event)
}

// compact removes white space between tokens.
func compact(b []byte) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(b))
	if err := json.Compact(&out, b); err != nil {
		return nil, fmt.Errorf("compact JSON: %w", err)
	}
	return out.Bytes(), nil
}
