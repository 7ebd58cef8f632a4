// Package deploy makes a server run a plan, through AWS's public APIs only: what
// it does, a person with the AWS CLI could do, and any endpoint that speaks them
// will do.
//
// Everything that it makes carries the tag [Tag] with the name of the plan. It
// changes and deletes only what carries it. What is as the plan says is not
// written to, so that deploying twice changes nothing.
package deploy

import (
	"context"
	"errors"

	"stormbus/internal/arn"
	"stormbus/internal/cli/aws"
	"stormbus/internal/plan"
)

// Tag is the key of the tag that says which plan a resource belongs to.
const Tag = "stormbus:board"

// Change is what happens to one resource.
type Change = plan.Change

// Action is what happens, or would happen, to one resource.
type Action = plan.Action

// The actions.
const (
	Create    = plan.Create
	Update    = plan.Update
	Delete    = plan.Delete
	Unchanged = plan.Unchanged
	NotServed = plan.NotServed
	Kept      = plan.Kept
)

// Deployer applies plans to one server. It is not safe for concurrent use.
type Deployer struct {
	Client *aws.Client
	Scope  arn.Scope // the Client's region and account
	// Code returns the zip with a function's code. The same code must give the
	// same bytes: a function is written to if they differ. It may be called by
	// several goroutines at once. With [ErrKeep] a function keeps the code that it
	// has. A Deployer that only plans may have none; then code is not compared.
	Code func(plan.Function) ([]byte, error)
}

// ErrKeep is what Code returns for a function that is there and keeps the code
// that it has.
var ErrKeep = errors.New("the code stays as it is, but there is none yet")

// Plan says what Apply would do, and does nothing. There is a change for each
// resource of the plan, and for each that nothing wants any more, in the order
// in which they are dealt with.
func (d *Deployer) Plan(ctx context.Context, p *plan.Plan) ([]Change, error) {
	s, err := d.compare(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.all(), nil
}

// Apply makes the server run a plan. It says what it did; that are the changes
// that came to their end, if there is an error, and the next Apply does the rest.
//
// The order is safe for traffic: what refers to something is made after it and
// deleted before it. Dead-letter queues that hold messages are kept.
func (d *Deployer) Apply(ctx context.Context, p *plan.Plan) ([]Change, error) {
	if d.Code == nil {
		return nil, errors.New("there is no code to deploy")
	}
	s, err := d.compare(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.run(ctx)
}

// Remove deletes what a plan of this name has left on the server, its bus too.
// Dead-letter queues that hold messages are kept.
func (d *Deployer) Remove(ctx context.Context, name string) ([]Change, error) {
	s := &session{Deployer: d, name: name}
	if err := s.read(ctx, ""); err != nil {
		return nil, err
	}
	s.leftovers(&plan.Plan{})
	for _, b := range s.buses {
		if b.owned {
			s.deleteBus(b)
		}
	}
	return s.run(ctx)
}

// compare finds out what has to be done for a plan.
func (d *Deployer) compare(ctx context.Context, p *plan.Plan) (*session, error) {
	s := &session{Deployer: d, name: p.Name, bus: p.Bus.Name}
	if err := s.read(ctx, p.Bus.Name); err != nil {
		return nil, err
	}
	code, err := s.code(ctx, p.Functions)
	if err != nil {
		return nil, err
	}
	s.wantBus()
	for _, q := range p.Queues {
		s.wantQueue(q)
	}
	for i, f := range p.Functions {
		s.wantFunction(f, code[i])
	}
	for _, r := range p.Rules {
		s.wantRule(r)
	}
	s.leftovers(p)
	for _, c := range plan.Diff(nil, p) {
		if !c.Kind.Served() {
			s.changes = append(s.changes, &Change{Action: NotServed, Kind: c.Kind, Name: c.Name})
		}
	}
	return s, errors.Join(s.conflicts...)
}

// leftovers deletes what the plan no longer has.
func (s *session) leftovers(p *plan.Plan) {
	rules, functions, queues := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range p.Rules {
		rules[r.Name] = true
	}
	for _, f := range p.Functions {
		functions[f.Name] = true
	}
	for _, q := range p.Queues {
		queues[q.Name] = true
	}
	for _, r := range s.rules {
		if r.owned && (r.bus != s.bus || !rules[r.Name]) {
			s.deleteRule(r)
		}
	}
	for _, f := range s.functions {
		if f.owned && !functions[f.FunctionName] {
			s.deleteFunction(f)
		}
	}
	for _, q := range s.queues {
		if q.owned && !queues[q.name] {
			s.deleteQueue(q)
		}
	}
}
