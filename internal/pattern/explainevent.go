package pattern

import (
	"fmt"
	"slices"
	"strings"
)

// wantsEvent reports whether the pattern asks for fields that events of a bus
// have at their top.
func (p *Pattern) wantsEvent() bool {
	return slices.ContainsFunc(p.clauses, func(c *clause) bool {
		first, _, _ := strings.Cut(c.path, ".")
		return first == "source" || first == "detail-type" || first == "detail"
	})
}

// notEvent says that the document is something else than an event of a bus,
// which is wanted: the input of PutEvents, what a function got, a part of an
// event.
func (x *explainer) notEvent(wanted bool) []string {
	s := x.surveyed()
	has := func(path string) bool { return s.at(path) != nil }
	// The first spot is the document itself.
	if !wanted || x.doc.Env != nil || s.cut || len(s.spots) <= 1 || has("source") || has("detail-type") || has("detail") {
		return nil
	}
	if has("Entries") || has("Entries.Source") || has("Source") && (has("Detail") || has("DetailType")) {
		return []string{"this looks like the input of PutEvents: rules see Source as source, DetailType as detail-type and Detail as the object detail"}
	}
	for i := range s.spots {
		if above, ok := strings.CutSuffix(s.spots[i].path, ".detail-type"); ok {
			return []string{fmt.Sprintf("the event seems to be what stands at %s: give only that", cut(above))}
		}
	}
	if has("Records") || slices.ContainsFunc(s.spots, func(p spot) bool { return strings.HasPrefix(p.path, "Records.") }) {
		return []string{"this looks like the Records that a function gets from a queue or a stream: give one event of a bus"}
	}
	return []string{"the event has none of source, detail-type and detail: give the whole event, not only what its publisher sent as Detail"}
}

// notPattern says that all of the pattern stands below the name that rules and
// templates give it.
func (x *explainer) notPattern(p *Pattern) []string {
	for _, name := range []string{"EventPattern", "eventPattern", "event_pattern", "Pattern", "pattern"} {
		below := func(c *clause) bool { return strings.HasPrefix(c.path, name+".") }
		if slices.ContainsFunc(p.clauses, below) && !slices.ContainsFunc(p.clauses, func(c *clause) bool { return !below(c) }) &&
			x.surveyed().at(name) == nil {
			return []string{fmt.Sprintf("the pattern seems to be what stands at %s: give only that", name)}
		}
	}
	return nil
}
