package delivery

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"stormbus/internal/lineage"
	"stormbus/internal/telemetry"
)

// attempt tries to move each job of a batch on, and settles the outcomes.
func (st *station) attempt(batch []*job) {
	def := st.lane.def.Load()
	var outcomes []outcome
	var jobs []*job
	var ds []Delivery
	var letters []*job
	for _, j := range batch {
		switch {
		case j.lost:
			outcomes = append(outcomes, st.drop(j, "", "the event is no longer stored"))
		case j.stage == stageLetter:
			letters = append(letters, j)
		default:
			d, err := st.delivery(def, j)
			if err != nil {
				outcomes = append(outcomes, st.failedInput(def, j, err))
				continue
			}
			jobs, ds = append(jobs, j), append(ds, d)
		}
	}
	if len(ds) > 0 {
		for i, err := range st.deliver(def, ds) {
			outcomes = append(outcomes, st.judge(def, jobs[i], err))
		}
	}
	outcomes = append(outcomes, st.sendLetters(def, letters)...)
	st.settle(batch, outcomes)
}

// delivery is what the target sees of a job.
func (st *station) delivery(def *Lane, j *job) (d Delivery, err error) {
	d = Delivery{
		ID: j.id(), EventID: j.eventID, Event: j.body.Event, Payload: j.body.Event,
		Rule: def.Rule, TargetARN: def.TargetARN, Attempt: j.attempts + 1, Accepted: j.body.Accepted,
		Cause: j.cause, Meta: j.body.Meta,
	}
	if j.body.Trace != "" {
		d.Trace = telemetry.ParseTrace(j.body.Trace)
	}
	if def.Input == nil {
		return d, nil
	}
	defer st.recovered(def, "input", &err)
	d.Payload, err = def.Input(d.Event, d.Accepted)
	return d, err
}

// deliver calls the target and makes sure that there is one outcome for each
// delivery.
func (st *station) deliver(def *Lane, ds []Delivery) []error {
	errs, err := st.call(def, ds)
	if err == nil && len(errs) != len(ds) {
		err = fmt.Errorf("the target returned %d outcomes for %d deliveries", len(errs), len(ds))
		st.lane.engine.log.Error("a target broke its contract", telemetry.KeyTarget, def.TargetARN, telemetry.KeyError, err)
	}
	if err != nil {
		errs = make([]error, len(ds))
		for i := range errs {
			errs[i] = err
		}
	}
	return errs
}

func (st *station) call(def *Lane, ds []Delivery) (errs []error, err error) {
	defer st.recovered(def, "target", &err)
	return def.Target.Deliver(st.lane.engine.work, ds), nil
}

// recovered turns a panic of somebody else's code into a failure.
func (st *station) recovered(def *Lane, who string, err *error) {
	if r := recover(); r != nil {
		st.lane.engine.log.Error("a "+who+" panicked", telemetry.KeyTarget, def.TargetARN,
			telemetry.KeyError, r, "stack", string(debug.Stack()))
		*err = &Failure{Code: CodeInternalError, Message: fmt.Sprintf("the %s panicked: %v", who, r)}
	}
}

// failureOf returns err as a Failure.
func failureOf(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{Code: CodeInternalError, Message: err.Error()}
}

// failedInput is the outcome of a job whose payload could not be made.
func (st *station) failedInput(def *Lane, j *job, err error) outcome {
	if errors.Is(err, ErrNothing) {
		return st.drop(j, "", err.Error())
	}
	f, ok := errors.AsType[*Failure](err)
	if !ok {
		f = &Failure{Code: CodeInvalidParameter, Message: err.Error(), Permanent: true}
	}
	return st.judge(def, j, f)
}

// judge says what follows an attempt.
func (st *station) judge(def *Lane, j *job, err error) outcome {
	if err == nil {
		return outcome{job: j, end: delivered, records: []lineage.Record{
			{Kind: lineage.Delivered, EventID: j.subject(), Delivery: j.id(), Attempt: j.attempts + 1},
		}}
	}
	e := st.lane.engine
	if e.work.Err() != nil {
		return outcome{job: j, end: cancelled}
	}
	f, now, next := failureOf(err), e.clock.Now(), j.row
	next.attempts++
	if !f.Free {
		next.charged++
	}
	next.code, next.message = short(f.Code), short(f.Message)
	failed := lineage.Record{
		Kind: lineage.AttemptFailed, EventID: j.subject(), Delivery: j.id(), Attempt: next.attempts,
		Code: next.code, Message: next.message,
	}
	delay, again, limit := def.Policy.next(&next, f, now.Sub(j.body.Accepted), func(retry int) time.Duration {
		return e.backoff(def.Policy, retry)
	})
	if again {
		failed.Due = now.Add(delay)
		return outcome{job: j, end: failedAttempt, next: &next, due: failed.Due, records: []lineage.Record{failed}}
	}
	next.exhausted = limit
	if def.DeadLetter == nil {
		j.row = next
		o := st.drop(j, next.code, next.message)
		o.records = append([]lineage.Record{failed}, o.records...)
		return o
	}
	next.stage = stageLetter
	o := outcome{job: j, end: failedAttempt, next: &next, due: now, records: []lineage.Record{failed}}
	if next.bodyKey != nil {
		// From here on nothing limits the time, so the job must not depend on a
		// row that is kept for a limited time.
		next.bodyKey = nil
		o.body = AppendBody(nil, j.body)
	}
	return o
}

// drop is the outcome of a job that ends without having reached anything.
func (st *station) drop(j *job, code, message string) outcome {
	st.lane.engine.log.Warn("a delivery was dropped", telemetry.KeyEventID, j.subject(),
		telemetry.KeyTarget, st.lane.def.Load().TargetARN, telemetry.KeyAttempt, j.attempts, "code", code, telemetry.KeyError, message)
	return outcome{job: j, end: dropped, records: []lineage.Record{{
		Kind: lineage.Dropped, EventID: j.subject(), Delivery: j.id(), Attempt: j.attempts,
		Code: code, Message: message, Exhausted: string(j.exhausted),
	}}}
}

// sendLetters sends dead letters, all at once.
func (st *station) sendLetters(def *Lane, letters []*job) []outcome {
	outcomes := make([]outcome, len(letters))
	var all sync.WaitGroup
	for i, j := range letters {
		all.Go(func() { outcomes[i] = st.sendLetter(def, j) })
	}
	all.Wait()
	return outcomes
}

func (st *station) sendLetter(def *Lane, j *job) outcome {
	if def.DeadLetter == nil {
		return st.drop(j, j.code, "the dead-letter queue was removed: "+j.message)
	}
	err := st.send(def, j)
	if err == nil {
		return outcome{job: j, end: deadLettered, records: []lineage.Record{{
			Kind: lineage.DeadLettered, EventID: j.subject(), Delivery: j.id(), Attempt: j.attempts,
			Queue: def.DeadLetterARN, Code: j.code, Message: j.message, Exhausted: string(j.exhausted),
		}}}
	}
	e := st.lane.engine
	if e.work.Err() != nil {
		return outcome{job: j, end: cancelled}
	}
	f := failureOf(err)
	if f.Permanent {
		return st.drop(j, f.Code, "the dead-letter queue refused it: "+f.Message)
	}
	e.log.Warn("a dead letter could not be sent; trying again", telemetry.KeyEventID, j.subject(),
		telemetry.KeyQueue, def.DeadLetterARN, telemetry.KeyError, err)
	next := j.row
	next.letters++
	delay := e.backoff(Policy{}, next.letters)
	return outcome{job: j, end: failedLetter, next: &next, due: e.clock.Now().Add(delay)}
}

func (st *station) send(def *Lane, j *job) (err error) {
	defer st.recovered(def, "dead-letter queue", &err)
	d := Delivery{
		ID: j.id(), EventID: j.eventID, Event: j.body.Event, Rule: def.Rule, TargetARN: def.TargetARN,
		Attempt: j.attempts, Accepted: j.body.Accepted, Cause: j.cause, Meta: j.body.Meta,
		Trace: telemetry.ParseTrace(j.body.Trace),
	}
	return def.DeadLetter.Send(st.lane.engine.work, DeadLetterMessage{
		Lane: st.lane.id, Delivery: d, Code: j.code, Message: j.message, Exhausted: j.exhausted,
	})
}

// maxMessage is how much of an error's text is kept.
const maxMessage = 1024

func short(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxMessage {
		return s
	}
	return strings.ToValidUTF8(s[:maxMessage], "")
}
