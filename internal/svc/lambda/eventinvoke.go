package lambda

import (
	"context"

	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
)

// PutFunctionEventInvokeConfig says how asynchronous invocations are tried.
// What is not given gets its default.
func (s *Service) PutFunctionEventInvokeConfig(ctx context.Context, in *shape.PutFunctionEventInvokeConfigInput) (*shape.PutFunctionEventInvokeConfigOutput, error) {
	return s.configureAsync(ctx, (*shape.UpdateFunctionEventInvokeConfigInput)(in), func(a *Async) {
		a.Retries, a.EventAge = in.MaximumRetryAttempts, in.MaximumEventAgeInSeconds
	})
}

// UpdateFunctionEventInvokeConfig changes how asynchronous invocations are
// tried. What is not given stays as it is.
func (s *Service) UpdateFunctionEventInvokeConfig(ctx context.Context, in *shape.UpdateFunctionEventInvokeConfigInput) (*shape.UpdateFunctionEventInvokeConfigOutput, error) {
	return s.configureAsync(ctx, in, func(a *Async) {
		if in.MaximumRetryAttempts != nil {
			a.Retries = in.MaximumRetryAttempts
		}
		if in.MaximumEventAgeInSeconds != nil {
			a.EventAge = in.MaximumEventAgeInSeconds
		}
	})
}

// configureAsync does what both have in common.
func (s *Service) configureAsync(ctx context.Context, in *shape.UpdateFunctionEventInvokeConfigInput, set func(a *Async)) (*shape.FunctionEventInvokeConfig, error) {
	f, qualifier, err := s.find(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if in.MaximumRetryAttempts == nil && in.MaximumEventAgeInSeconds == nil && in.DestinationConfig == nil {
		return nil, errParameter("You must specify at least one of error handling or destination setting.")
	}
	if d := in.DestinationConfig; d != nil {
		if d.OnSuccess != nil && value(d.OnSuccess.Destination) != "" || d.OnFailure != nil && value(d.OnFailure.Destination) != "" {
			return nil, errUnsupported("destinations (DestinationConfig)")
		}
	}
	changed, err := s.change(ctx, f.ref(), func(tx store.Tx, f *Function) error {
		a := Async{}
		if f.Async != nil {
			a = *f.Async
		}
		set(&a)
		a.Modified = tx.Now()
		f.Async = &a
		return nil
	})
	if err != nil {
		return nil, err
	}
	return changed.eventInvokeConfig(qualifier), nil
}

// eventInvokeConfig shows how asynchronous invocations are tried.
func (f *Function) eventInvokeConfig(qualifier string) *shape.FunctionEventInvokeConfig {
	return &shape.FunctionEventInvokeConfig{
		FunctionArn: new(f.Scope.Function(f.Name, orElse(qualifier, Latest)).String()), LastModified: &f.Async.Modified,
		MaximumRetryAttempts: f.Async.Retries, MaximumEventAgeInSeconds: f.Async.EventAge,
		DestinationConfig: &shape.DestinationConfig{OnSuccess: &shape.OnSuccess{}, OnFailure: &shape.OnFailure{}},
	}
}

// GetFunctionEventInvokeConfig returns how asynchronous invocations are tried,
// if that was ever said.
func (s *Service) GetFunctionEventInvokeConfig(ctx context.Context, in *shape.GetFunctionEventInvokeConfigInput) (*shape.GetFunctionEventInvokeConfigOutput, error) {
	f, qualifier, err := s.find(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if f.Async == nil {
		return nil, errNoEventInvokeConfig(f, qualifier)
	}
	return f.eventInvokeConfig(qualifier), nil
}

// DeleteFunctionEventInvokeConfig goes back to the defaults.
func (s *Service) DeleteFunctionEventInvokeConfig(ctx context.Context, in *shape.DeleteFunctionEventInvokeConfigInput) (*shape.DeleteFunctionEventInvokeConfigOutput, error) {
	f, qualifier, err := s.find(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		if f.Async == nil {
			return errNoEventInvokeConfig(f, qualifier)
		}
		f.Async = nil
		return nil
	})
	return nil, err
}

func errNoEventInvokeConfig(f *Function, qualifier string) error {
	return errNotFound("The function %s doesn't have an EventInvokeConfig", f.Scope.Function(f.Name, orElse(qualifier, Latest)))
}
