package sqs

import (
	"context"
	"encoding/json"
	"slices"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/sqs"
)

// policy is a resource policy as AddPermission writes it. Fields that somebody
// else wrote into a policy are kept as they are.
type policy struct {
	fields     map[string]json.RawMessage
	statements []json.RawMessage
}

const (
	policyVersion     = "2008-10-17"
	maxStatements     = 20
	maxLabel          = 80
	maxActionsAllowed = 7
)

// AddPermission adds a statement to the policy of a queue: some accounts may
// call some operations. The policy is kept and shown, not enforced.
func (s *Service) AddPermission(ctx context.Context, in *shape.AddPermissionInput) (*shape.AddPermissionOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := checkPermission(in); err != nil {
		return nil, err
	}
	err = s.changePolicy(ctx, l, func(q *Queue, p *policy) error {
		if p.index(*in.Label) >= 0 {
			return errInvalidValue(*in.Label, "Label", "Already exists.")
		}
		if len(p.statements) >= maxStatements {
			e := errOverLimit()
			e.Message = "The policy of a queue can have at most 20 statements."
			return e
		}
		return p.add(q.ARN(), in)
	})
	return &shape.AddPermissionOutput{}, apiError(err)
}

// RemovePermission removes the statement with a label.
func (s *Service) RemovePermission(ctx context.Context, in *shape.RemovePermissionInput) (*shape.RemovePermissionOutput, error) {
	l, err := s.find(ctx, in.QueueUrl)
	if err != nil {
		return nil, err
	}
	err = s.changePolicy(ctx, l, func(_ *Queue, p *policy) error {
		i := p.index(*in.Label)
		if i < 0 {
			return errInvalidValue(*in.Label, "Label", "can't find label.")
		}
		p.statements = slices.Delete(p.statements, i, i+1)
		return nil
	})
	return &shape.RemovePermissionOutput{}, apiError(err)
}

func (s *Service) changePolicy(ctx context.Context, l *live, f func(q *Queue, p *policy) error) error {
	now := s.clock.Now()
	return s.change(ctx, l.config.Load().key(), func(q *Queue) error {
		p, err := parsePolicy(q.Settings.Policy)
		if err != nil {
			return err
		}
		if err := f(q, p); err != nil {
			return err
		}
		q.Settings.Policy, err = p.text()
		q.Modified = now
		return err
	})
}

// checkPermission checks what does not depend on the queue.
func checkPermission(in *shape.AddPermissionInput) error {
	if !validName(*in.Label) || len(*in.Label) > maxLabel {
		return errInvalidValue(*in.Label, "Label",
			"Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	if len(in.AWSAccountIds) == 0 {
		return errMissingParameter("AWSAccountIds")
	}
	if len(in.Actions) == 0 {
		return errMissingParameter("Actions")
	}
	for _, account := range in.AWSAccountIds {
		if !isAccount(account) {
			return errInvalidValue(account, "PrincipalId", "Unable to verify.")
		}
	}
	if len(in.Actions) > maxActionsAllowed {
		e := errOverLimit()
		e.Message = "A statement can have at most 7 actions."
		return e
	}
	for _, action := range in.Actions {
		if !slices.Contains(shareable(), action) {
			return errInvalidValue(action, "ActionName",
				"Only the queue owner is allowed to invoke this action.")
		}
	}
	return nil
}

// shareable lists the actions that an owner may allow to others.
func shareable() []string {
	return []string{
		"*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
		"ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage", "SendMessage",
	}
}

func parsePolicy(text string) (*policy, error) {
	p := &policy{fields: map[string]json.RawMessage{}}
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p.fields); err != nil {
		return nil, errAttributeValue(attrPolicy, "")
	}
	switch raw := p.fields["Statement"]; {
	case raw == nil:
	case json.Unmarshal(raw, &p.statements) != nil: // one statement, without brackets
		p.statements = []json.RawMessage{raw}
	}
	return p, nil
}

// index returns where the statement with a label stands; -1 if there is none.
func (p *policy) index(label string) int {
	return slices.IndexFunc(p.statements, func(raw json.RawMessage) bool {
		var s struct{ Sid string }
		return json.Unmarshal(raw, &s) == nil && s.Sid == label
	})
}

// statement has its members in AWS's order.
type statement struct {
	Sid       string
	Effect    string
	Principal map[string]any
	Action    any
	Resource  string
}

func (p *policy) add(queue arn.ARN, in *shape.AddPermissionInput) error {
	var principals, actions []string
	for _, account := range in.AWSAccountIds {
		principals = append(principals, "arn:aws:iam::"+account+":root")
	}
	for _, action := range in.Actions {
		actions = append(actions, "SQS:"+action)
	}
	raw, err := json.Marshal(statement{
		Sid: *in.Label, Effect: "Allow", Principal: map[string]any{"AWS": oneOrMany(principals)},
		Action: oneOrMany(actions), Resource: queue.String(),
	})
	if err != nil {
		return err
	}
	if len(p.fields) == 0 {
		id, err := json.Marshal(queue.String() + "/SQSDefaultPolicy")
		if err != nil {
			return err
		}
		p.fields["Version"], p.fields["Id"] = json.RawMessage(`"`+policyVersion+`"`), id
	}
	p.statements = append(p.statements, raw)
	return nil
}

// oneOrMany is the text of one, or the list of many.
func oneOrMany(s []string) any {
	if len(s) == 1 {
		return s[0]
	}
	return s
}

// text writes the policy: Version, Id and Statement first, as AWS does. A policy
// without statements is none.
func (p *policy) text() (string, error) {
	if len(p.statements) == 0 {
		return "", nil
	}
	all, err := json.Marshal(p.statements)
	if err != nil {
		return "", err
	}
	p.fields["Statement"] = all
	out := []byte{'{'}
	for _, name := range append([]string{"Version", "Id", "Statement"}, p.others()...) {
		if p.fields[name] == nil {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return "", err
		}
		out = append(append(append(out, key...), ':'), p.fields[name]...)
	}
	return compact(string(append(out, '}'))), nil
}

func (p *policy) others() []string {
	var out []string
	for name := range p.fields {
		if name != "Version" && name != "Id" && name != "Statement" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
