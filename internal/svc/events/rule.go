package events

import (
	"context"
	"slices"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/pattern"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// PutRule makes a rule, or replaces all that a rule says and keeps its targets
// and tags.
func (s *Service) PutRule(ctx context.Context, in *shape.PutRuleInput) (*shape.PutRuleOutput, error) {
	ref := s.refer(ctx, in.EventBusName)
	compiled, err := s.checkRule(ref, in)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	r := &rule{
		Scope: ref.scope, BusName: ref.name, Name: *in.Name, Pattern: *in.EventPattern, Wildcard: compiled.HasWildcard(),
		State: shape.RuleStateEnabled, Description: in.Description, RoleARN: in.RoleArn,
	}
	if in.State != nil {
		r.State = *in.State
	}
	err = s.update(ctx, ref, func(tx store.Tx) error {
		b, err := findBus(tx, ref)
		if err != nil {
			return err
		}
		old, err := read[rule](tx, ruleKey(b.ID, r.Name))
		if err != nil {
			return err
		}
		if err := s.checkQuotas(tx, b.ID, old, r); err != nil {
			return err
		}
		r.Bus = b.ID
		if old != nil {
			r.ID, r.CreatedBy, r.Tags = old.ID, old.CreatedBy, old.Tags
		} else {
			r.ID, r.CreatedBy, r.Tags = store.NextID(tx, ruleIDs), wire.From(ctx).Scope.Account, tags
		}
		targets, err := all[target](tx, targetsPrefix(r.ID))
		if err != nil {
			return err
		}
		published := r.published(compiled, lanesOf(targets))
		tx.OnDurable(func() { s.setRule(published) })
		return write(tx, ruleKey(b.ID, r.Name), r)
	})
	if err != nil {
		return nil, err
	}
	ruleARN := r.arn()
	return &shape.PutRuleOutput{RuleArn: &ruleARN}, nil
}

// checkRule checks what can be checked without the stored rules, and compiles
// the pattern.
func (s *Service) checkRule(ref busRef, in *shape.PutRuleInput) (*pattern.Pattern, error) {
	if in.ScheduleExpression != nil && *in.ScheduleExpression != "" {
		if ref.name != arn.DefaultBus {
			return nil, errValidation("ScheduleExpression is supported only on the default event bus.")
		}
		return nil, errValidation("Parameter ScheduleExpression is not supported: stormbus does not run schedules yet.")
	}
	if in.EventPattern == nil || *in.EventPattern == "" {
		return nil, errValidation("Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	compiled, err := pattern.Compile([]byte(*in.EventPattern), pattern.Classic, s.limits)
	if err != nil {
		return nil, errPattern(err)
	}
	return compiled, nil
}

// checkQuotas refuses a rule that is one too many. Old is what it replaces, if
// anything.
func (s *Service) checkQuotas(v store.View, id bus.BusID, old, r *rule) error {
	if !s.quotas {
		return nil
	}
	if old == nil && count(v, rulesPrefix(id)) >= maxRules {
		return errLimit()
	}
	if !r.Wildcard || old != nil && old.Wildcard {
		return nil
	}
	rules, err := all[rule](v, rulesPrefix(id))
	if err != nil {
		return err
	}
	n := 0
	for _, other := range rules {
		if other.Wildcard {
			n++
		}
	}
	if n >= maxWildcardRules {
		return errLimit()
	}
	return nil
}

// DeleteRule removes a rule that has no targets. To delete a rule that does not
// exist is no error.
func (s *Service) DeleteRule(ctx context.Context, in *shape.DeleteRuleInput) (*shape.DeleteRuleOutput, error) {
	ref := s.refer(ctx, in.EventBusName)
	err := s.update(store.Reclaiming(ctx), ref, func(tx store.Tx) error {
		b, err := findBus(tx, ref)
		if err != nil {
			return err
		}
		r, err := read[rule](tx, ruleKey(b.ID, *in.Name))
		if err != nil || r == nil {
			return err
		}
		if count(tx, targetsPrefix(r.ID)) > 0 {
			return errValidation("Rule can't be deleted since it has targets.")
		}
		tx.Delete(ruleKey(b.ID, r.Name))
		tx.OnDurable(func() { s.removeRule(r.ID) })
		return nil
	})
	return nil, err
}

// DescribeRule shows a rule.
func (s *Service) DescribeRule(ctx context.Context, in *shape.DescribeRuleInput) (*shape.DescribeRuleOutput, error) {
	ref := s.refer(ctx, in.EventBusName)
	var r *rule
	err := s.view(ctx, ref, func(v store.View) (err error) {
		r, err = findRule(v, ref, *in.Name)
		return err
	})
	if err != nil {
		return nil, err
	}
	ruleARN := r.arn()
	return &shape.DescribeRuleOutput{
		Name: &r.Name, Arn: &ruleARN, EventPattern: &r.Pattern, State: &r.State, Description: r.Description,
		RoleArn: r.RoleARN, EventBusName: &r.BusName, CreatedBy: &r.CreatedBy,
	}, nil
}

// ListRules lists the rules of a bus by name.
func (s *Service) ListRules(ctx context.Context, in *shape.ListRulesInput) (*shape.ListRulesOutput, error) {
	p, err := newPage(ruleList, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	rules, next, err := s.listRules(ctx, s.refer(ctx, in.EventBusName), p, func(_ store.View, r *rule) (bool, error) {
		return hasPrefix(r.Name, in.NamePrefix), nil
	})
	if err != nil {
		return nil, err
	}
	out := &shape.ListRulesOutput{Rules: make([]shape.Rule, len(rules)), NextToken: next}
	for i, r := range rules {
		ruleARN := r.arn()
		out.Rules[i] = shape.Rule{
			Name: &r.Name, Arn: &ruleARN, EventPattern: &r.Pattern, State: &r.State, Description: r.Description,
			RoleArn: r.RoleARN, EventBusName: &r.BusName,
		}
	}
	return out, nil
}

// ListRuleNamesByTarget lists the rules of a bus that have a target, by name.
func (s *Service) ListRuleNamesByTarget(ctx context.Context, in *shape.ListRuleNamesByTargetInput) (*shape.ListRuleNamesByTargetOutput, error) {
	p, err := newPage(ruleNameList, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	rules, next, err := s.listRules(ctx, s.refer(ctx, in.EventBusName), p, func(v store.View, r *rule) (bool, error) {
		targets, err := all[target](v, targetsPrefix(r.ID))
		return slices.ContainsFunc(targets, func(t *target) bool { return t.ARN == *in.TargetArn }), err
	})
	if err != nil {
		return nil, err
	}
	out := &shape.ListRuleNamesByTargetOutput{RuleNames: make([]string, len(rules)), NextToken: next}
	for i, r := range rules {
		out.RuleNames[i] = r.Name
	}
	return out, nil
}

// listRules reads one page of the rules of a bus that are wanted.
func (s *Service) listRules(ctx context.Context, ref busRef, p page, want func(store.View, *rule) (bool, error)) (rules []*rule, next *string, err error) {
	err = s.view(ctx, ref, func(v store.View) error {
		b, err := findBus(v, ref)
		if err != nil {
			return err
		}
		rules, next, err = fill(v, p, rulesPrefix(b.ID),
			func(r *rule) string { return r.Name },
			func(r *rule) (bool, error) { return want(v, r) })
		return err
	})
	return rules, next, err
}

// EnableRule makes a rule match events.
func (s *Service) EnableRule(ctx context.Context, in *shape.EnableRuleInput) (*shape.EnableRuleOutput, error) {
	return nil, s.setState(ctx, s.refer(ctx, in.EventBusName), *in.Name, shape.RuleStateEnabled)
}

// DisableRule makes a rule match nothing, and keeps it.
func (s *Service) DisableRule(ctx context.Context, in *shape.DisableRuleInput) (*shape.DisableRuleOutput, error) {
	return nil, s.setState(ctx, s.refer(ctx, in.EventBusName), *in.Name, shape.RuleStateDisabled)
}

func (s *Service) setState(ctx context.Context, ref busRef, name, state string) error {
	return s.changeStored(ctx, ref, name, func(tx store.Tx, r *rule) error {
		r.State = state
		tx.OnDurable(func() { s.changeRule(r.ID, func(b *bus.Rule) { b.Enabled = r.enabled() }) })
		return nil
	})
}

// changeStored changes the row of a rule that exists.
func (s *Service) changeStored(ctx context.Context, ref busRef, name string, change func(store.Tx, *rule) error) error {
	return s.update(ctx, ref, func(tx store.Tx) error {
		r, err := findRule(tx, ref, name)
		if err != nil {
			return err
		}
		if err := change(tx, r); err != nil {
			return err
		}
		return write(tx, ruleKey(r.Bus, r.Name), r)
	})
}
