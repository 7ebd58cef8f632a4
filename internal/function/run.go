package function

import (
	"errors"
	"fmt"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/function/runtimeapi"
)

// sampling is how often the memory of a running function is looked at.
const sampling = 100 * time.Millisecond

// run is one invocation in one environment.
type run struct {
	*environment
	inv    Invocation
	res    Result
	status string // of the report line
}

// invoke runs one invocation. The error says that the environment could not be
// started at all.
func (e *environment) invoke(inv Invocation) (Result, error) {
	r := &run{environment: e, inv: inv}
	cold := !e.used
	e.used = true
	e.journal.begin(inv.RequestID, cold)
	over := false
	if cold {
		var err error
		over, err = r.coldStart()
		<-e.pool.starting
		if err != nil {
			e.broken = true
			return Result{}, err
		}
	}
	e.journal.say("START RequestId: " + inv.RequestID + " Version: " + e.spec.Version)
	r.res.Started = e.pool.host.Now()
	if !over {
		if err := r.handle(); err != nil {
			e.broken = true
			return Result{}, err
		}
		r.res.Duration = e.pool.host.Now().Sub(r.res.Started)
	}
	r.report()
	return r.res, nil
}

// coldStart starts the first process and waits for its initialization. It
// reports whether that ended the invocation.
func (r *run) coldStart() (over bool, err error) {
	begin := r.pool.host.Now()
	if err := r.boot(); errors.Is(err, errNoEntrypoint) {
		r.failed(entrypointDocument(r.inv.RequestID, r.command.path))
		r.status, r.broken = "error", true
		return true, nil
	} else if err != nil {
		return false, err
	}
	limit := r.pool.host.NewTimer(r.pool.cfg.InitTimeout)
	defer limit.Stop()
	state := r.awaitInit(limit)
	took := r.pool.host.Now().Sub(begin)
	switch state {
	case initDone:
		r.res.InitDuration = took
		r.proc.out.drain() // what it wrote comes before the START line
	case initFailed:
		r.broken = true
		r.res.Duration = took
		return true, nil
	case initTimedOut:
		// AWS initializes again, as part of the invocation.
		if _, err := r.shutDown(); err != nil {
			return false, err
		}
		r.journal.say(fmt.Sprintf("INIT_REPORT Init Duration: %s ms\tPhase: init\tStatus: timeout", millis(took)))
	}
	return false, nil
}

// initState says how an initialization ended.
type initState int

const (
	initDone     initState = iota
	initFailed             // the result of the invocation is there
	initTimedOut           // the process still runs
)

// awaitInit waits for the end of the initialization.
func (r *run) awaitInit(limit clock.Timer) initState {
	p := r.proc
	var out runtimeapi.Outcome
	select {
	case out = <-p.api.Initialized():
	case <-p.exited:
		select {
		case out = <-p.api.Initialized(): // it reported an error and ended
		default:
			r.exited()
			return initFailed
		}
	case <-limit.C():
		return initTimedOut
	}
	if out.ErrorType == "" {
		return initDone
	}
	r.failed(out.Payload)
	r.status, r.res.ErrorType = "error", orType(r.res.ErrorType, out.ErrorType)
	r.endProcess()
	return initFailed
}

func orType(named, normalized string) string {
	if named != "" {
		return named
	}
	return normalized
}

// handle gives the event to the runtime and waits for what becomes of it, all
// within the function's timeout. It starts a process if none runs.
func (r *run) handle() error {
	limit := r.pool.host.NewTimer(r.spec.Timeout)
	defer limit.Stop()
	if r.proc != nil && r.proc.ended() {
		r.endProcess() // it ended while it rested
	}
	for again := false; ; again = true {
		if r.proc == nil {
			if err := r.boot(); err != nil {
				return err
			}
			switch r.awaitInit(limit) {
			case initFailed:
				return nil
			case initTimedOut:
				r.timedOut()
				return nil
			}
		}
		retry, err := r.exchange(limit, !again)
		if err != nil || !retry {
			return err
		}
	}
}

// exchange sends the invocation and waits for its outcome. It asks for a retry
// if the process ended without having been given the invocation.
func (r *run) exchange(limit clock.Timer, mayRetry bool) (retry bool, err error) {
	p := r.proc
	call, err := p.api.Send(runtimeapi.Invocation{
		RequestID: r.inv.RequestID, Payload: r.inv.Payload, Deadline: r.res.Started.Add(r.spec.Timeout),
		FunctionARN: r.inv.InvokedARN, Trace: r.inv.Trace.String(), ClientContext: r.inv.ClientContext,
	})
	if err != nil {
		return false, fmt.Errorf("invoke %s: %w", r.spec.Name, err)
	}
	sample := r.pool.host.NewTimer(sampling)
	defer func() { sample.Stop() }()
	for {
		select {
		case out := <-call.Done():
			r.answered(out)
			return false, nil
		case <-p.exited:
			select {
			case out := <-call.Done(): // it answered and ended
				r.answered(out)
			default:
				if mayRetry && p.api.Withdraw(call) {
					r.endProcess()
					return true, nil
				}
				r.exited()
			}
			return false, nil
		case <-limit.C():
			r.timedOut()
			return false, nil
		case <-sample.C():
			if now, _ := p.memory.read(); now > r.spec.MemoryMB {
				p.kill() // AWS's out-of-memory killer; the exit is seen above
			}
			sample = r.pool.host.NewTimer(sampling)
		}
	}
}

// answered takes the outcome that the runtime posted.
func (r *run) answered(out runtimeapi.Outcome) {
	p := r.proc
	p.out.drain()
	_, r.res.MaxMemoryMB = p.memory.read()
	if out.ErrorType == "" {
		r.res.Payload = out.Payload
		return
	}
	r.failed(out.Payload)
	r.res.ErrorType = orType(r.res.ErrorType, out.ErrorType)
}

// exited takes the end of the process for the outcome.
func (r *run) exited() {
	how := r.endProcess()
	r.journal.say("RequestId: " + r.inv.RequestID + " Error: " + exitMessage(how))
	r.journal.say(exitError)
	r.failed(exitDocument(r.inv.RequestID, how))
	r.status = "error"
}

// timedOut takes the end of the time for the outcome.
func (r *run) timedOut() {
	_, r.res.MaxMemoryMB = r.proc.memory.read()
	r.endProcess()
	now := r.pool.host.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	r.journal.say(fmt.Sprintf("%s %s Task timed out after %.2f seconds\n", now, r.inv.RequestID, r.spec.Timeout.Seconds()))
	r.failed(timeoutDocument(r.inv.RequestID, r.spec.Timeout))
	r.status, r.res.TimedOut = "timeout", true
}

// failed makes an error document the result.
func (r *run) failed(document []byte) {
	r.res.Payload, r.res.FunctionError = document, Unhandled
	r.res.ErrorType, r.res.ErrorMessage = describe(document)
}

// endProcess ends the process and tells how it ended.
func (r *run) endProcess() string {
	how, err := r.shutDown()
	if err != nil && !errors.Is(err, ErrClosed) {
		r.pool.log.Warn("a function's process left something behind", "function", r.spec.Name, "error", err)
	}
	return how
}

// report writes the last lines of the log and returns its end with the result.
func (r *run) report() {
	r.journal.say("END RequestId: " + r.inv.RequestID)
	r.journal.say(report{
		requestID: r.inv.RequestID, duration: r.res.Duration, init: r.res.InitDuration, memoryMB: r.spec.MemoryMB,
		mostMB: r.res.MaxMemoryMB, status: r.status, errorType: r.res.ErrorType,
	}.String())
	r.res.Log = r.journal.end()
}
