package main

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// load reads a model and adds the overlays of a package: first what is newer
// (<package>.*.json), then what we know ourselves (<package>.json). A service
// without a model in the module is its overlays alone.
func load(models, overlays string, s listed) (*model, error) {
	m := &model{Operations: map[string]*operation{}, Shapes: map[string]*shape{}}
	if s.Dir != noDir {
		var err error
		if m, err = readModel(filepath.Join(models, s.Dir, "api-2.json")); err != nil {
			return nil, err
		}
	}
	files, err := filepath.Glob(filepath.Join(overlays, s.Package+".*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	for _, file := range append(files, filepath.Join(overlays, s.Package+".json")) {
		more, err := readModel(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		m.add(more)
	}
	m.dropReplaced()
	return m, nil
}

// dropReplaced removes deprecated operations that have the method and the path
// of another: no request could be told to be theirs. S3 has some.
func (m *model) dropReplaced() {
	if !strings.HasPrefix(m.Metadata.Protocol, "rest-") {
		return
	}
	now := map[string]bool{}
	place := func(op *operation) string { return op.HTTP.Method + " " + op.HTTP.RequestURI }
	for _, op := range m.Operations {
		if !op.Deprecated {
			now[place(op)] = true
		}
	}
	maps.DeleteFunc(m.Operations, func(_ string, op *operation) bool { return op.Deprecated && now[place(op)] })
}

// add merges an overlay into m. It can add operations, shapes, members, traits
// and enum values, can replace a constraint and can make members optional; it
// can take nothing else away.
func (m *model) add(more *model) {
	m.Origin = or(more.Origin, m.Origin)
	m.Metadata.add(more.Metadata)
	for name, op := range more.Operations {
		if old, known := m.Operations[name]; known {
			old.add(op)
		} else {
			m.Operations[name] = op
		}
	}
	for name, s := range more.Shapes {
		if old, known := m.Shapes[name]; known {
			old.add(s)
		} else {
			m.Shapes[name] = s
		}
	}
}

func (m *metadata) add(more metadata) {
	for _, f := range []struct {
		old *string
		add string
	}{
		{&m.APIVersion, more.APIVersion},
		{&m.ServiceID, more.ServiceID},
		{&m.EndpointPrefix, more.EndpointPrefix},
		{&m.SigningName, more.SigningName},
		{&m.Protocol, more.Protocol},
		{&m.JSONVersion, more.JSONVersion},
		{&m.TargetPrefix, more.TargetPrefix},
		{&m.XMLNamespace, more.XMLNamespace},
		{&m.ErrorNamespace, more.ErrorNamespace},
		{&m.InternalError, more.InternalError},
		{&m.ValidationError, more.ValidationError},
	} {
		*f.old = or(f.add, *f.old)
	}
	m.Protocols = union(m.Protocols, more.Protocols)
	if more.AWSQueryCompatible != nil {
		m.AWSQueryCompatible = more.AWSQueryCompatible
	}
	m.Lenient = m.Lenient || more.Lenient
	m.MaxBody = max(m.MaxBody, more.MaxBody)
}

// add takes over what an overlay says of an operation that the model knows.
// Its method and path stay: old clients use them.
func (op *operation) add(more *operation) {
	op.Input = op.Input.with(more.Input)
	op.Output = op.Output.with(more.Output)
	if more.HTTPChecksum != nil {
		op.HTTPChecksum = more.HTTPChecksum
	}
	op.Auth = union(op.Auth, more.Auth)
	op.AuthType = or(more.AuthType, op.AuthType)
	op.Endpoint.HostPrefix = or(more.Endpoint.HostPrefix, op.Endpoint.HostPrefix)
	op.MaxBody = max(op.MaxBody, more.MaxBody)
}

// add merges an overlay's shape into s.
func (s *shape) add(more *shape) {
	s.Type = or(more.Type, s.Type)
	s.addMembers(more.Members)
	s.Required = union(s.Required, more.Required)
	s.Required = slices.DeleteFunc(s.Required, func(name string) bool { return slices.Contains(more.Optional, name) })
	for _, part := range []struct{ old, more *ref }{{s.Member, more.Member}, {s.Key, more.Key}, {s.Value, more.Value}} {
		if part.old != nil && part.more != nil {
			part.old.add(*part.more)
		}
	}
	s.Enum = union(s.Enum, more.Enum)
	s.Pattern = or(more.Pattern, s.Pattern)
	if more.Min != "" {
		s.Min = more.Min
	}
	if more.Max != "" {
		s.Max = more.Max
	}
	if more.Error != nil {
		s.Error = more.Error
	}
	s.Sensitive = s.Sensitive || more.Sensitive
	s.Unpublished = append(s.Unpublished, more.Unpublished...)
	s.MediaType = or(more.MediaType, s.MediaType)
}

// addMembers merges an overlay's members. If one of them is new, those that the
// overlay lists come first, in its order.
func (s *shape) addMembers(more members) {
	var all members
	for _, m := range more {
		if old := s.member(m.Name); old != nil {
			old.add(m.Ref)
			m.Ref = *old
		}
		all = append(all, m)
	}
	if !slices.ContainsFunc(all, func(m member) bool { return s.member(m.Name) == nil }) {
		return
	}
	for _, old := range s.Members {
		if !slices.ContainsFunc(all, func(m member) bool { return m.Name == old.Name }) {
			all = append(all, old)
		}
	}
	s.Members = all
}

func (s *shape) member(name string) *ref {
	for i := range s.Members {
		if s.Members[i].Name == name {
			return &s.Members[i].Ref
		}
	}
	return nil
}

// add takes over the names that only an overlay knows. The shape stays.
func (r *ref) add(more ref) {
	r.QueryName = or(more.QueryName, r.QueryName)
	if r.LocationName == "" {
		r.LocationName = more.LocationName
	}
}

// with returns r, or what an overlay says where the model says nothing.
func (r *ref) with(more *ref) *ref {
	if r == nil || more == nil {
		return cmp.Or(r, more)
	}
	r.add(*more)
	return r
}

// union returns a with what b has beyond it.
func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
