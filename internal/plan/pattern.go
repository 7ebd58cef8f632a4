package plan

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"stormbus/internal/pattern"
)

// pattern is the pattern of a rule for events, and of a reaction's further
// conditions. It accepts the former names of events and services, too, because
// stored events and other teams still use them.
func (p *planner) pattern(item string, events []string, match map[string]any) any {
	var sources, types []string
	for _, event := range events {
		producer := p.board.Producer(event)
		sources = append(sources, p.board.Source(producer))
		if was := p.board.Services[producer].Was; was != "" {
			sources = append(sources, p.board.Source(was))
		}
		types = append(types, event)
		if was := p.board.Events[event].Was; was != "" {
			types = append(types, was)
		}
	}
	whole := map[string]any{}
	for key, value := range match {
		clean, err := plainJSON(value)
		if err != nil {
			p.problem(fmt.Sprintf("match.%s: %v", key, err), "write it as in JSON, texts in quotes", item)
			return nil
		}
		whole[key] = clean
	}
	for key, values := range map[string][]string{"source": unique(sources), "detail-type": unique(types)} {
		narrowed, ok := narrow(values, whole[key])
		if !ok {
			p.problem(fmt.Sprintf("match has a %s of its own, and the event has %s", key, strings.Join(values, " or ")),
				"remove it from match: the rule asks for it already", item)
			return nil
		}
		whole[key] = narrowed
	}
	p.compiles(item, whole)
	return whole
}

// narrow is what a match leaves of the values of a field: all, or those that it
// lists. It may list nothing else.
func narrow(values []string, match any) ([]any, bool) {
	var all []any
	for _, v := range values {
		all = append(all, v)
	}
	if match == nil {
		return all, true
	}
	listed, ok := match.([]any)
	if !ok || len(listed) == 0 {
		return nil, false
	}
	for _, v := range listed {
		if !slices.Contains(all, v) {
			return nil, false
		}
	}
	return slices.DeleteFunc(all, func(v any) bool { return !slices.Contains(listed, v) }), true
}

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// maxWildcards is how many rules of one bus may have wildcards. AWS does not
// raise it.
const maxWildcards = 30

// compiles asks the engine whether AWS takes a pattern.
func (p *planner) compiles(item string, whole map[string]any) {
	compiled, err := pattern.Compile(patternText(whole), pattern.Classic, pattern.StrictAWS(pattern.Classic))
	if err == nil {
		if compiled.HasWildcard() {
			p.wildcards = append(p.wildcards, item)
		}
		return
	}
	reason := err.Error()
	if syntax := (*pattern.SyntaxError)(nil); errors.As(err, &syntax) {
		reason = syntax.Reason
	}
	p.problem("EventBridge would refuse the pattern: "+reason, "see docs/patterns.md for what a pattern may say", item)
}

// PatternText returns the rule's pattern as compact JSON.
func (r *Rule) PatternText() string { return string(patternText(r.Pattern)) }

// patternText writes a pattern as compact JSON. Without the escapes that HTML
// needs: they would count against its length.
func patternText(v any) []byte {
	text, err := plainText(v)
	if err != nil {
		panic("plan: a pattern that is not JSON: " + err.Error()) // plainJSON lets nothing else through
	}
	return text
}

// plainJSON copies a value of a board as far as it is a value of JSON.
func plainJSON(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int, int64, uint64:
		return v, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%v is no number of JSON", v)
		}
		return v, nil
	case []any:
		list := make([]any, len(v))
		for i, one := range v {
			var err error
			if list[i], err = plainJSON(one); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			var err error
			if object[key], err = plainJSON(v[key]); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return nil, fmt.Errorf("%v is read as something else than text, number or truth", v)
}
