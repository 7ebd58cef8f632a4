package events

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
)

// PutTargets adds targets to a rule, or replaces those that have the same id.
// Either all of them are put or none.
func (s *Service) PutTargets(ctx context.Context, in *shape.PutTargetsInput) (*shape.PutTargetsOutput, error) {
	ref := s.refer(ctx, in.EventBusName)
	put, err := s.prepare(ref.scope.Rule(ref.name, *in.Rule), in.Targets)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, ref, func(tx store.Tx) error {
		r, err := findRule(tx, ref, *in.Rule)
		if err != nil {
			return err
		}
		targets, err := all[target](tx, targetsPrefix(r.ID))
		if err != nil {
			return err
		}
		lanes := make(map[delivery.LaneID]delivery.Lane, len(put))
		for _, p := range put {
			t := *p.target
			i := slices.IndexFunc(targets, func(o *target) bool { return o.ID == t.ID })
			if i >= 0 {
				t.Lane = targets[i].Lane
				targets[i] = &t
			} else {
				t.Lane = delivery.LaneID(store.NextID(tx, laneIDs))
				targets = append(targets, &t)
			}
			lanes[t.Lane] = p.lane
			if err := write(tx, targetKey(r.ID, t.ID), &t); err != nil {
				return err
			}
		}
		if s.quotas && len(targets) > maxTargets {
			return errLimit()
		}
		tx.OnDurable(func() {
			for id, lane := range lanes {
				s.engine.Define(id, lane)
			}
			s.changeRule(r.ID, func(b *bus.Rule) { b.Lanes = lanesOf(targets) })
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &shape.PutTargetsOutput{FailedEntryCount: new(int64), FailedEntries: []shape.PutTargetsResultEntry{}}, nil
}

// prepared is a target that is about to be put.
type prepared struct {
	target *target
	lane   delivery.Lane
}

// prepare checks targets and finds out how to reach them. Of several with the
// same id the last one counts.
func (s *Service) prepare(ruleARN arn.ARN, targets []shape.Target) ([]prepared, error) {
	var out []prepared
	for i := range targets {
		t, err := newTarget(&targets[i])
		if err != nil {
			return nil, err
		}
		lane, err := s.lane(ruleARN, t)
		if err != nil {
			return nil, err
		}
		out = slices.DeleteFunc(out, func(p prepared) bool { return p.target.ID == t.ID })
		out = append(out, prepared{target: t, lane: lane})
	}
	return out, nil
}

// newTarget reads a target from a request.
func newTarget(in *shape.Target) (*target, error) {
	if name := unsupportedParameters(in); name != "" {
		return nil, errUnsupported(name + " of target " + *in.Id)
	}
	if in.Input != nil {
		if err := checkInput(*in.Id, *in.Input); err != nil {
			return nil, err
		}
	}
	t := &target{ID: *in.Id, ARN: *in.Arn, RoleARN: in.RoleArn, Input: in.Input, InputPath: in.InputPath}
	if c := in.InputTransformer; c != nil {
		t.Transformer = &transformer{Paths: c.InputPathsMap, Template: *c.InputTemplate}
	}
	if c := in.SqsParameters; c != nil {
		t.SQS = &sqsParameters{GroupID: c.MessageGroupId}
	}
	if c := in.DeadLetterConfig; c != nil {
		t.DeadLetter = &deadLetter{ARN: c.Arn}
	}
	if c := in.RetryPolicy; c != nil {
		t.Retry = &retryPolicy{Attempts: c.MaximumRetryAttempts, AgeSeconds: c.MaximumEventAgeInSeconds}
	}
	if a, err := arn.Parse(t.ARN); err == nil && t.SQS == nil {
		if name, ok := a.QueueName(); ok && strings.HasSuffix(name, fifoSuffix) {
			return nil, errValidation("Parameter(s) SqsParameters must be specified for target: %s.", t.ID)
		}
	}
	return t, nil
}

// checkInput refuses a constant input that is not JSON. It is checked here and
// not where the input is made, so that what was accepted once is never refused
// at a start of the server.
func checkInput(id, text string) error {
	var value json.RawMessage
	err := json.Unmarshal([]byte(text), &value)
	if err == nil {
		return nil
	}
	read := len(text)
	if e := (*json.SyntaxError)(nil); errors.As(err, &e) {
		read = int(e.Offset)
	}
	line := 1 + strings.Count(text[:read], "\n")
	column := read - strings.LastIndexByte(text[:read], '\n')
	return errValidation("JSON syntax error in input for target %s: [Source: (String)\"%s\"; line: %d, column: %d]",
		id, text, line, column)
}

// unsupportedParameters names the parameters of a target that belong to a kind
// of target that cannot be reached.
func unsupportedParameters(in *shape.Target) string {
	switch {
	case in.KinesisParameters != nil:
		return "KinesisParameters"
	case in.RunCommandParameters != nil:
		return "RunCommandParameters"
	case in.EcsParameters != nil:
		return "EcsParameters"
	case in.BatchParameters != nil:
		return "BatchParameters"
	case in.HttpParameters != nil:
		return "HttpParameters"
	case in.RedshiftDataParameters != nil:
		return "RedshiftDataParameters"
	case in.SageMakerPipelineParameters != nil:
		return "SageMakerPipelineParameters"
	case in.AppSyncParameters != nil:
		return "AppSyncParameters"
	}
	return ""
}

// show returns a target as it was put.
func (t *target) show() shape.Target {
	out := shape.Target{Id: &t.ID, Arn: &t.ARN, RoleArn: t.RoleARN, Input: t.Input, InputPath: t.InputPath}
	if c := t.Transformer; c != nil {
		out.InputTransformer = &shape.InputTransformer{InputPathsMap: c.Paths, InputTemplate: &c.Template}
	}
	if t.SQS != nil {
		out.SqsParameters = &shape.SqsParameters{MessageGroupId: t.SQS.GroupID}
	}
	if t.DeadLetter != nil {
		out.DeadLetterConfig = &shape.DeadLetterConfig{Arn: t.DeadLetter.ARN}
	}
	if c := t.Retry; c != nil {
		out.RetryPolicy = &shape.RetryPolicy{MaximumRetryAttempts: c.Attempts, MaximumEventAgeInSeconds: c.AgeSeconds}
	}
	return out
}

// ListTargetsByRule lists the targets of a rule by id.
func (s *Service) ListTargetsByRule(ctx context.Context, in *shape.ListTargetsByRuleInput) (*shape.ListTargetsByRuleOutput, error) {
	p, err := newPage(targetList, in.Limit, in.NextToken)
	if err != nil {
		return nil, err
	}
	ref := s.refer(ctx, in.EventBusName)
	var targets []*target
	var next *string
	err = s.view(ctx, ref, func(v store.View) error {
		r, err := findRule(v, ref, *in.Rule)
		if err != nil {
			return err
		}
		targets, next, err = fill(v, p, targetsPrefix(r.ID),
			func(t *target) string { return t.ID },
			func(*target) (bool, error) { return true, nil })
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &shape.ListTargetsByRuleOutput{Targets: make([]shape.Target, len(targets)), NextToken: next}
	for i, t := range targets {
		out.Targets[i] = t.show()
	}
	return out, nil
}

// RemoveTargets removes targets from a rule, with the deliveries that wait for
// them.
func (s *Service) RemoveTargets(ctx context.Context, in *shape.RemoveTargetsInput) (*shape.RemoveTargetsOutput, error) {
	ref := s.refer(ctx, in.EventBusName)
	var left leavings
	var missing []string
	err := s.update(store.Reclaiming(ctx), ref, func(tx store.Tx) error {
		left, missing = leavings{}, nil
		r, err := findRule(tx, ref, *in.Rule)
		if err != nil {
			return err
		}
		targets, err := all[target](tx, targetsPrefix(r.ID))
		if err != nil {
			return err
		}
		for _, id := range in.Ids {
			i := slices.IndexFunc(targets, func(t *target) bool { return t.ID == id })
			if i < 0 {
				missing = append(missing, id)
				continue
			}
			left.lanes = append(left.lanes, targets[i].Lane)
			targets = slices.Delete(targets, i, i+1)
			tx.Delete(targetKey(r.ID, id))
		}
		left.note(tx)
		tx.OnDurable(func() { s.changeRule(r.ID, func(b *bus.Rule) { b.Lanes = lanesOf(targets) }) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.cleanUp(ctx, left)
	failed := int64(len(missing))
	out := &shape.RemoveTargetsOutput{FailedEntryCount: &failed, FailedEntries: make([]shape.RemoveTargetsResultEntry, len(missing))}
	for i, id := range missing {
		e := errNoTarget(*in.Rule, id)
		out.FailedEntries[i] = shape.RemoveTargetsResultEntry{TargetId: &missing[i], ErrorCode: &e.Code, ErrorMessage: &e.Message}
	}
	return out, nil
}
