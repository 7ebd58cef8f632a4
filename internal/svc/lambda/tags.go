package lambda

import (
	"context"
	"maps"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// tagged returns the function whose tags a request is about.
func (s *Service) tagged(ctx context.Context, resource *string) (*Function, error) {
	a, err := arn.Parse(*resource)
	if err != nil {
		return nil, errParameter("The provided ARN is invalid: %s", *resource)
	}
	name, qualifier, ok := a.FunctionName()
	switch {
	case !ok:
		return nil, errUnsupported("tags of anything but functions")
	case qualifier != "":
		return nil, errParameter("Tags on function aliases and versions are not supported. Please specify a function ARN.")
	case a.Region != wire.From(ctx).Scope.Region:
		return nil, errNotFound("Functions from '%s' are not reachable in this region ('%s')", a.Region, wire.From(ctx).Scope.Region)
	}
	f, ok := s.known.get(ref{scope: a.Of(), name: name})
	if !ok {
		return nil, errNoFunction(*resource)
	}
	return f, nil
}

// TagResource adds tags to a function.
func (s *Service) TagResource(ctx context.Context, in *shape.TagResourceInput) (*shape.TagResourceOutput, error) {
	f, err := s.tagged(ctx, in.Resource)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		tags := map[string]string{}
		maps.Copy(tags, f.Tags)
		maps.Copy(tags, in.Tags)
		if len(tags) > maxTags {
			return errParameter("Number of tags exceeds resource tag limit.")
		}
		f.Tags = tags
		return nil
	})
	return nil, err
}

// UntagResource removes tags from a function.
func (s *Service) UntagResource(ctx context.Context, in *shape.UntagResourceInput) (*shape.UntagResourceOutput, error) {
	f, err := s.tagged(ctx, in.Resource)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		for _, k := range in.TagKeys {
			delete(f.Tags, k) // change works on a copy of its own
		}
		return nil
	})
	return nil, err
}

// ListTags returns the tags of a function.
func (s *Service) ListTags(ctx context.Context, in *shape.ListTagsInput) (*shape.ListTagsOutput, error) {
	f, err := s.tagged(ctx, in.Resource)
	if err != nil {
		return nil, err
	}
	out := &shape.ListTagsOutput{Tags: map[string]string{}}
	maps.Copy(out.Tags, f.Tags)
	return out, nil
}
