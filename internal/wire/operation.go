package wire

import (
	"context"
	"reflect"

	"stormbus/internal/shape"
)

// Service is one AWS service: its model and the operations it implements.
type Service struct {
	Model      *shape.Service
	Operations []Operation
}

// Operation is the implementation of one operation. Make it with [Op].
type Operation struct {
	name    string
	in, out reflect.Type
	newIn   func() any // *In
	call    func(ctx context.Context, in any) (any, error)
}

// Op makes an operation of a method. In and Out are the operation's generated
// input and output; a nil *Out is an empty output.
func Op[In, Out any](name string, fn func(context.Context, *In) (*Out, error)) Operation {
	return Operation{
		name:  name,
		in:    reflect.TypeFor[In](),
		out:   reflect.TypeFor[Out](),
		newIn: func() any { return new(In) },
		call: func(ctx context.Context, in any) (any, error) {
			out, err := fn(ctx, in.(*In))
			if err == nil && out == nil {
				out = new(Out)
			}
			return out, err
		},
	}
}

// Name returns the operation's name.
func (o Operation) Name() string { return o.name }

// SupportRow is one row of a service's support table.
type SupportRow struct {
	Operation string
	Supported bool
}

// Support lists all operations that the model knows, in order, and says which
// of them are implemented.
func Support(m *shape.Service, ops []Operation) []SupportRow {
	have := make(map[string]bool, len(ops))
	for _, op := range ops {
		have[op.name] = true
	}
	rows := make([]SupportRow, len(m.Operations))
	for i, op := range m.Operations {
		rows[i] = SupportRow{Operation: op.Name, Supported: have[op.Name]}
	}
	return rows
}
