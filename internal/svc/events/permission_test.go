package events

import (
	"strings"
	"testing"

	shape "stormbus/internal/shape/events"
)

func (h *harness) wantPolicy(want string) {
	h.Helper()
	out, err := h.DescribeEventBus(h.ctx, &shape.DescribeEventBusInput{})
	if err != nil {
		h.Fatal(err)
	}
	if got := text(out.Policy); got != want {
		h.Errorf("policy =\n%s, want\n%s", got, want)
	}
}

func permit(principal, action, sid string) *shape.PutPermissionInput {
	return &shape.PutPermissionInput{Principal: some(principal), Action: some(action), StatementId: some(sid)}
}

func TestPolicyOfBus(t *testing.T) {
	h := newHarness(t)
	put := func(in *shape.PutPermissionInput) {
		t.Helper()
		if _, err := h.PutPermission(h.ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	remove := func(in *shape.RemovePermissionInput) {
		t.Helper()
		if _, err := h.RemovePermission(h.ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	const (
		begin = `{"Version":"2012-10-17","Statement":[`
		rest  = `"Action":"events:PutEvents","Resource":"arn:aws:events:eu-west-1:123456789012:event-bus/default"`
		one   = `{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},` + rest + `}`
		two   = `{"Sid":"two","Effect":"Allow","Principal":"*",` + rest + `,"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`
	)
	h.wantPolicy("")
	put(permit("111111111111", "events:PutEvents", "one"))
	h.wantPolicy(begin + one + `]}`)
	all := permit("*", "events:PutEvents", "two")
	all.Condition = &shape.Condition{Type: new("StringEquals"), Key: new("aws:PrincipalOrgID"), Value: new("o-1")}
	put(all)
	h.wantPolicy(begin + one + "," + two + `]}`)
	put(permit("111111111111", "events:PutEvents", "one")) // replaces
	h.wantPolicy(begin + two + "," + one + `]}`)
	remove(&shape.RemovePermissionInput{StatementId: new("two")})
	h.wantPolicy(begin + one + `]}`)
	remove(&shape.RemovePermissionInput{StatementId: new("one")})
	h.wantPolicy("")

	whole := ` {"Version": "2012-10-17", "Id": "mine", "Statement": {"Sid": "<x>", "Effect": "Deny"}}`
	put(&shape.PutPermissionInput{Policy: &whole})
	h.wantPolicy(whole)
	put(permit("111111111111", "events:PutEvents", "one"))
	h.wantPolicy(`{"Version":"2012-10-17","Id":"mine","Statement":[{"Sid":"<x>","Effect":"Deny"},` + one + `]}`)
	h.boot()
	remove(&shape.RemovePermissionInput{RemoveAllPermissions: new(true)})
	h.wantPolicy("")
}

func TestPolicyErrors(t *testing.T) {
	h := newHarness(t)
	long := `{"Statement":["` + strings.Repeat("x", maxPolicy) + `"]}`
	conditional := permit("111111111111", "events:PutEvents", "s")
	conditional.Condition = &shape.Condition{Type: new("t"), Key: new("k"), Value: new("v")}
	elsewhere := permit("*", "events:PutEvents", "s")
	elsewhere.EventBusName = new("nothing")
	for _, tc := range []struct {
		name          string
		in            *shape.PutPermissionInput
		code, message string
	}{
		{"no principal", permit("", "events:PutEvents", "s"), "ValidationException", "Parameter Principal must be specified."},
		{"no action", permit("*", "", "s"), "ValidationException", "Parameter Action must be specified."},
		{"no id", permit("*", "events:PutEvents", ""), "ValidationException", "Parameter StatementId must be specified."},
		{"action", permit("*", "events:PutRule", "s"), "ValidationException", "Provided value in parameter 'action' is not supported."},
		{
			"condition", conditional, "InvalidParameterValue",
			"Value of the parameter 'principal' must be '*' when the parameter 'condition' is set.",
		},
		{"no bus", elsewhere, "ResourceNotFoundException", "Event bus nothing does not exist."},
		{"not JSON", &shape.PutPermissionInput{Policy: new("{")}, "ValidationException", "This policy contains invalid Json"},
		{"no policy", &shape.PutPermissionInput{Policy: new("{}")}, "ValidationException", "This policy contains invalid Json"},
		{"statement", &shape.PutPermissionInput{Policy: new(`{"Statement":1}`)}, "ValidationException", "This policy contains invalid Json"},
		{"length", &shape.PutPermissionInput{Policy: &long}, "PolicyLengthExceededException", "The policy of the event bus is longer than 10240 bytes."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := h.PutPermission(h.ctx, tc.in)
			wantError(t, err, tc.code, tc.message)
			h.wantPolicy("")
		})
	}
	_, err := h.RemovePermission(h.ctx, &shape.RemovePermissionInput{StatementId: new("s")})
	wantError(t, err, "ResourceNotFoundException", "EventBus does not have a policy.")
	_, err = h.RemovePermission(h.ctx, &shape.RemovePermissionInput{})
	wantError(t, err, "ValidationException", "Parameter StatementId must be specified.")
	if _, err := h.PutPermission(h.ctx, permit("*", "events:PutEvents", "s")); err != nil {
		t.Fatal(err)
	}
	_, err = h.RemovePermission(h.ctx, &shape.RemovePermissionInput{StatementId: new("other")})
	wantError(t, err, "ResourceNotFoundException", "Statement with the provided id does not exist.")
}

// FuzzParsePolicy checks that a policy that can be read can be written, read
// again, and lose each of its statements.
func FuzzParsePolicy(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Sid":"a"},{"Sid":"b"}]}`)
	f.Add(`{"Statement":{"Sid":1}}`)
	f.Add(`{"Statement":[null]}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePolicy(text)
		if err != nil {
			return
		}
		p.remove("a")
		b := &eventBus{}
		if err := p.store(b); err != nil || b.Policy == "" {
			return
		}
		again, err := parsePolicy(b.Policy)
		if err != nil {
			t.Fatalf("parsePolicy(%s): %v", b.Policy, err)
		}
		if len(again.Statement) != len(p.Statement) || again.remove("a") {
			t.Errorf("%s became %s", text, b.Policy)
		}
	})
}
