package events

import (
	"context"
	"errors"
	"strings"
	"time"

	"stormbus/internal/bus"
	"stormbus/internal/event"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// The codes of entries that are refused.
const (
	codeInvalidArgument = "InvalidArgument"
	codeMalformedDetail = "MalformedDetail"
	codeNotAuthorized   = "NotAuthorizedForSourceException"
	codeInternalFailure = "InternalFailure"
	codeThrottling      = "ThrottlingException"
)

// PutEvents publishes events. Each entry is answered in its place; those that are
// refused do not keep the others from being published. It returns when the
// events, and what is to be delivered of them, are stored.
func (s *Service) PutEvents(ctx context.Context, in *shape.PutEventsInput) (*shape.PutEventsOutput, error) {
	if in.EndpointId != nil {
		return nil, errUnsupported("EndpointId")
	}
	if size(in.Entries) >= event.MaxRequestSize {
		return nil, errValidation("Total size of the entries in the request is over the limit.")
	}
	b := s.batches.Get().(*batch)
	defer func() {
		b.clear()
		s.batches.Put(b)
	}()
	req := wire.From(ctx)
	now := s.clock.Now()
	ids, err := event.NewIDs(s.random, len(in.Entries))
	if err != nil {
		return nil, err
	}
	results := make([]shape.PutEventsResultEntry, len(in.Entries))
	failed := int64(0)
	for i := range in.Entries {
		e := &in.Entries[i]
		if refused := check(e); refused != nil {
			results[i] = *refused
			failed++
			continue
		}
		ref := s.referIn(req.Scope, e.EventBusName)
		id, err := s.lookup(ctx, ref)
		if err != nil {
			return nil, apiError(err)
		}
		entry := bus.Entry{Bus: id, BusName: ref.name, Trace: trace(req, e), Event: event.Event{
			ID: ids[i], DetailType: *e.DetailType, Source: *e.Source, Account: req.Scope.Account, Region: req.Scope.Region,
			Time: eventTime(e, now), Resources: e.Resources,
		}}
		if !b.add(entry, *e.Detail) {
			results[i] = *refuse(codeMalformedDetail, "Detail is malformed.")
			failed++
			continue
		}
		results[i].EventId = &ids[i]
	}
	if err := s.bus.Publish(ctx, b.entries); err != nil {
		if ctx.Err() != nil {
			return nil, err // the caller has left
		}
		failed = s.failAll(results, err)
	}
	return &shape.PutEventsOutput{FailedEntryCount: &failed, Entries: results}, nil
}

// size is what AWS charges for a request.
func size(entries []shape.PutEventsRequestEntry) int {
	n := 0
	for i := range entries {
		e := &entries[i]
		n += event.Size(text(e.Source), text(e.DetailType), text(e.Detail), e.Resources, e.Time != nil)
	}
	return n
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// reservedSource is how the sources of AWS's own events begin.
const reservedSource = "aws."

// check returns what an entry is refused with, nil if it is good as far as can be
// seen without reading its detail.
func check(e *shape.PutEventsRequestEntry) *shape.PutEventsResultEntry {
	switch {
	case text(e.Source) == "":
		return missing("Source")
	case text(e.DetailType) == "":
		return missing("DetailType")
	case text(e.Detail) == "":
		return missing("Detail")
	case strings.HasPrefix(*e.Source, reservedSource):
		return refuse(codeNotAuthorized, "Not authorized for the source.")
	case e.Time != nil && (e.Time.UTC().Year() < 0 || e.Time.UTC().Year() > 9999):
		return refuse(codeInvalidArgument, errParameter("Time").Message)
	}
	return nil
}

func missing(name string) *shape.PutEventsResultEntry {
	return refuse(codeInvalidArgument, errParameterReason(name, name+" is a required argument.").Message)
}

func refuse(code, message string) *shape.PutEventsResultEntry {
	return &shape.PutEventsResultEntry{ErrorCode: &code, ErrorMessage: &message}
}

// trace is the trace that an event belongs to: the entry's own, or that of the
// call.
func trace(req wire.Request, e *shape.PutEventsRequestEntry) telemetry.Trace {
	if e.TraceHeader != nil {
		return telemetry.ParseTrace(*e.TraceHeader)
	}
	return req.Trace
}

// eventTime is the time of an event: its own, or when it arrived. Events have
// whole seconds.
func eventTime(e *shape.PutEventsRequestEntry, now time.Time) time.Time {
	if e.Time != nil {
		now = *e.Time
	}
	return now.UTC().Truncate(time.Second)
}

// failAll turns the entries that were to be published into failures, since
// nothing of them was stored. It returns how many entries have failed in all.
func (s *Service) failAll(results []shape.PutEventsResultEntry, err error) int64 {
	failure := refuse(codeThrottling, noSpace)
	if !errors.Is(err, store.ErrReadOnly) {
		failure = refuse(codeInternalFailure, "The event could not be stored; try again.")
		s.log.Error("events could not be published", telemetry.KeyError, err)
	}
	for i := range results {
		if results[i].EventId != nil {
			results[i] = *failure
		}
	}
	return int64(len(results))
}
