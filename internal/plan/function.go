package plan

import (
	"slices"
	"strings"
	"time"

	"stormbus/internal/board"
)

// What every function gets unless the board says otherwise.
const (
	defaultRuntime = "python3.13"
	defaultTimeout = 10 * time.Second
	defaultMemory  = 256 // MB
)

// BusVariable is the environment variable that tells a function its bus.
const BusVariable = "EVENT_BUS_NAME"

// The values of a trigger's from that are no item of the board.
const (
	fromReaction = "reaction"
	fromSchedule = "schedule"
)

// functions plans one for each trigger whose service and cause are known.
func (p *planner) functions() {
	for _, name := range board.Names(p.board.Triggers) {
		item := "triggers." + name
		if !p.oneCause(name, item) {
			continue
		}
		service := p.board.Handler(name)
		if service == "" {
			p.missing(item, p.unowned(name))
			continue
		}
		cause, why := p.cause(name)
		if why != "" {
			p.missing(item, why)
			continue
		}
		f := p.function(service, p.name(service, name), "handlers."+Module(name))
		f.Trigger, f.Cause, f.Outcomes = name, cause, slices.Clone(p.board.Outcomes(name))
		if p.claim(FunctionKind, f.Name, maxFunctionName, item) {
			p.triggers[name] = f
		}
	}
}

// function is one with what all functions of a service have in common.
func (p *planner) function(service, name, module string) *Function {
	runtime := defaultRuntime
	if s := p.board.Services[service]; s != nil && s.Runtime != "" {
		runtime = s.Runtime
	}
	return &Function{
		Name: name, Service: service, Folder: folderOf(service), Module: module, Runtime: runtime,
		Timeout: defaultTimeout, MemoryMB: defaultMemory, Environment: map[string]string{BusVariable: p.plan.Bus.Name},
	}
}

// oneCause reports whether a trigger is given in one way only. An event, a
// request and a tick of the clock are different inputs, so that one function
// cannot take two of them.
func (p *planner) oneCause(name, item string) bool {
	t := p.board.Triggers[name]
	var causes []string
	if pulled := p.pulls[name]; len(pulled) > 0 {
		causes = append(causes, "the reaction "+pulled[0])
	}
	if t.HTTP != "" {
		causes = append(causes, "the route "+t.HTTP)
	} else if t.From != "" && t.From != fromReaction && t.From != fromSchedule {
		causes = append(causes, t.From)
	}
	if t.Every != "" || t.From == fromSchedule {
		causes = append(causes, "a schedule")
	}
	if len(causes) < 2 {
		return true
	}
	p.problem("it is pulled by "+strings.Join(causes, " and by ")+", which give it different inputs", "give each a trigger of its own", item)
	return false
}

// cause is what pulls a trigger. why is not "" if that is not known yet.
func (p *planner) cause(name string) (cause Cause, why string) {
	t := p.board.Triggers[name]
	switch known := p.board.Actors[t.From] != nil || p.board.Systems[t.From] != nil; {
	case len(p.pulls[name]) > 0:
		return ByEvents, ""
	case t.From == fromReaction:
		return "", until(3, "no reaction pulls it yet")
	case t.Every != "":
		return BySchedule, ""
	case t.From == fromSchedule:
		return "", until(3, "its schedule has no times yet (every)")
	case t.From != "" && !known:
		return "", until(3, "there is no actor and no system %s", t.From)
	case t.From != "" || t.HTTP != "":
		return ByRequest, ""
	}
	return "", until(3, "nobody gives the command yet")
}

// invoked adds the functions that something invokes, with their ways in.
func (p *planner) invoked() {
	for _, name := range board.Names(p.board.Triggers) {
		f := p.triggers[name]
		if f == nil {
			continue
		}
		t, item := p.board.Triggers[name], "triggers."+name
		switch {
		case f.Cause == ByEvents && len(f.Invokers) == 0:
			p.missing(item, until(3, "no reaction that pulls it is known well enough"))
			continue
		case f.Cause == BySchedule:
			p.plan.Schedules = append(p.plan.Schedules, Schedule{Name: f.Name, Service: f.Service, Expression: t.Every, Function: f.Name})
		case t.HTTP != "" && p.claim(RouteKind, t.HTTP, len(t.HTTP), item):
			p.plan.Routes = append(p.plan.Routes, Route{Name: t.HTTP, Service: f.Service, Function: f.Name, SignIn: p.signIn(t.From)})
		}
		p.reliable(f)
		p.plan.Functions = append(p.plan.Functions, *f)
	}
}
