package lambda

import (
	"context"

	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/wire"
)

// CreateFunction makes a function of a zip file.
func (s *Service) CreateFunction(ctx context.Context, in *shape.CreateFunctionInput) (*shape.CreateFunctionOutput, error) {
	r, qualifier, err := resolve(ctx, in.FunctionName, nil)
	switch {
	case err != nil:
		return nil, err
	case qualifier != "":
		return nil, errVersionOnly()
	case len(r.name) > maxBareName:
		return nil, errParameter("1 validation error detected: Value '%s' at 'functionName' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", r.name, maxBareName)
	}
	if err := checkNew(in); err != nil {
		return nil, err
	}
	f := &Function{Scope: r.scope, Name: r.name, Tags: in.Tags}
	if f.Settings, err = newSettings(in); err != nil {
		return nil, err
	}
	if _, taken := s.known.get(r); taken {
		return nil, errConflict("Function already exist: %s", r.name) // before the work with its code
	}
	s.blobs.RLock()
	defer s.blobs.RUnlock()
	if f.Code, err = s.keep(ctx, in.Code.ZipFile); err != nil {
		return nil, apiError(err)
	}
	if err := s.insert(ctx, f); err != nil {
		return nil, apiError(err)
	}
	return f.configuration("").pending(), nil
}

// checkNew says what of a new function cannot be.
func checkNew(in *shape.CreateFunctionInput) error {
	switch c := in.Code; {
	case value(in.PackageType) == shape.PackageTypeImage || c.ImageUri != nil || in.ImageConfig != nil:
		return errUnsupported("container images (PackageType Image)")
	case c.S3Bucket != nil || c.S3Key != nil:
		return errUnsupported("code in S3 (S3Bucket, S3Key)")
	case c.ZipFile == nil:
		return errParameter("Please provide a source for function code.")
	case in.Runtime == nil || in.Handler == nil:
		return errParameter("Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	case value(in.Publish) || in.PublishTo != nil:
		return errUnsupported("published versions (Publish)")
	case in.TenancyConfig != nil:
		return errUnsupported("tenant isolation (TenancyConfig)")
	case len(in.Tags) > maxTags:
		return errParameter("Number of tags exceeds resource tag limit.")
	}
	return nil
}

// GetFunction returns everything about a function.
func (s *Service) GetFunction(ctx context.Context, in *shape.GetFunctionInput) (*shape.GetFunctionOutput, error) {
	f, qualifier, err := s.find(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	out := &shape.GetFunctionOutput{
		Configuration: f.configuration(qualifier).active(),
		// There is no Location: the code cannot be downloaded.
		Code: &shape.FunctionCodeLocation{RepositoryType: new("S3")},
		Tags: f.Tags,
	}
	if f.Reserved != nil {
		out.Concurrency = &shape.Concurrency{ReservedConcurrentExecutions: new(int64(*f.Reserved))}
	}
	return out, nil
}

// GetFunctionConfiguration returns how a function is configured.
func (s *Service) GetFunctionConfiguration(ctx context.Context, in *shape.GetFunctionConfigurationInput) (*shape.GetFunctionConfigurationOutput, error) {
	f, qualifier, err := s.find(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	return f.configuration(qualifier).active(), nil
}

// DeleteFunction deletes a function and what waits in its queue.
func (s *Service) DeleteFunction(ctx context.Context, in *shape.DeleteFunctionInput) (*shape.DeleteFunctionOutput, error) {
	r, qualifier, err := resolve(ctx, in.FunctionName, in.Qualifier)
	switch {
	case err != nil:
		return nil, err
	case qualifier == Latest:
		return nil, errParameter("$LATEST version cannot be deleted without deleting the function.")
	case qualifier != "":
		return nil, errNoFunction(r.scope.Function(r.name, qualifier).String())
	}
	return nil, s.remove(ctx, r)
}

// maxPage is how many functions AWS lists at once at most.
const maxPage = 50

// ListFunctions lists the functions of an account in a region by name.
func (s *Service) ListFunctions(ctx context.Context, in *shape.ListFunctionsInput) (*shape.ListFunctionsOutput, error) {
	page, next, err := paginate(s.known.in(wire.From(ctx).Scope), in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &shape.ListFunctionsOutput{Functions: []shape.FunctionConfiguration{}, NextMarker: next}
	qualifier := ""
	if value(in.FunctionVersion) == shape.FunctionVersionAll {
		qualifier = Latest
	}
	for _, f := range page {
		c := f.configuration(qualifier)
		// A list says nothing about states.
		out.Functions = append(out.Functions, shape.FunctionConfiguration(c))
	}
	return out, nil
}

// paginate cuts a page out of functions that are ordered by name.
func paginate(all []*Function, marker *string, limit *int64) (page []*Function, next *string, err error) {
	if marker != nil && *marker != "" {
		after, ok := parseMarker(*marker)
		if !ok {
			return nil, nil, errParameter("Invalid marker: %s", *marker)
		}
		for len(all) > 0 && all[0].Name <= after {
			all = all[1:]
		}
	}
	n := maxPage
	if limit != nil {
		n = int(min(max(*limit, 1), maxPage))
	}
	if len(all) <= n {
		return all, nil, nil
	}
	return all[:n], new(formatMarker(all[n-1].Name)), nil
}

// ListVersionsByFunction lists the one version of a function.
func (s *Service) ListVersionsByFunction(ctx context.Context, in *shape.ListVersionsByFunctionInput) (*shape.ListVersionsByFunctionOutput, error) {
	f, _, err := s.find(ctx, in.FunctionName, nil)
	if err != nil {
		return nil, err
	}
	c := shape.FunctionConfiguration(f.configuration(Latest))
	return &shape.ListVersionsByFunctionOutput{Versions: []shape.FunctionConfiguration{c}}, nil
}

// GetFunctionCodeSigningConfig returns what a function was created with.
func (s *Service) GetFunctionCodeSigningConfig(ctx context.Context, in *shape.GetFunctionCodeSigningConfigInput) (*shape.GetFunctionCodeSigningConfigOutput, error) {
	f, err := s.findUnqualified(ctx, in.FunctionName)
	if err != nil {
		return nil, err
	}
	return &shape.GetFunctionCodeSigningConfigOutput{
		FunctionName: &f.Name, CodeSigningConfigArn: given(f.Settings.CodeSigning),
	}, nil
}
