package plan

import (
	"fmt"
	"time"

	"stormbus/internal/board"
)

// Lambda's own limits of asynchronous invocations. A rule's retry policy only
// covers handing an event over; what becomes of it when the function fails is
// up to these, and to the function's own dead-letter queue.
const (
	maxFunctionRetries = 2
	minFunctionAge     = time.Minute
	maxFunctionAge     = 6 * time.Hour
)

// retention is how long dead letters are kept: as long as a queue can.
const retention = 14 * 24 * time.Hour

// retry sets what a reaction says about failures of delivery on its rule.
func (p *planner) retry(rule *Rule, r *board.Reaction, f *Function) {
	if r.DLQ {
		rule.DeadLetters = deadLetters(f.Name)
	}
	if r.Retry == nil {
		return
	}
	rule.Attempts = r.Retry.Attempts
	if r.Retry.Age == "" {
		return
	}
	age, err := time.ParseDuration(r.Retry.Age)
	if err != nil {
		p.problem(fmt.Sprintf("the age %q is no time", r.Retry.Age), "write it as 90m", rule.From)
	}
	rule.MaxAge = age
}

func deadLetters(function string) string { return function + "-dlq" }

// reliable sets on a function what the reactions that pull it say about failures
// of delivery: the most that any of them asks for, as far as Lambda goes. What a
// reaction does not say is Lambda's default, which is the most.
func (p *planner) reliable(f *Function) {
	retries, age, dlq := 0, time.Duration(0), false
	someRetries, someAge := true, true
	for _, name := range f.Invokers {
		r := p.board.Reactions[name]
		dlq = dlq || r.DLQ
		if r.Retry == nil || r.Retry.Attempts == nil {
			someRetries = false
		} else {
			retries = max(retries, min(*r.Retry.Attempts, maxFunctionRetries))
		}
		if r.Retry == nil || r.Retry.Age == "" {
			someAge = false
		} else if d, err := time.ParseDuration(r.Retry.Age); err == nil { // told by retry if not
			age = max(age, min(max(d, minFunctionAge), maxFunctionAge))
		}
	}
	if len(f.Invokers) == 0 {
		return
	}
	if someRetries {
		f.Retries = &retries
	}
	if someAge {
		f.MaxAge = age
	}
	if dlq {
		f.DeadLetters = deadLetters(f.Name)
		p.plan.Queues = append(p.plan.Queues, Queue{
			Name: f.DeadLetters, Service: f.Service, From: "triggers." + f.Trigger, Retention: retention,
		})
	}
}
