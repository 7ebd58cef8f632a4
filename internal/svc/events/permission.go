package events

import (
	"bytes"
	"context"
	"encoding/json"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/wire"
)

// policy is a resource policy, read as far as statements are added and removed.
type policy struct {
	Version   string            `json:"Version"`
	ID        string            `json:"Id,omitempty"`
	Statement []json.RawMessage `json:"Statement"`
}

// statement is a statement as PutPermission makes it; the order of its fields is
// that of the keys.
type statement struct {
	Sid       string                       `json:"Sid"`
	Effect    string                       `json:"Effect"`
	Principal any                          `json:"Principal"`
	Action    string                       `json:"Action"`
	Resource  string                       `json:"Resource"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

// policyVersion is the version of the policy language.
const policyVersion = "2012-10-17"

// PutPermission adds a statement to the policy of an event bus, or replaces the
// whole policy. The policy is kept and shown, not enforced.
func (s *Service) PutPermission(ctx context.Context, in *shape.PutPermissionInput) (*shape.PutPermissionOutput, error) {
	ref := s.refer(ctx, in.EventBusName)
	if in.Policy != nil {
		if _, err := parsePolicy(*in.Policy); err != nil {
			return nil, err
		}
		return nil, s.changeBus(ctx, ref, func(b *eventBus) error {
			b.Policy = *in.Policy
			return checkPolicyLength(b.Policy)
		})
	}
	added, err := newStatement(ref, in)
	if err != nil {
		return nil, err
	}
	return nil, s.changeBus(ctx, ref, func(b *eventBus) error {
		p := policy{Version: policyVersion}
		if b.Policy != "" {
			if p, err = parsePolicy(b.Policy); err != nil {
				return err
			}
		}
		p.remove(added.Sid)
		return p.add(b, added)
	})
}

// newStatement makes the statement that a request asks for.
func newStatement(ref busRef, in *shape.PutPermissionInput) (statement, error) {
	for _, required := range []struct {
		name  string
		value *string
	}{{"Principal", in.Principal}, {"Action", in.Action}, {"StatementId", in.StatementId}} {
		if required.value == nil {
			return statement{}, errValidation("Parameter %s must be specified.", required.name)
		}
	}
	if *in.Action != "events:PutEvents" {
		return statement{}, errValidation("Provided value in parameter 'action' is not supported.")
	}
	st := statement{
		Sid: *in.StatementId, Effect: "Allow", Principal: *in.Principal, Action: *in.Action, Resource: ref.arn().String(),
	}
	if *in.Principal != "*" {
		root := arn.ARN{Partition: arn.Partition, Service: "iam", Account: *in.Principal, Resource: "root"}
		st.Principal = map[string]string{"AWS": root.String()}
	}
	if c := in.Condition; c != nil {
		if *in.Principal != "*" {
			return statement{}, wire.Errorf("InvalidParameterValue",
				"Value of the parameter 'principal' must be '*' when the parameter 'condition' is set.")
		}
		st.Condition = map[string]map[string]string{*c.Type: {*c.Key: *c.Value}}
	}
	return st, nil
}

// RemovePermission removes a statement from the policy of an event bus, or the
// whole policy.
func (s *Service) RemovePermission(ctx context.Context, in *shape.RemovePermissionInput) (*shape.RemovePermissionOutput, error) {
	return nil, s.changeBus(ctx, s.refer(ctx, in.EventBusName), func(b *eventBus) error {
		if in.RemoveAllPermissions != nil && *in.RemoveAllPermissions {
			b.Policy = ""
			return nil
		}
		if in.StatementId == nil {
			return errValidation("Parameter StatementId must be specified.")
		}
		if b.Policy == "" {
			return errNoPolicy()
		}
		p, err := parsePolicy(b.Policy)
		if err != nil {
			return err
		}
		if !p.remove(*in.StatementId) {
			return errNoStatement()
		}
		return p.store(b)
	})
}

// parsePolicy reads a policy. Its statements are a list, or one alone.
func parsePolicy(text string) (policy, error) {
	var p struct {
		policy
		Statement json.RawMessage `json:"Statement"`
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil || len(p.Statement) == 0 {
		return policy{}, errPolicyJSON()
	}
	if p.Statement[0] == '{' {
		p.policy.Statement = []json.RawMessage{p.Statement}
		return p.policy, nil
	}
	if err := json.Unmarshal(p.Statement, &p.policy.Statement); err != nil {
		return policy{}, errPolicyJSON()
	}
	return p.policy, nil
}

// add appends a statement and stores the policy.
func (p *policy) add(b *eventBus, st statement) error {
	text, err := marshal(st)
	if err != nil {
		return err
	}
	p.Statement = append(p.Statement, text)
	return p.store(b)
}

// remove removes the statements of an id and reports whether there were any.
func (p *policy) remove(sid string) bool {
	var rest []json.RawMessage
	for _, text := range p.Statement {
		var st struct{ Sid string }
		if err := json.Unmarshal(text, &st); err == nil && st.Sid == sid {
			continue
		}
		rest = append(rest, text)
	}
	removed := len(rest) < len(p.Statement)
	p.Statement = rest
	return removed
}

// store makes p the policy of a bus. A policy without statements is none.
func (p *policy) store(b *eventBus) error {
	if len(p.Statement) == 0 {
		b.Policy = ""
		return nil
	}
	text, err := marshal(p)
	if err != nil {
		return err
	}
	b.Policy = string(text)
	return checkPolicyLength(b.Policy)
}

func checkPolicyLength(text string) error {
	if len(text) > maxPolicy {
		return errPolicyLength()
	}
	return nil
}

// marshal encodes v as compact JSON and leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

// policyText is the policy as it is shown.
func (b *eventBus) policyText() *string {
	if b.Policy == "" {
		return nil
	}
	return &b.Policy
}
