package deploy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/plan"
)

// functionsPath is where Lambda keeps its functions.
const functionsPath = "/2015-03-31/functions/"

// functionState is a function of the server.
type functionState struct {
	FunctionName, Runtime, Role, Handler, CodeSha256 string

	Timeout, MemorySize int
	Environment         struct{ Variables map[string]string }
	DeadLetterConfig    struct{ TargetArn string }

	owned      bool
	invoke     invokeConfig
	statements []statement
}

// invokeConfig says how asynchronous invocations are tried.
type invokeConfig struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
}

func (c invokeConfig) isDefault() bool {
	return c.MaximumRetryAttempts == nil && c.MaximumEventAgeInSeconds == nil
}

// readFunctions lists the functions whose names begin as the plan's do.
func (s *session) readFunctions(ctx context.Context) error {
	marker := ""
	for {
		query := ""
		if marker != "" {
			query = "?Marker=" + url.QueryEscape(marker)
		}
		var out struct {
			Functions  []*functionState
			NextMarker string
		}
		if err := s.lambda(ctx, http.MethodGet, functionsPath+query, nil, &out); err != nil {
			return err
		}
		for _, f := range out.Functions {
			if strings.HasPrefix(f.FunctionName, s.name+"-") {
				s.functions = append(s.functions, f)
			}
		}
		if marker = out.NextMarker; marker == "" {
			break
		}
	}
	return joined(each(ctx, s.functions, s.readFunction))
}

// readFunction reads what a list of functions does not say.
func (s *session) readFunction(ctx context.Context, f *functionState) error {
	var out struct {
		Configuration *functionState
		Tags          map[string]string
	}
	out.Configuration = f
	if err := s.lambda(ctx, http.MethodGet, functionsPath+f.FunctionName, nil, &out); err != nil && !isMissing(err) {
		return err
	}
	if f.owned = out.Tags[Tag] == s.name; !f.owned {
		return nil
	}
	err := s.lambda(ctx, http.MethodGet, invokePath(f.FunctionName), nil, &f.invoke)
	if err != nil && !isMissing(err) {
		return err
	}
	f.statements, err = s.policy(ctx, f.FunctionName)
	return err
}

func invokePath(function string) string {
	return "/2019-09-25/functions/" + function + "/event-invoke-config"
}

// code makes the zips of functions; that of a function that keeps its code is
// nil.
func (s *session) code(ctx context.Context, functions []plan.Function) ([][]byte, error) {
	all := make([][]byte, len(functions))
	if s.Code == nil {
		return all, nil // a dry run that does not look at code
	}
	index := make([]int, len(functions))
	for i := range index {
		index[i] = i
	}
	return all, joined(each(ctx, index, func(_ context.Context, i int) (err error) {
		all[i], err = s.Code(functions[i])
		there := slices.ContainsFunc(s.functions, func(have *functionState) bool { return have.FunctionName == functions[i].Name })
		if errors.Is(err, ErrKeep) && there {
			all[i], err = nil, nil
		}
		if err != nil {
			return fmt.Errorf("the code of the function %s: %w", functions[i].Name, err)
		}
		return nil
	}))
}

// settings are what UpdateFunctionConfiguration takes.
func (s *session) settings(f plan.Function) fields {
	return fields{
		"Runtime": f.Runtime, "Handler": f.Handler(), "Role": s.role(f), "Timeout": int(f.Timeout / time.Second), "MemorySize": f.MemoryMB,
		"Environment": fields{"Variables": f.Environment}, "DeadLetterConfig": fields{"TargetArn": queueARN(s.Scope, f.DeadLetters)},
	}
}

// role is the role that a function runs in: each has its own.
func (s *session) role(f plan.Function) string {
	return "arn:aws:iam::" + s.Scope.Account + ":role/" + f.Name
}

func invokeOf(f plan.Function) invokeConfig {
	c := invokeConfig{MaximumRetryAttempts: f.Retries}
	if f.MaxAge != 0 {
		c.MaximumEventAgeInSeconds = new(int(f.MaxAge / time.Second))
	}
	return c
}

// wantFunction makes a function as the plan has it.
func (s *session) wantFunction(f plan.Function, zip []byte) {
	i := slices.IndexFunc(s.functions, func(have *functionState) bool { return have.FunctionName == f.Name })
	if i < 0 {
		c := s.change(Create, plan.FunctionKind, f.Name)
		s.work(makeFunctions, c, func(ctx context.Context) error { return s.createFunction(ctx, f, zip) })
		return
	}
	have := s.functions[i]
	if !have.owned {
		s.conflict(plan.FunctionKind, f.Name)
		return
	}
	d := s.compareFunction(have, f, zip)
	if len(d.fields) == 0 {
		s.change(Unchanged, plan.FunctionKind, f.Name)
		return
	}
	c := s.change(Update, plan.FunctionKind, f.Name, d.fields...)
	s.work(makeFunctions, c, func(ctx context.Context) error { return s.updateFunction(ctx, f, zip, d) })
	if len(d.stale) > 0 {
		s.work(dropPermissions, c, func(ctx context.Context) error { return s.removePermissions(ctx, f.Name, d.stale) })
	}
}

func (s *session) createFunction(ctx context.Context, f plan.Function, zip []byte) error {
	in := s.settings(f)
	in["FunctionName"], in["Code"], in["Tags"] = f.Name, fields{"ZipFile": zip}, map[string]string{Tag: s.name}
	if f.DeadLetters == "" {
		delete(in, "DeadLetterConfig")
	}
	if err := s.lambda(ctx, http.MethodPost, functionsPath, in, nil); err != nil {
		return err
	}
	if err := s.await(ctx, f.Name); err != nil {
		return err
	}
	if c := invokeOf(f); !c.isDefault() {
		if err := s.lambda(ctx, http.MethodPut, invokePath(f.Name), c, nil); err != nil {
			return err
		}
	}
	return s.addPermissions(ctx, f.Name, s.permissions(f))
}

// updateFunction changes what differs. Code and configuration are two calls, so
// that for a moment new code may run with the old configuration; what fails then
// is tried again by Lambda a minute later.
func (s *session) updateFunction(ctx context.Context, f plan.Function, zip []byte, d difference) error {
	if d.code {
		if err := s.lambda(ctx, http.MethodPut, functionsPath+f.Name+"/code", fields{"ZipFile": zip}, nil); err != nil {
			return err
		}
		if err := s.await(ctx, f.Name); err != nil {
			return err
		}
	}
	if d.settings {
		if err := s.lambda(ctx, http.MethodPut, functionsPath+f.Name+"/configuration", s.settings(f), nil); err != nil {
			return err
		}
		if err := s.await(ctx, f.Name); err != nil {
			return err
		}
	}
	if d.invoke {
		if err := s.setInvoke(ctx, f); err != nil {
			return err
		}
	}
	if err := s.removePermissions(ctx, f.Name, d.wrong); err != nil {
		return err
	}
	return s.addPermissions(ctx, f.Name, d.missing)
}

func (s *session) setInvoke(ctx context.Context, f plan.Function) error {
	c := invokeOf(f)
	if c.isDefault() {
		return s.lambda(ctx, http.MethodDelete, invokePath(f.Name), nil, nil)
	}
	return s.lambda(ctx, http.MethodPut, invokePath(f.Name), c, nil)
}

func (s *session) deleteFunction(f *functionState) {
	c := s.change(Delete, plan.FunctionKind, f.FunctionName)
	s.work(deleteFunctions, c, func(ctx context.Context) error {
		if err := s.lambda(ctx, http.MethodDelete, functionsPath+f.FunctionName, nil, nil); !isMissing(err) {
			return err
		}
		return nil
	})
}

// How a function is awaited, as the waiters of AWS's SDKs do, but sooner.
const (
	maxWait  = time.Second
	patience = 5 * time.Minute
)

// await waits until a function can run as it was last told to.
func (s *session) await(ctx context.Context, name string) error {
	ctx, cancel := clock.WithTimeout(ctx, clock.Real(), patience)
	defer cancel()
	for wait := firstWait; ; wait = min(2*wait, maxWait) {
		var out struct{ State, StateReason, LastUpdateStatus, LastUpdateStatusReason string }
		if err := s.lambda(ctx, http.MethodGet, functionsPath+name+"/configuration", nil, &out); err != nil {
			return err
		}
		switch {
		case out.State == "Failed":
			return fmt.Errorf("it could not be made: %s", out.StateReason)
		case out.LastUpdateStatus == "Failed":
			return fmt.Errorf("it could not be changed: %s", out.LastUpdateStatusReason)
		case out.State != "Pending" && out.LastUpdateStatus != "InProgress":
			return nil
		}
		if err := clock.Sleep(ctx, clock.Real(), wait); err != nil {
			return fmt.Errorf("it is not ready (state %s): %w", out.State, err)
		}
	}
}

// joined is all errors as one, without those of what was not begun.
func joined(errs []error) error {
	return errors.Join(slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, errSkipped) })...)
}
