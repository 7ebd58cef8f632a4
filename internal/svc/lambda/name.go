package lambda

import (
	"context"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/wire"
)

// resolve reads what a request says about which function it means: a name, a
// partial or a whole ARN, and a qualifier in it or beside it.
func resolve(ctx context.Context, name, qualifier *string) (ref, string, error) {
	caller := wire.From(ctx).Scope
	bare, within, scope, ok := arn.SplitFunction(strings.TrimPrefix(*name, "function:"))
	if !ok {
		return ref{}, "", errNoFunction(*name)
	}
	if scope.Region != "" && scope.Region != caller.Region {
		return ref{}, "", errNotFound("Functions from '%s' are not reachable in this region ('%s')", scope.Region, caller.Region)
	}
	r := ref{scope: caller, name: bare}
	if scope.Account != "" {
		r.scope.Account = scope.Account
	}
	beside := value(qualifier)
	if within != "" && beside != "" && within != beside {
		return ref{}, "", errParameter("The derived qualifier from the function name does not match the specified qualifier.")
	}
	if within == "" {
		within = beside
	}
	return r, within, nil
}

// find returns the function that a request means, and the qualifier that it
// was asked by.
func (s *Service) find(ctx context.Context, name, qualifier *string) (*Function, string, error) {
	r, q, err := resolve(ctx, name, qualifier)
	if err != nil {
		return nil, "", err
	}
	f, ok := s.known.get(r)
	if !ok || q != "" && q != Latest {
		return nil, "", errNoFunction(r.scope.Function(r.name, q).String())
	}
	return f, q, nil
}

// findUnqualified is find for what only a function has.
func (s *Service) findUnqualified(ctx context.Context, name *string) (*Function, error) {
	r, q, err := resolve(ctx, name, nil)
	if err != nil {
		return nil, err
	}
	if q != "" {
		return nil, errVersionOnly()
	}
	f, ok := s.known.get(r)
	if !ok {
		return nil, errNoFunction(r.arn().String())
	}
	return f, nil
}

// value is what p points to, or the zero value.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// given is a pointer to v, nil for the zero value.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
