package cron

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Dialect is the service whose expressions are read.
type Dialect uint8

const (
	// Rules is the dialect of scheduled rules: rate and cron. The unit of a rate
	// is singular for 1 and plural otherwise.
	Rules Dialect = iota
	// Scheduler is the dialect of EventBridge Scheduler: at as well, and units in
	// either form.
	Scheduler
)

// Options say how an expression is to be understood. The zero value is that of a
// scheduled rule.
type Options struct {
	Dialect  Dialect
	Location *time.Location // of cron and at; nil means UTC
	// Start is when a rate fires for the first time; it then fires whenever a
	// whole number of its intervals has passed. With a zero Start a rate counts
	// from the time that Next is asked about.
	Start time.Time
}

// SyntaxError says why an expression was refused. The words of the answer that a
// client gets are the service's.
type SyntaxError struct {
	Expression string
	Reason     string
}

// Error returns the expression and the reason.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("schedule expression %q: %s", e.Expression, e.Reason)
}

// Schedule is a parsed expression. It is immutable and safe for concurrent use.
type Schedule struct {
	next func(after time.Time) (time.Time, bool)
}

// Parse reads an expression. The error, if any, is a *[SyntaxError].
func Parse(expression string, o Options) (*Schedule, error) {
	if o.Location == nil {
		o.Location = time.UTC
	}
	name, inside, ok := strings.Cut(expression, "(")
	if ok {
		inside, ok = strings.CutSuffix(inside, ")")
	}
	if !ok {
		return nil, &SyntaxError{expression, "want name(…)"}
	}
	var s *Schedule
	var reason string
	switch {
	case name == "rate":
		s, reason = parseRate(inside, o)
	case name == "cron":
		s, reason = parseCron(inside, o.Location)
	case name == "at" && o.Dialect == Scheduler:
		s, reason = parseAt(inside, o.Location)
	default:
		reason = "unknown kind of expression"
	}
	if reason != "" {
		return nil, &SyntaxError{expression, reason}
	}
	return s, nil
}

// Next returns the first time after the given one at which the schedule fires.
// It reports false if there is none. The time is in UTC.
func (s *Schedule) Next(after time.Time) (time.Time, bool) {
	t, ok := s.next(after)
	if !ok {
		return time.Time{}, false
	}
	return t.UTC(), true
}

const (
	atFormat = "2006-01-02T15:04:05"
	day      = 24 * time.Hour
)

func parseAt(text string, loc *time.Location) (*Schedule, string) {
	at, err := time.ParseInLocation(atFormat, text, loc)
	if err != nil || len(text) != len(atFormat) {
		return nil, "want at(yyyy-mm-ddThh:mm:ss)"
	}
	return &Schedule{next: func(after time.Time) (time.Time, bool) { return at, at.After(after) }}, ""
}

func parseRate(text string, o Options) (*Schedule, string) {
	number, unit, ok := strings.Cut(text, " ")
	value, err := strconv.ParseUint(number, 10, 32)
	if !ok || err != nil || value == 0 {
		return nil, "want rate(value unit) with a positive value"
	}
	singular, isPlural := strings.CutSuffix(unit, "s")
	if o.Dialect == Rules && isPlural == (value == 1) {
		return nil, "want the unit in the singular for 1, in the plural otherwise"
	}
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": day}
	length, ok := units[singular]
	if !ok {
		return nil, "unknown unit"
	}
	const longest = time.Duration(1<<63 - 1)
	if value > uint64(longest/length) {
		return nil, "value too large"
	}
	every, start := length*time.Duration(value), o.Start
	return &Schedule{next: func(after time.Time) (time.Time, bool) {
		switch {
		case start.IsZero():
			return after.Add(every), true
		case after.Before(start):
			return start, true
		}
		return after.Add(every - since(start, after, every)), true
	}}, ""
}

// since returns how much of an interval has passed at a time, if the first one
// began at start. Times may be further apart than a Duration can tell.
func since(start, at time.Time, every time.Duration) time.Duration {
	const far = 1 << 62 * time.Nanosecond
	for at.Sub(start) > far {
		start = start.Add(far / every * every)
	}
	return at.Sub(start) % every
}
