package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"stormbus/internal/plan"
)

// targetID is the id of a rule's one target.
const targetID = "function"

// ruleState is a rule of the server.
type ruleState struct {
	Name, Arn, EventPattern, Description, State string

	bus     string
	owned   bool
	targets []json.RawMessage
}

// readRules reads the rules of a bus, and what belongs to the plan of them.
func (s *session) readRules(ctx context.Context, bus string) error {
	var rules []*ruleState
	token := ""
	for {
		in, out := fields{"EventBusName": bus}, struct {
			Rules     []*ruleState
			NextToken string
		}{}
		if token != "" {
			in["NextToken"] = token
		}
		if err := s.events(ctx, "ListRules", in, &out); err != nil {
			return err
		}
		rules = append(rules, out.Rules...)
		if token = out.NextToken; token == "" {
			break
		}
	}
	s.rules = append(s.rules, rules...)
	return joined(each(ctx, rules, func(ctx context.Context, r *ruleState) (err error) {
		r.bus = bus
		if r.owned, err = s.owned(ctx, r.Arn); err != nil || !r.owned {
			return err
		}
		r.targets, err = s.targets(ctx, r)
		return err
	}))
}

func (s *session) targets(ctx context.Context, r *ruleState) ([]json.RawMessage, error) {
	var all []json.RawMessage
	token := ""
	for {
		in, out := fields{"EventBusName": r.bus, "Rule": r.Name}, struct {
			Targets   []json.RawMessage
			NextToken string
		}{}
		if token != "" {
			in["NextToken"] = token
		}
		if err := s.events(ctx, "ListTargetsByRule", in, &out); err != nil && !isMissing(err) {
			return nil, err
		}
		all = append(all, out.Targets...)
		if token = out.NextToken; token == "" {
			return all, nil
		}
	}
}

// wantRule makes a rule and its target as the plan has them.
func (s *session) wantRule(r plan.Rule) {
	target := s.target(r)
	i := slices.IndexFunc(s.rules, func(have *ruleState) bool { return have.bus == s.bus && have.Name == r.Name })
	if i < 0 {
		c := s.change(Create, plan.RuleKind, r.Name)
		s.work(makeRules, c, func(ctx context.Context) error {
			if err := s.putRule(ctx, r, s.ours()); err != nil {
				return err
			}
			return s.putTarget(ctx, r, target)
		})
		return
	}
	have := s.rules[i]
	if !have.owned {
		s.conflict(plan.RuleKind, r.Name)
		return
	}
	var differ []string
	if !sameJSON(have.EventPattern, r.PatternText()) {
		differ = append(differ, "pattern")
	}
	if have.Description != r.Description {
		differ = append(differ, "description")
	}
	if have.State != "ENABLED" {
		differ = append(differ, "state")
	}
	put := len(differ) > 0
	strange, right := compareTargets(have.targets, target)
	if !right || len(strange) > 0 {
		differ = append(differ, "target")
	}
	if len(differ) == 0 {
		s.change(Unchanged, plan.RuleKind, r.Name)
		return
	}
	c := s.change(Update, plan.RuleKind, r.Name, differ...)
	s.work(makeRules, c, func(ctx context.Context) error {
		if put {
			if err := s.putRule(ctx, r, nil); err != nil {
				return err
			}
		}
		if !right {
			if err := s.putTarget(ctx, r, target); err != nil {
				return err
			}
		}
		return s.removeTargets(ctx, s.bus, r.Name, strange)
	})
}

// target is the target of a rule, as PutTargets takes it.
func (s *session) target(r plan.Rule) fields {
	t := fields{"Id": targetID, "Arn": s.Scope.Function(r.Function, "").String()}
	retry := fields{}
	if r.Attempts != nil {
		retry["MaximumRetryAttempts"] = *r.Attempts
	}
	if r.MaxAge != 0 {
		retry["MaximumEventAgeInSeconds"] = int(r.MaxAge / time.Second)
	}
	if len(retry) > 0 {
		t["RetryPolicy"] = retry
	}
	if r.DeadLetters != "" {
		t["DeadLetterConfig"] = fields{"Arn": s.Scope.Queue(r.DeadLetters).String()}
	}
	return t
}

// compareTargets says whether the wanted target is there as it should be, and
// the ids of others.
func compareTargets(have []json.RawMessage, wanted fields) (strange []string, right bool) {
	text, err := json.Marshal(wanted)
	if err != nil {
		panic("deploy: a target that is not JSON: " + err.Error())
	}
	for _, one := range have {
		if id := idOf(one); id != targetID {
			strange = append(strange, id)
			continue
		}
		right = sameJSON(string(one), string(text))
	}
	return strange, right
}

// idOf is the id of a target as the server shows it.
func idOf(target json.RawMessage) string {
	var t struct{ Id string }
	if err := json.Unmarshal(target, &t); err != nil {
		return "" // which no target has; the server will say so
	}
	return t.Id
}

func (s *session) putRule(ctx context.Context, r plan.Rule, tags []awsTag) error {
	in := fields{
		"Name": r.Name, "EventBusName": s.bus, "EventPattern": r.PatternText(), "Description": r.Description, "State": "ENABLED",
	}
	if tags != nil {
		in["Tags"] = tags
	}
	return s.events(ctx, "PutRule", in, nil)
}

// failures are the entries of a call that did not succeed.
type failures struct {
	FailedEntries []struct{ TargetId, ErrorCode, ErrorMessage string }
}

func (f failures) err() error {
	for _, one := range f.FailedEntries {
		return fmt.Errorf("target %s: %s: %s", one.TargetId, one.ErrorCode, one.ErrorMessage)
	}
	return nil
}

func (s *session) putTarget(ctx context.Context, r plan.Rule, target fields) error {
	var out failures
	in := fields{"EventBusName": s.bus, "Rule": r.Name, "Targets": []fields{target}}
	if err := s.events(ctx, "PutTargets", in, &out); err != nil {
		return err
	}
	return out.err()
}

func (s *session) removeTargets(ctx context.Context, bus, rule string, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var out failures
	if err := s.events(ctx, "RemoveTargets", fields{"EventBusName": bus, "Rule": rule, "Ids": ids}, &out); err != nil {
		return err
	}
	return out.err()
}

func (s *session) deleteRule(r *ruleState) {
	name := r.Name
	if s.bus != "" && r.bus != s.bus {
		name = r.bus + "/" + r.Name
	}
	c := s.change(Delete, plan.RuleKind, name)
	s.work(deleteRules, c, func(ctx context.Context) error {
		var ids []string
		for _, one := range r.targets {
			ids = append(ids, idOf(one))
		}
		if err := s.removeTargets(ctx, r.bus, r.Name, ids); err != nil && !isMissing(err) {
			return err
		}
		return s.events(ctx, "DeleteRule", fields{"EventBusName": r.bus, "Name": r.Name}, nil)
	})
}

// sameJSON reports whether two texts are the same value of JSON.
func sameJSON(a, b string) bool {
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(x, y)
}
