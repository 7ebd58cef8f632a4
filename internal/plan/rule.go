package plan

import (
	"fmt"
	"slices"

	"stormbus/internal/board"
)

// reactions plans a rule for each whose event and trigger are known.
func (p *planner) reactions() {
	for _, name := range board.Names(p.board.Reactions) {
		r, item := p.board.Reactions[name], "reactions."+name
		f := p.triggers[r.Do]
		switch why := p.unsent(r.When); {
		case why != "":
			p.missing(item, why)
			continue
		case r.Do == "":
			p.missing(item, until(3, "it does not say what to do"))
			continue
		case p.board.Triggers[r.Do] == nil:
			p.missing(item, until(3, "there is no trigger %s", r.Do))
			continue
		case f == nil && p.board.Handler(r.Do) == "":
			p.missing(item, "triggers."+r.Do+": "+p.unowned(r.Do))
			continue
		case f == nil:
			continue // its trigger is a problem of its own
		}
		rule := Rule{
			Name: name, Description: fmt.Sprintf("Whenever %s, %s", r.When, r.Do), Service: f.Service, From: item, Function: f.Name,
			Pattern: p.pattern(item, []string{r.When}, r.Match),
		}
		if !p.claim(RuleKind, name, maxRuleName, item) {
			continue
		}
		p.retry(&rule, r, f)
		p.plan.Rules = append(p.plan.Rules, rule)
		f.Invokers = append(f.Invokers, name)
		if !slices.Contains(f.Events, r.When) {
			f.Events = append(f.Events, r.When)
		}
	}
	for _, f := range p.triggers {
		slices.Sort(f.Events)
	}
}

// views plans a function for each view and a rule that feeds it.
func (p *planner) views() {
	for _, name := range board.Names(p.board.Views) {
		v, item := p.board.Views[name], "views."+name
		service := p.board.ViewOwner(name)
		if service == "" {
			why, step := p.ownerless(v.Of, v.In)
			p.missing(item, until(step, "%s", why))
			continue
		}
		var events []string
		for _, event := range v.From {
			if why := p.unsent(event); why != "" {
				p.missing(item, why)
				continue
			}
			events = append(events, event)
		}
		if len(events) == 0 {
			if len(v.From) == 0 {
				p.missing(item, until(3, "no event feeds it yet"))
			}
			continue
		}
		slices.Sort(events)
		rule := Rule{
			Name: "view-" + board.Slug(name), Description: "Feeds the view " + name, Service: service, From: item,
			Function: p.name(service, "view", name), Pattern: p.pattern(item, events, nil),
		}
		f := p.function(service, rule.Function, "handlers."+Module("view "+name))
		f.View, f.Cause, f.Events, f.Invokers = name, ByEvents, events, []string{rule.Name}
		if !p.claim(FunctionKind, f.Name, maxFunctionName, item) || !p.claim(RuleKind, rule.Name, maxRuleName, item) {
			continue
		}
		p.plan.Functions = append(p.plan.Functions, *f)
		p.plan.Rules = append(p.plan.Rules, rule)
	}
}
