package shape

import "sort"

// Protocol is the way in which a service's clients talk.
type Protocol string

// The protocols of AWS that models name.
const (
	JSON     Protocol = "json"
	RestJSON Protocol = "rest-json"
	RestXML  Protocol = "rest-xml"
	Query    Protocol = "query"
	CBOR     Protocol = "rpc-v2-cbor"
)

// Service is the model of one AWS service.
type Service struct {
	Name        string // the Go package, and the service's name everywhere in stormbus
	ID          string // AWS's name of the service
	APIVersion  string
	SigningName string // the service in a credential scope
	Protocol    Protocol
	// Also are the protocols that the service speaks beside Protocol: those of
	// its older and of its newer clients.
	Also         []Protocol
	JSONVersion  string // "1.0" or "1.1", for JSON
	TargetPrefix string // of X-Amz-Target, for JSON; for CBOR the name of the service in the path
	XMLNamespace string // of responses, for Query and RestXML

	// ErrorWrapper says that errors are inside an element ErrorResponse, for
	// RestXML. Those of S3 are not.
	ErrorWrapper bool

	// QueryCompatible services tell the error code of their former query
	// protocol beside the one of the JSON protocol.
	QueryCompatible bool
	// ErrorNamespace stands before "#" in the __type of modelled errors.
	ErrorNamespace string
	// InternalError is the code of an error that is the service's own fault.
	InternalError string
	// ValidationError is the code of a violated constraint.
	ValidationError string
	// Lenient services check only for required members before the handler
	// runs; they have their own sentences for everything else.
	Lenient bool
	// MaxBody is the size in bytes of the largest body of a request, for the
	// operations that have no bound of their own. 0 leaves it to the server.
	MaxBody int64

	Operations []Operation // sorted by name
	Shapes     []Shape     // sorted by name
	Errors     []Error     // sorted by name
}

// Operation is one call of a service.
type Operation struct {
	Name   string
	Method string // HTTP
	URI    string // path template, with constant query
	Status int    // of a good answer; 0 means 200

	// Input and Output name shapes; they are empty where the model has none.
	Input, Output string
	// ResultWrapper is the XML element around the output, for Query.
	ResultWrapper string
	// InputElement is the name of the XML document that is the input, for
	// RestXML, if it is not the name of the shape.
	InputElement   string
	InputNamespace Namespace
	// OutputElement is the name of the XML document that is the output, for
	// RestXML, if it is not the name of the shape.
	OutputElement string
	// HostPrefix is what clients put before the host's name, such as "sync-";
	// it may have labels in braces.
	HostPrefix string
	// Unsigned operations are called without a signature.
	Unsigned bool
	// UnsignedBody operations are signed without their body.
	UnsignedBody bool
	// Checksum is what the model says of checksums of the body, or nil.
	Checksum *Checksum
	MaxBody  int64 // overrides the service's
	// Listed operations have Go types. The others are only known by name.
	Listed bool
}

// Namespace is an XML namespace; the zero value is none.
type Namespace struct {
	URI    string
	Prefix string
}

// Checksum says how an operation of RestXML uses checksums of bodies.
type Checksum struct {
	Required         bool     // the request must have one
	AlgorithmMember  string   // member of the input that names the algorithm of the request's
	ValidationMember string   // member of the input that asks for one with the answer
	Algorithms       []string // of the answer, by the model's names
}

// Kind is the sort of value that a shape describes.
type Kind uint8

// The kinds of shapes.
const (
	Structure Kind = iota + 1
	List
	Map
	String
	Integer
	Long
	Float
	Double
	Boolean
	Timestamp
	Blob
	Document // any JSON value, kept as its text
)

// Shape describes values of one type and what they must satisfy.
type Shape struct {
	Name string
	Kind Kind

	Members []Member // of a structure, in the model's order
	Payload string   // the member that is the whole HTTP body
	// MediaType is the type of a blob that is the whole body of an answer, if
	// it is not application/octet-stream.
	MediaType string
	// Streaming blobs are not held in memory: their Go type is io.Reader.
	Streaming bool
	// EventStream structures are the alternatives of the messages of a stream.
	// The Go type of a member of this shape is iter.Seq2[*T, error].
	EventStream bool
	Union       bool // exactly one member is given
	// Namespace is of the XML element of the shape.
	Namespace Namespace
	// Unpublished names fields that AWS prints in messages about the structure
	// but does not publish.
	Unpublished []string

	Elem string // shape of a list's elements or a map's values
	Key  string // shape of a map's keys
	// ElemName and KeyName are names in XML and forms: of a list's elements
	// ("member" if empty), and of a map's values and keys.
	ElemName, KeyName string
	Flattened         bool

	Min, Max        string // length, size or value; empty if not limited
	Pattern         string // Java regular expression over the whole text
	Enum            []string
	TimestampFormat string // "iso8601", "rfc822" or "unixTimestamp"
	Sensitive       bool   // values must not be printed
}

// Location says where in an HTTP message a member is.
type Location string

// The locations of members; the zero value is the body.
const (
	Body        Location = ""
	Header      Location = "header"
	Headers     Location = "headers" // all headers with a prefix
	QueryString Location = "querystring"
	URI         Location = "uri"
	StatusCode  Location = "statusCode"
)

// Member is one member of a structure.
type Member struct {
	Name     string // as in the model; the Go field has an upper-case first letter
	Shape    string
	WireName string // if it differs from Name
	// QueryName is the name in the query protocol of a service that has another
	// protocol too and whose names differ between the two.
	QueryName string
	Location  Location
	Required  bool
	// Flattened lists and maps have no element of their own in XML and forms.
	Flattened bool
	// JSONValue members are text that holds JSON, in base64 if in a header.
	JSONValue        bool
	IdempotencyToken bool
	// Attribute members are attributes of their structure's XML element.
	Attribute bool
	Namespace Namespace
	// EventPayload and EventHeader members are the body and a header of a
	// message in an event stream.
	EventPayload, EventHeader bool
	// Streaming is the same as that of the shape.
	Streaming       bool
	TimestampFormat string // overrides the shape's
}

// Error is a modelled error of a service.
type Error struct {
	Name    string // of the shape
	Code    string // where the wire's code differs from Name
	Status  int    // HTTP status; 0 means 400, or 500 if Fault
	Fault   bool   // the service is to blame, not the caller
	Members []Member
}

// Operation returns the operation called name, or nil.
func (s *Service) Operation(name string) *Operation {
	i := sort.Search(len(s.Operations), func(i int) bool { return s.Operations[i].Name >= name })
	if i < len(s.Operations) && s.Operations[i].Name == name {
		return &s.Operations[i]
	}
	return nil
}

// Shape returns the shape called name, or nil.
func (s *Service) Shape(name string) *Shape {
	i := sort.Search(len(s.Shapes), func(i int) bool { return s.Shapes[i].Name >= name })
	if i < len(s.Shapes) && s.Shapes[i].Name == name {
		return &s.Shapes[i]
	}
	return nil
}

// Error returns the error whose shape is called name, or nil.
func (s *Service) Error(name string) *Error {
	i := sort.Search(len(s.Errors), func(i int) bool { return s.Errors[i].Name >= name })
	if i < len(s.Errors) && s.Errors[i].Name == name {
		return &s.Errors[i]
	}
	return nil
}

// Wire returns the name of m in messages.
func (m *Member) Wire() string {
	if m.WireName != "" {
		return m.WireName
	}
	return m.Name
}
