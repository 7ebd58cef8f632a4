// Package shape is the vocabulary in which AWS's API models are written down
// for the wire: services, operations, shapes, their members and constraints.
//
// The packages below it, one per service, are generated from AWS's models by
// tools/shapegen. Each holds the Go types of the listed operations and one
// value, Model, that describes them; of a service without listed operations only
// the names are known. Package catalog lists all models. Nothing in here changes
// after it was built: a model is shared by all goroutines and must not be written
// to.
//
// How Go types follow from a model:
//
//   - operation Foo has FooInput and FooOutput, also where the model has none;
//   - structures keep the model's names, members get an upper-case first letter;
//   - scalars are pointers (*string, *int64, *bool, *float64, *time.Time), so
//     that "absent" differs from zero; enumerations are *string;
//   - blobs are []byte, lists []T, maps map[string]T, structures *T;
//   - documents, which may be any JSON, are json.RawMessage;
//   - a streaming blob is an io.Reader: of an input it is read by the operation
//     and must not be kept after it returns; of an output it is read by the
//     server, and closed if it is an io.Closer;
//   - a member that is an event stream is an iter.Seq2[*T, error];
//   - an error shape is a constant ErrShape, to be used with wire.Errorf.
package shape

//go:generate go -C ../../tools run ./shapegen -out ../internal/shape
