package lambda

import (
	"context"

	"stormbus/internal/function/code"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// PutFunctionConcurrency reserves concurrency for a function, which is also the
// most that it may have.
func (s *Service) PutFunctionConcurrency(ctx context.Context, in *shape.PutFunctionConcurrencyInput) (*shape.PutFunctionConcurrencyOutput, error) {
	f, err := s.findUnqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	n := int(*in.ReservedConcurrentExecutions)
	if s.concurrency-s.known.reserved(f.Scope, f.ID)-n < minUnreserved && n > 0 {
		return nil, errParameter("Specified ReservedConcurrentExecutions for function decreases account's "+
			"UnreservedConcurrentExecution below its minimum value of [%d].", minUnreserved)
	}
	_, err = s.change(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		f.Reserved = &n
		return nil
	})
	return &shape.PutFunctionConcurrencyOutput{ReservedConcurrentExecutions: in.ReservedConcurrentExecutions}, err
}

// GetFunctionConcurrency returns the reservation of a function, if it has one.
func (s *Service) GetFunctionConcurrency(ctx context.Context, in *shape.GetFunctionConcurrencyInput) (*shape.GetFunctionConcurrencyOutput, error) {
	f, err := s.findUnqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	out := &shape.GetFunctionConcurrencyOutput{}
	if f.Reserved != nil {
		out.ReservedConcurrentExecutions = new(int64(*f.Reserved))
	}
	return out, nil
}

// DeleteFunctionConcurrency makes a function share what is not reserved.
func (s *Service) DeleteFunctionConcurrency(ctx context.Context, in *shape.DeleteFunctionConcurrencyInput) (*shape.DeleteFunctionConcurrencyOutput, error) {
	f, err := s.findUnqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		f.Reserved = nil
		return nil
	})
	return nil, err
}

// GetAccountSettings returns the limits of an account and what it uses.
func (s *Service) GetAccountSettings(ctx context.Context, _ *shape.GetAccountSettingsInput) (*shape.GetAccountSettingsOutput, error) {
	scope := wire.From(ctx).Scope
	functions := s.known.in(scope)
	var size int64
	for _, f := range functions {
		size += f.Code.Size
	}
	return &shape.GetAccountSettingsOutput{
		AccountLimit: &shape.AccountLimit{
			TotalCodeSize: new(int64(maxTotalCode)), CodeSizeUnzipped: new(int64(code.MaxUnzipped)), CodeSizeZipped: new(int64(maxZipped)),
			ConcurrentExecutions:           new(int64(s.concurrency)),
			UnreservedConcurrentExecutions: new(int64(s.concurrency - s.known.reserved(scope, 0))),
		},
		AccountUsage: &shape.AccountUsage{TotalCodeSize: &size, FunctionCount: new(int64(len(functions)))},
	}, nil
}
