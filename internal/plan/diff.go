package plan

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"stormbus/internal/schema"
)

// Action is what happens, or would happen, to one resource.
type Action string

// The actions.
const (
	Create    Action = "create"
	Update    Action = "update"
	Delete    Action = "delete"
	Unchanged Action = "unchanged"
	NotServed Action = "not served yet" // the server has no such service
	Kept      Action = "kept"           // nothing wants it any more, but it holds something
)

// Change is what happens to one resource.
type Change struct {
	Action Action   `json:"action"`
	Kind   Kind     `json:"kind"`
	Name   string   `json:"name"`
	Fields []string `json:"fields,omitempty"` // of an Update: what differs
	Note   string   `json:"note,omitempty"`   // of one that is Kept: why, and what to do
}

// Diff returns what has to happen to get from one plan to another, in order of
// kinds and names. It is empty if nothing has to. A nil plan has no resources.
func Diff(from, to *Plan) []Change {
	var changes []Change
	old, wanted := from.byName(), to.byName()
	for _, kind := range Kinds() {
		names := slices.AppendSeq(slices.Collect(maps.Keys(old[kind])), maps.Keys(wanted[kind]))
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			before, was := old[kind][name]
			after, is := wanted[kind][name]
			switch {
			case !was:
				changes = append(changes, Change{Action: Create, Kind: kind, Name: name})
			case !is:
				changes = append(changes, Change{Action: Delete, Kind: kind, Name: name})
			default:
				if fields := differing(before, after); len(fields) > 0 {
					changes = append(changes, Change{Action: Update, Kind: kind, Name: name, Fields: fields})
				}
			}
		}
	}
	return changes
}

// resource is any part of a plan.
type resource struct {
	kind    Kind
	name    string
	service string
	value   any
}

// schemaResource is a schema with what it says, which the plan's JSON leaves to
// the files of the project.
type schemaResource struct {
	Schema
	Detail schema.Schema `json:"detail"`
}

// resources returns all parts of a plan, by kind and name.
func (p *Plan) resources() []resource {
	if p == nil {
		return nil
	}
	all := []resource{{BusKind, p.Bus.Name, "", p.Bus}}
	for _, s := range p.Schemas {
		all = append(all, resource{SchemaKind, s.Name, s.Service, schemaResource{s, s.Detail}})
	}
	for _, q := range p.Queues {
		all = append(all, resource{QueueKind, q.Name, q.Service, q})
	}
	for _, t := range p.Tables {
		all = append(all, resource{TableKind, t.Name, t.Service, t})
	}
	for _, f := range p.Functions {
		all = append(all, resource{FunctionKind, f.Name, f.Service, f})
	}
	for _, r := range p.Rules {
		all = append(all, resource{RuleKind, r.Name, r.Service, r})
	}
	for _, r := range p.Routes {
		all = append(all, resource{RouteKind, r.Name, r.Service, r})
	}
	for _, s := range p.Schedules {
		all = append(all, resource{ScheduleKind, s.Name, s.Service, s})
	}
	for _, s := range p.SignIns {
		all = append(all, resource{SignInKind, s.Name, "", s})
	}
	return all
}

func (p *Plan) byName() map[Kind]map[string]any {
	all := map[Kind]map[string]any{}
	for _, r := range p.resources() {
		if all[r.kind] == nil {
			all[r.kind] = map[string]any{}
		}
		all[r.kind][r.name] = r.value
	}
	return all
}

// differing returns the names of the fields in which two resources of one kind
// differ, as JSON has them.
func differing(a, b any) []string {
	if reflect.DeepEqual(a, b) {
		return nil // as most are
	}
	x, y := fieldsOf(a), fieldsOf(b)
	var names []string
	for name := range x {
		if !bytes.Equal(x[name], y[name]) {
			names = append(names, name)
		}
	}
	for name := range y {
		if _, both := x[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func fieldsOf(v any) map[string]json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("plan: a resource that is not JSON: " + err.Error())
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &fields); err != nil {
		panic("plan: a resource that is no object: " + err.Error())
	}
	return fields
}
