package lambda

import (
	"context"
	"slices"
	"strings"

	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
)

// Policy is the resource policy of a function.
type Policy struct {
	Revision   string      `json:",omitempty"`
	Statements []Statement `json:",omitempty"`
}

// Statement is one statement of a resource policy, in the order in which AWS
// writes it.
type Statement struct {
	ID        string                       `json:"Sid"`
	Effect    string                       `json:"Effect"`
	Principal any                          `json:"Principal"`
	Action    string                       `json:"Action"`
	Resource  string                       `json:"Resource"`
	Condition map[string]map[string]string `json:"Condition,omitempty"`
}

// AddPermission adds a statement to a function's policy.
func (s *Service) AddPermission(ctx context.Context, in *shape.AddPermissionInput) (*shape.AddPermissionOutput, error) {
	f, err := s.policyOf(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	st, err := newStatement(f, in)
	if err != nil {
		return nil, err
	}
	revision, err := s.newRevision()
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		if err := f.Policy.expect(in.RevisionId); err != nil {
			return err
		}
		if f.Policy.find(st.ID) >= 0 {
			return errConflict("The statement id (%s) provided already exists. "+
				"Please provide a new statement id, or remove the existing statement.", st.ID)
		}
		f.Policy.Statements, f.Policy.Revision = append(f.Policy.Statements, st), revision
		return nil
	})
	if err != nil {
		return nil, err
	}
	text, err := plainJSON(st)
	if err != nil {
		return nil, err
	}
	return &shape.AddPermissionOutput{Statement: &text}, nil
}

// RemovePermission removes a statement from a function's policy.
func (s *Service) RemovePermission(ctx context.Context, in *shape.RemovePermissionInput) (*shape.RemovePermissionOutput, error) {
	f, err := s.policyOf(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	revision, err := s.newRevision()
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, f.ref(), func(_ store.Tx, f *Function) error {
		if len(f.Policy.Statements) == 0 {
			return errNoPolicy()
		}
		i := f.Policy.find(*in.StatementId)
		if i < 0 {
			return errNotFound("Statement %s is not found in resource policy.", *in.StatementId)
		}
		if err := f.Policy.expect(in.RevisionId); err != nil {
			return err
		}
		f.Policy.Statements, f.Policy.Revision = slices.Delete(f.Policy.Statements, i, i+1), revision
		return nil
	})
	return nil, err
}

// GetPolicy returns a function's policy, if it has one.
func (s *Service) GetPolicy(ctx context.Context, in *shape.GetPolicyInput) (*shape.GetPolicyOutput, error) {
	f, err := s.policyOf(ctx, in.FunctionName, in.Qualifier)
	if err != nil {
		return nil, err
	}
	if len(f.Policy.Statements) == 0 {
		return nil, errNoPolicy()
	}
	text, err := plainJSON(struct {
		Version   string
		ID        string `json:"Id"`
		Statement []Statement
	}{"2012-10-17", "default", f.Policy.Statements})
	if err != nil {
		return nil, err
	}
	return &shape.GetPolicyOutput{Policy: &text, RevisionId: &f.Policy.Revision}, nil
}

func errNoPolicy() error { return errNotFound("No policy is associated with the given resource.") }

// policyOf returns the function whose policy a request is about.
func (s *Service) policyOf(ctx context.Context, name, qualifier *string) (*Function, error) {
	f, q, err := s.find(ctx, name, qualifier)
	if err == nil && q == Latest {
		err = errParameter("We currently do not support adding policies for $LATEST.")
	}
	return f, err
}

func (p *Policy) find(id string) int {
	return slices.IndexFunc(p.Statements, func(st Statement) bool { return st.ID == id })
}

func (p *Policy) expect(revision *string) error {
	if revision != nil && *revision != p.Revision {
		return errRevision("GetPolicy")
	}
	return nil
}

// newStatement makes a statement of what AddPermission is given.
func newStatement(f *Function, in *shape.AddPermissionInput) (Statement, error) {
	st := Statement{ID: *in.StatementId, Effect: "Allow", Action: *in.Action, Resource: f.arn().String()}
	switch p := *in.Principal; {
	case p == "*":
		st.Principal = p
	case len(p) == 12 && strings.Trim(p, "0123456789") == "":
		st.Principal = map[string]string{"AWS": "arn:aws:iam::" + p + ":root"}
	case strings.HasPrefix(p, "arn:"):
		st.Principal = map[string]string{"AWS": p}
	case strings.Contains(p, "."):
		st.Principal = map[string]string{"Service": p}
	default:
		return st, errParameter("The provided principal was invalid. Please check the principal and try again.")
	}
	condition := func(operator, key string, v *string) {
		if v == nil {
			return
		}
		if st.Condition == nil {
			st.Condition = map[string]map[string]string{}
		}
		if st.Condition[operator] == nil {
			st.Condition[operator] = map[string]string{}
		}
		st.Condition[operator][key] = *v
	}
	condition("ArnLike", "AWS:SourceArn", in.SourceArn)
	condition("StringEquals", "AWS:SourceAccount", in.SourceAccount)
	condition("StringEquals", "aws:PrincipalOrgID", in.PrincipalOrgID)
	condition("StringEquals", "lambda:EventSourceToken", in.EventSourceToken)
	condition("StringEquals", "lambda:FunctionUrlAuthType", in.FunctionUrlAuthType)
	return st, nil
}
