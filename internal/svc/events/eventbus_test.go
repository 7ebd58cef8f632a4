package events

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/arn"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/wire"
)

func TestEventBusIsShownAsItWasMade(t *testing.T) {
	h := newHarness(t)
	in := &shape.CreateEventBusInput{
		Name: new("cinema"), Description: new("d"), KmsKeyIdentifier: new("k"),
		DeadLetterConfig: &shape.DeadLetterConfig{Arn: &queueARN},
		LogConfig:        &shape.LogConfig{IncludeDetail: new("FULL"), Level: new("TRACE")},
		Tags:             []shape.Tag{{Key: new("k"), Value: new("v")}},
	}
	made, err := h.CreateEventBus(h.ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	busARN := "arn:aws:events:eu-west-1:123456789012:event-bus/cinema"
	want := &shape.CreateEventBusOutput{
		EventBusArn: &busARN, Description: in.Description, KmsKeyIdentifier: in.KmsKeyIdentifier,
		DeadLetterConfig: in.DeadLetterConfig, LogConfig: in.LogConfig,
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("CreateEventBus (-want +got):\n%s", diff)
	}
	h.clock.Advance(1e9)
	if _, err := h.UpdateEventBus(h.ctx, &shape.UpdateEventBusInput{Name: in.Name, Description: new("e")}); err != nil {
		t.Fatal(err)
	}
	h.boot()
	for _, name := range []string{"cinema", busARN} {
		got, err := h.DescribeEventBus(h.ctx, &shape.DescribeEventBusInput{Name: &name})
		if err != nil {
			t.Fatal(err)
		}
		if got.CreationTime == nil || got.LastModifiedTime == nil || got.LastModifiedTime.Sub(*got.CreationTime).Seconds() < 1 {
			t.Errorf("times = %v, %v", got.CreationTime, got.LastModifiedTime)
		}
		got.CreationTime, got.LastModifiedTime = nil, nil
		want := &shape.DescribeEventBusOutput{
			Name: in.Name, Arn: &busARN, Description: new("e"), KmsKeyIdentifier: in.KmsKeyIdentifier,
			DeadLetterConfig: in.DeadLetterConfig, LogConfig: in.LogConfig,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("DescribeEventBus (-want +got):\n%s", diff)
		}
	}
}

func TestUpdateEventBus(t *testing.T) {
	h := newHarness(t)
	in := &shape.UpdateEventBusInput{
		Description: new("d"), KmsKeyIdentifier: new("k"), DeadLetterConfig: &shape.DeadLetterConfig{Arn: &queueARN},
		LogConfig: &shape.LogConfig{Level: new("INFO")},
	}
	got, err := h.UpdateEventBus(h.ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.UpdateEventBus(h.ctx, &shape.UpdateEventBusInput{KmsKeyIdentifier: new("")})
	if err != nil {
		t.Fatal(err)
	}
	if again.KmsKeyIdentifier != nil || *again.Description != "d" {
		t.Errorf("after the key was given up: key %v, description %q", again.KmsKeyIdentifier, *again.Description)
	}
	want := &shape.UpdateEventBusOutput{
		Name: new("default"), Arn: new("arn:aws:events:eu-west-1:123456789012:event-bus/default"), Description: in.Description,
		KmsKeyIdentifier: in.KmsKeyIdentifier, DeadLetterConfig: in.DeadLetterConfig, LogConfig: in.LogConfig,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("UpdateEventBus (-want +got):\n%s", diff)
	}
}

func TestEventBusErrors(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	h.putRule("cinema", "r", heldPattern)
	create := func(in shape.CreateEventBusInput) func() error {
		return func() error { _, err := h.CreateEventBus(h.ctx, &in); return err }
	}
	remove := func(name string) func() error {
		return func() error { _, err := h.DeleteEventBus(h.ctx, &shape.DeleteEventBusInput{Name: &name}); return err }
	}
	no := new("nothing")
	for _, tc := range []struct {
		name, code, message string
		call                func() error
	}{
		{"exists", "ResourceAlreadyExistsException", "Event bus cinema already exists.", create(shape.CreateEventBusInput{Name: new("cinema")})},
		{"the default bus exists", "ResourceAlreadyExistsException", "Event bus default already exists.", create(shape.CreateEventBusInput{Name: new("default")})},
		{"slash", "ValidationException", "Event bus name must not contain '/'.", create(shape.CreateEventBusInput{Name: new("a/b")})},
		{
			"partner", "ResourceNotFoundException", "Event source aws.partner/x/y does not exist.",
			create(shape.CreateEventBusInput{Name: new("aws.partner/x/y"), EventSourceName: new("aws.partner/x/y")}),
		},
		{"delete default", "ValidationException", "Cannot delete event bus default.", remove("default")},
		{"delete with rules", "ValidationException", "EventBus can't be deleted since it has rules.", remove("cinema")},
		{"describe", "ResourceNotFoundException", "Event bus nothing does not exist.", func() error {
			_, err := h.DescribeEventBus(h.ctx, &shape.DescribeEventBusInput{Name: no})
			return err
		}},
		{"update", "ResourceNotFoundException", "Event bus nothing does not exist.", func() error {
			_, err := h.UpdateEventBus(h.ctx, &shape.UpdateEventBusInput{Name: no})
			return err
		}},
		{"list rules", "ResourceNotFoundException", "Event bus nothing does not exist.", func() error {
			_, err := h.ListRules(h.ctx, &shape.ListRulesInput{EventBusName: no})
			return err
		}},
		{"ARN of something else", "ResourceNotFoundException", "Event bus arn:aws:sqs:eu-west-1:1:q does not exist.", func() error {
			_, err := h.ListRules(h.ctx, &shape.ListRulesInput{EventBusName: new("arn:aws:sqs:eu-west-1:1:q")})
			return err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) { wantError(t, tc.call(), tc.code, tc.message) })
	}
	if err := remove("nothing")(); err != nil {
		t.Errorf("deleting a missing bus: %v", err)
	}
}

func TestDeleteEventBus(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	h.putOne("cinema", "cinema")
	if n := h.events(); n != 1 {
		t.Fatalf("%d events are stored, want 1", n)
	}
	if _, err := h.DeleteEventBus(h.ctx, &shape.DeleteEventBusInput{Name: new("cinema")}); err != nil {
		t.Fatal(err)
	}
	if n := h.events(); n != 0 {
		t.Errorf("%d events of the deleted bus are stored", n)
	}
	h.wantUnknown("cinema", true)
	h.createBus("cinema")
	h.wantUnknown("cinema", false)
}

// wantUnknown checks whether an event for a bus is dropped.
func (h *harness) wantUnknown(bus string, want bool) {
	h.Helper()
	n, err := h.lineage.Tree(h.ctx, h.putOne(bus, "cinema"))
	if err != nil {
		h.Fatal(err)
	}
	if n.UnknownBus != want {
		h.Errorf("event for bus %s: unknown bus = %v, want %v", bus, n.UnknownBus, want)
	}
}

func TestListEventBuses(t *testing.T) {
	h := newHarness(t)
	for _, name := range []string{"b", "a", "dd"} {
		h.createBus(name)
	}
	other := wire.NewContext(h.ctx, wire.Request{Scope: arn.Scope{Region: "us-east-1", Account: scope.Account}})
	if _, err := h.CreateEventBus(other, &shape.CreateEventBusInput{Name: new("elsewhere")}); err != nil {
		t.Fatal(err)
	}
	for prefix, want := range map[string]string{"": "a,b|dd,default", "d": "dd,default", "x": ""} {
		in := &shape.ListEventBusesInput{NamePrefix: some(prefix), Limit: new(int64(2))}
		var pages []string
		for {
			out, err := h.ListEventBuses(h.ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, b := range out.EventBuses {
				names = append(names, *b.Name)
			}
			pages = append(pages, strings.Join(names, ","))
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		if got := strings.Join(pages, "|"); got != want {
			t.Errorf("pages of %q = %s, want %s", prefix, got, want)
		}
	}
	if _, err := h.ListEventBuses(h.ctx, &shape.ListEventBusesInput{NextToken: new("x")}); err == nil {
		t.Error("a bad token was accepted")
	}
}

func TestFindBus(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	ids := map[string]bool{}
	for _, a := range []arn.ARN{scope.EventBus("default"), scope.EventBus("cinema"), {Service: "events", Account: "1", Resource: "event-bus/default"}} {
		id, err := h.FindBus(h.ctx, a)
		if err != nil || id == 0 {
			t.Errorf("FindBus(%s) = %d, %v", a, id, err)
		}
		ids[string(rune(id))] = true
	}
	if len(ids) != 3 {
		t.Error("buses share an id")
	}
	for _, a := range []arn.ARN{scope.EventBus("nothing"), scope.Queue("q")} {
		if _, err := h.FindBus(h.ctx, a); !errors.Is(err, ErrNoBus) {
			t.Errorf("FindBus(%s): %v, want %v", a, err, ErrNoBus)
		}
	}
}
