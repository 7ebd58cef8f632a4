// Package wire is HTTP and AWS's protocols: it finds out which operation of
// which service a request asks for, decodes and validates the input, calls the
// operation, and answers as AWS does. It knows no service and no domain.
//
// A service is a model (generated, in internal/shape) and a list of operations:
//
//	wire.Service{Model: sqs.Model, Operations: []wire.Operation{
//		wire.Op("CreateQueue", s.CreateQueue),
//		wire.Op("SendMessage", s.SendMessage),
//	}}
//
// An operation is an ordinary method, func(ctx, *In) (*Out, error). What the
// model says about the input (required members, lengths, ranges, patterns,
// enumerations) holds when the method is called. An error that the caller
// shall see is an [Error]; any other error is the service's own fault, is
// logged, and its text is not told. [From] gives what is known about the
// request apart from its input.
//
// # Protocols
//
// There is one codec per protocol and none per shape: the codec walks the
// model's tables and the Go types side by side, by a plan that is made once
// when the server is built. Known are awsJson 1.0 and 1.1, rest-json, rest-xml,
// query, and Smithy's RPC v2 with CBOR. A service may speak several
// (shape.Service.Also); its operations do not notice in which one they are
// called.
//
// Members that the model does not know are ignored: a client that is newer than
// the model must work. JSON null is the same as absent. A value of the wrong
// JSON type is SerializationException. XML has no entities but its own five,
// and nothing nests deeper than 512 levels in any format.
//
// # Which operation is asked for
//
// In this order: paths below [InternalPrefix]; hosts of APIs and function URLs
// (Config.Hosts), which can mean nothing else; CBOR paths; X-Amz-Target; the
// service in the credential scope, where what the request looks like tells
// services of the same name apart; hosts of buckets; paths; Action in a form;
// and S3 last, for which every path is a bucket and a key. Operations that
// share a path are told apart by the parameters that they require.
//
// # Bodies and streams
//
// A body is read into memory, up to the limit of its operation, service or
// server, and gzip is unpacked up to the same limit. A body over the limit is
// refused without being read whole. A large body is held at most twice: as it
// came, and decoded.
//
// Where the model says streaming, the Go type is io.Reader: of an input, the
// operation reads the body itself, and of an output the server copies, flushes
// and closes it. An event stream is an iterator; every event is sent at once, an
// [Error] that it yields ends it as an exception. If an answer breaks after it
// has begun, so does the connection.
//
// # Validation
//
// All violations of a request are collected (at most 100 of them) and told in
// AWS's sentences, in the order of the model. Where AWS's own order is not
// known to be something else, for one member it is: pattern, length, enumeration.
//
// SQS is lenient (shape.Service.Lenient): AWS checks only that required
// parameters are there before the service looks at the request, and says
// MissingParameter. An empty string counts as missing, and a missing batch is
// left to the service, which has an own error for it.
//
// # Signatures
//
// With Config.Auth every signature is proven, see package sigv4 and authorize.go:
// after the operation is known, because some want none, and before it is called.
// The bodies of services that hold them in memory are hashed as they arrive;
// S3's are verified while the operation reads them. Frames of aws-chunked are
// taken off in any case.
//
// # Browsers
//
// The server trusts whoever can reach it, so it must not be reachable through
// a browser that shows a foreign page. A request whose Host is not a name of
// this machine is refused (DNS rebinding), and so is one that says it comes
// from another site, unless Config.CrossSite lets it pass. There are no CORS
// headers but those of services.
package wire
