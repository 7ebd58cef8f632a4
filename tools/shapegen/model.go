package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// model is an api-2.json file. An overlay has the same form, with the additions
// that are marked.
type model struct {
	Metadata   metadata
	Operations map[string]operation
	Shapes     map[string]*shape
}

type metadata struct {
	APIVersion, ServiceID, EndpointPrefix, SigningName string
	Protocol, JSONVersion, TargetPrefix, XMLNamespace  string

	AWSQueryCompatible *struct{}

	// Overlay only.
	ErrorNamespace, InternalError, ValidationError string
	Lenient                                        bool
}

type operation struct {
	Name string
	HTTP struct {
		Method, RequestURI string
		ResponseCode       int
	}
	Input, Output *ref
}

// ref is a use of a shape, with the traits that depend on the use.
type ref struct {
	Shape, Location, LocationName, ResultWrapper, TimestampFormat string

	Flattened, JSONValue, IdempotencyToken bool
}

type shape struct {
	Type, Payload, Pattern, TimestampFormat string

	Members            members
	Required, Enum     []string
	Member, Key, Value *ref
	Min, Max           json.Number

	Flattened, Sensitive, Exception, Fault, EventStream, Document bool

	Error *struct {
		Code           string
		HTTPStatusCode int
		SenderFault    bool
	}

	// Overlay only: fields that AWS prints but does not publish, and the type
	// of a payload that the model does not tell.
	Unpublished []string
	MediaType   string
}

// members are a structure's members in the order of the model.
type members []member

type member struct {
	Name string
	Ref  ref
}

// UnmarshalJSON keeps the order that a map would lose.
func (m *members) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if _, err := dec.Token(); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var r ref
		if err := dec.Decode(&r); err != nil {
			return err
		}
		*m = append(*m, member{Name: key.(string), Ref: r})
	}
	return nil
}

// load reads a model and adds the overlays of a package: first what is newer
// (<package>.*.json), then what we know ourselves (<package>.json).
func load(path, overlays, pkg string) (*model, error) {
	m, err := readModel(path)
	if err != nil {
		return nil, err
	}
	files, err := filepath.Glob(filepath.Join(overlays, pkg+".*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	for _, file := range append(files, filepath.Join(overlays, pkg+".json")) {
		more, err := readModel(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m.add(more)
	}
	return m, nil
}

func readModel(path string) (*model, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a model: %w", err)
	}
	m := new(model)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("read the model %s: %w", path, err)
	}
	return m, nil
}

// add merges an overlay into m. It can add operations, shapes, members and enum
// values and can replace a constraint; it cannot take anything away.
func (m *model) add(more *model) {
	md := more.Metadata
	m.Metadata.ErrorNamespace = or(md.ErrorNamespace, m.Metadata.ErrorNamespace)
	m.Metadata.InternalError = or(md.InternalError, m.Metadata.InternalError)
	m.Metadata.ValidationError = or(md.ValidationError, m.Metadata.ValidationError)
	m.Metadata.Lenient = m.Metadata.Lenient || md.Lenient
	for name, op := range more.Operations {
		if _, known := m.Operations[name]; !known {
			m.Operations[name] = op
		}
	}
	for name, s := range more.Shapes {
		if old, known := m.Shapes[name]; known {
			old.add(s)
		} else {
			m.Shapes[name] = s
		}
	}
}

// add merges an overlay's shape into s. Members that the overlay lists come
// first, in its order.
func (s *shape) add(more *shape) {
	all := slices.Clone(more.Members)
	for _, old := range s.Members {
		i := slices.IndexFunc(all, func(m member) bool { return m.Name == old.Name })
		if i < 0 {
			all = append(all, old)
		} else {
			all[i] = old
		}
	}
	s.Members = all
	for _, value := range more.Enum {
		if !slices.Contains(s.Enum, value) {
			s.Enum = append(s.Enum, value)
		}
	}
	if more.Pattern != "" {
		s.Pattern = more.Pattern
	}
	if more.Min != "" {
		s.Min = more.Min
	}
	if more.Max != "" {
		s.Max = more.Max
	}
	if more.Error != nil {
		s.Error = more.Error
	}
	s.Sensitive = s.Sensitive || more.Sensitive
	s.Unpublished = append(s.Unpublished, more.Unpublished...)
	if more.MediaType != "" {
		s.MediaType = more.MediaType
	}
}
