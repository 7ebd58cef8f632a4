package events

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/delivery"
	"stormbus/internal/transform"
)

// lane returns the lane of a target of a rule. An error says why there can be
// none; unless something is damaged it is for the caller of PutTargets.
func (s *Service) lane(ruleARN arn.ARN, t *target) (delivery.Lane, error) {
	input, err := t.input(ruleARN)
	if err != nil {
		return delivery.Lane{}, err
	}
	to, err := arn.Parse(t.ARN)
	if err != nil {
		return delivery.Lane{}, errArnFormat(t.ARN)
	}
	reached, err := s.targets.Resolve(to, t.params())
	if err != nil {
		return delivery.Lane{}, errParameterReason(t.ARN, err.Error())
	}
	l := delivery.Lane{
		Name: strings.TrimPrefix(ruleARN.Resource, "rule/") + " " + t.ID,
		Rule: ruleARN.String(), TargetARN: t.ARN, Target: reached, Input: input, Policy: t.Retry.policy(),
		Concurrency: laneConcurrency, Batch: laneBatch,
	}
	if t.DeadLetter == nil || t.DeadLetter.ARN == nil {
		return l, nil
	}
	l.DeadLetterARN = *t.DeadLetter.ARN
	queue, err := deadLetterQueue(ruleARN, l.DeadLetterARN)
	if err != nil {
		return delivery.Lane{}, err
	}
	if l.DeadLetter, err = s.deadLetters.For(queue); err != nil {
		return delivery.Lane{}, errParameterReason(l.DeadLetterARN, err.Error())
	}
	return l, nil
}

// params is what a target says beside its ARN.
func (t *target) params() TargetParams {
	var p TargetParams
	if t.SQS != nil && t.SQS.GroupID != nil {
		p.GroupID = *t.SQS.GroupID
	}
	return p
}

// deadLetterQueue reads the ARN of a dead-letter queue: a standard queue in the
// rule's region.
func deadLetterQueue(ruleARN arn.ARN, text string) (arn.ARN, error) {
	a, err := arn.Parse(text)
	if err != nil {
		return arn.ARN{}, errArnFormat(text)
	}
	name, isQueue := a.QueueName()
	switch {
	case !isQueue:
		return arn.ARN{}, errParameterReason(text, "The dead-letter queue must be an SQS queue.")
	case strings.HasSuffix(name, fifoSuffix):
		return arn.ARN{}, errParameterReason(text, "The dead-letter queue must not be a FIFO queue.")
	case a.Region != ruleARN.Region:
		return arn.ARN{}, errParameterReason(text, "The dead-letter queue must be in the region of the rule.")
	}
	return a, nil
}

// fifoSuffix is how the names of FIFO queues end.
const fifoSuffix = ".fifo"

// input returns what makes the payload for a target. It is nil if the target
// gets the event as it is.
func (t *target) input(ruleARN arn.ARN) (delivery.Input, error) {
	c := transform.Config{Target: t.ID, Input: t.Input, InputPath: t.InputPath}
	if t.Transformer != nil {
		c.InputTransformer = &transform.Transformer{
			InputPathsMap: t.Transformer.Paths, InputTemplate: t.Transformer.Template,
		}
	}
	if c.Input == nil && c.InputPath == nil && c.InputTransformer == nil {
		return nil, nil
	}
	in, err := transform.New(c)
	if err != nil {
		return nil, errValidation("%s", err.Error())
	}
	_, name, _ := ruleARN.RuleName()
	vars := transform.Vars{RuleARN: ruleARN.String(), RuleName: name}
	return func(event []byte, accepted time.Time) ([]byte, error) {
		vars := vars
		vars.IngestionTime = accepted
		payload, err := in.Apply(event, vars)
		switch {
		case errors.Is(err, transform.ErrNotDelivered):
			return nil, fmt.Errorf("%w: %w", delivery.ErrNothing, err)
		case err != nil:
			return nil, &delivery.Failure{Code: delivery.CodeInvalidJSON, Message: err.Error(), Permanent: true}
		}
		return payload, nil
	}, nil
}
