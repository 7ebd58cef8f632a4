package plan

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// WriteText writes the plan for people: a summary, then each service with what
// it has, then what is missing.
func (p *Plan) WriteText(w io.Writer) error {
	t := &text{}
	all := p.resources()
	p.summary(t, all)
	var services []string
	for _, r := range all {
		if r.service != "" {
			services = append(services, r.service)
		}
	}
	slices.Sort(services)
	for _, service := range slices.Compact(services) {
		t.line("\n%s  %s", service, folderOf(service))
		for _, r := range all {
			if r.service == service {
				t.resource(r)
			}
		}
	}
	if len(p.SignIns) > 0 {
		t.line("\nsign-ins")
		for _, r := range all {
			if r.kind == SignInKind {
				t.resource(r)
			}
		}
	}
	if len(p.Missing) > 0 {
		t.line("\nmissing")
		t.missing(p.Missing)
	}
	_, err := io.WriteString(w, t.String())
	return err
}

// summary counts the resources.
func (p *Plan) summary(t *text, all []resource) {
	var served, planned []string
	for _, kind := range Kinds() {
		n := 0
		for _, r := range all {
			if r.kind == kind {
				n++
			}
		}
		switch {
		case n == 0 || kind == BusKind:
		case kind.Served():
			served = append(served, kind.count(n))
		default:
			planned = append(planned, kind.count(n))
		}
	}
	t.line("%s: %s", p.Name, strings.Join(append([]string{"bus " + p.Bus.Name}, served...), ", "))
	if len(planned) > 0 {
		t.line("not served yet: %s", strings.Join(planned, ", "))
	}
}

// count is a number of resources in words: 1 queue, 2 queues.
func (k Kind) count(n int) string {
	if n == 1 {
		return "1 " + string(k)
	}
	return fmt.Sprintf("%d %ss", n, k)
}

type text struct{ strings.Builder }

func (t *text) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

// resource writes a resource in a line, and details below it.
func (t *text) resource(r resource) {
	head, details := describe(r.value)
	if !r.kind.Served() {
		head += "  (not served yet)"
	}
	t.line("  %-8s  %s", r.kind, head)
	for _, detail := range details {
		t.line("            %s", detail)
	}
}

func describe(v any) (head string, details []string) {
	switch v := v.(type) {
	case Queue:
		return fmt.Sprintf("%s  kept for %d days", v.Name, v.Retention/(24*time.Hour)), nil
	case Table:
		return fmt.Sprintf("%s  key %s", v.Name, v.Key), nil
	case Function:
		return describeFunction(v)
	case Rule:
		head = v.Name + " → " + v.Function
		details = []string{v.PatternText()}
		if failures := failures(v.Attempts, v.MaxAge, v.DeadLetters); failures != "" {
			details = append(details, "not delivered: "+failures)
		}
		return head, details
	case Route:
		head = v.Name + " → " + v.Function
		if v.SignIn != "" {
			head += ", signed in as " + v.SignIn
		}
		return head, nil
	case Schedule:
		return v.Expression + " → " + v.Function, nil
	case SignIn:
		return v.Name + "  " + v.Auth, nil
	}
	s := v.(schemaResource)
	return fmt.Sprintf("%s  version %d", s.Name, s.Version), nil
}

func describeFunction(f Function) (head string, details []string) {
	details = []string{fmt.Sprintf("%s  %s  %s  %d MB", f.Handler(), f.Runtime, short(f.Timeout), f.MemoryMB)}
	given := "a request"
	switch f.Cause {
	case ByEvents:
		given = strings.Join(f.Events, ", ")
	case BySchedule:
		given = "a tick of the clock"
	}
	if len(f.Outcomes) > 0 {
		given += " → " + strings.Join(f.Outcomes, ", ")
	}
	details = append(details, given)
	if failures := failures(f.Retries, f.MaxAge, f.DeadLetters); failures != "" {
		details = append(details, "failed: "+failures)
	}
	return f.Name, details
}

// failures says what becomes of an event that could not be handled; it is "" if
// the defaults hold.
func failures(retries *int, age time.Duration, queue string) string {
	var all []string
	switch {
	case retries == nil:
	case *retries == 1:
		all = append(all, "1 retry")
	default:
		all = append(all, fmt.Sprintf("%d retries", *retries))
	}
	if age != 0 {
		all = append(all, "given up after "+short(age))
	}
	switch {
	case queue == "":
	case len(all) == 0:
		all = append(all, "to "+queue)
	default:
		all = append(all, "then to "+queue)
	}
	return strings.Join(all, ", ")
}

// short is a time without parts that are zero: 1h and not 1h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func (t *text) missing(all []Missing) {
	width := 0
	for _, m := range all {
		width = max(width, len(m.Item))
	}
	for _, m := range all {
		t.line("  %-*s  %s", width, m.Item, m.Why)
	}
}
