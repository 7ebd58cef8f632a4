package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// model is an api-2.json file. An overlay has the same form, with the additions
// that are marked.
type model struct {
	Origin     string // overlay only: where the overlay is from
	Metadata   metadata
	Operations map[string]*operation
	Shapes     map[string]*shape
}

type metadata struct {
	APIVersion, ServiceID, EndpointPrefix, SigningName string
	Protocol, JSONVersion, TargetPrefix, XMLNamespace  string

	Protocols          []string
	AWSQueryCompatible *struct{}

	// Overlay only.
	ErrorNamespace, InternalError, ValidationError string
	Lenient                                        bool
	MaxBody                                        int64
}

type operation struct {
	Name string
	HTTP struct {
		Method, RequestURI string
		ResponseCode       int
	}
	Input, Output *ref

	Auth            []string
	AuthType        string
	UnsignedPayload bool
	Deprecated      bool
	Endpoint        struct{ HostPrefix string }
	HTTPChecksum    *checksum

	MaxBody int64 // overlay only
}

type checksum struct {
	RequestAlgorithmMember, RequestValidationModeMember string

	RequestChecksumRequired bool
	ResponseAlgorithms      []string
}

// ref is a use of a shape, with the traits that depend on the use.
type ref struct {
	Shape, Location, LocationName, ResultWrapper, TimestampFormat string

	Flattened, JSONValue, IdempotencyToken, Streaming bool
	XMLAttribute, EventPayload, EventHeader           bool

	XMLNamespace namespace

	QueryName string // overlay only
}

type namespace struct{ URI, Prefix string }

type shape struct {
	Type, Payload, Pattern, TimestampFormat, LocationName string

	Members            members
	Required, Enum     []string
	Member, Key, Value *ref
	Min, Max           json.Number

	Flattened, Sensitive, Exception, Fault  bool
	EventStream, Document, Streaming, Union bool

	XMLNamespace namespace

	Error *struct {
		Code           string
		HTTPStatusCode int
		SenderFault    bool
	}

	// Overlay only: fields that AWS prints but does not publish, the type of a
	// payload that the model does not tell, and members that are not required
	// any more.
	Unpublished []string
	MediaType   string
	Optional    []string
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

func readModel(path string) (*model, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a model: %w", err)
	}
	m := &model{Operations: map[string]*operation{}, Shapes: map[string]*shape{}}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("read the model %s: %w", path, err)
	}
	return m, nil
}
