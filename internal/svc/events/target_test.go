package events

import (
	"encoding/json"
	"errors"
	mathrand "math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
)

func TestPutTargetsRefuses(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "r", heldPattern)
	queue := func(change func(*shape.Target)) shape.Target {
		out := shape.Target{Id: new("T"), Arn: &queueARN}
		change(&out)
		return out
	}
	dlq := func(arn string) shape.Target {
		return queue(func(t *shape.Target) { t.DeadLetterConfig = &shape.DeadLetterConfig{Arn: &arn} })
	}
	for _, tc := range []struct {
		name    string
		target  shape.Target
		message string
	}{
		{
			"two inputs", queue(func(t *shape.Target) { t.Input, t.InputPath = new("{}"), new("$.detail") }),
			"Only one of Input, InputPath, or InputTransformer must be provided for target T.",
		},
		{
			"input that is not JSON", queue(func(t *shape.Target) { t.Input = new("{\n 'a': 1}") }),
			"JSON syntax error in input for target T: [Source: (String)\"{\n 'a': 1}\"; line: 2, column: 3]",
		},
		{
			"input with more behind it", queue(func(t *shape.Target) { t.Input = new("{} x") }),
			"JSON syntax error in input for target T: [Source: (String)\"{} x\"; line: 1, column: 5]",
		},
		{
			"empty input", queue(func(t *shape.Target) { t.Input = new("") }),
			"JSON syntax error in input for target T: [Source: (String)\"\"; line: 1, column: 1]",
		},
		{
			"placeholder", queue(func(t *shape.Target) {
				t.InputTransformer = &shape.InputTransformer{InputTemplate: new(`"<k>"`)}
			}),
			"InputTemplate for target T contains invalid placeholder k.",
		},
		{
			"no ARN", queue(func(t *shape.Target) { t.Arn = new("queue") }),
			"Parameter queue is not valid. Reason: Provided Arn is not in correct format.",
		},
		{
			"kind", queue(func(t *shape.Target) { t.Arn = new("arn:aws:firehose:eu-west-1:1:deliverystream/x") }),
			"Parameter arn:aws:firehose:eu-west-1:1:deliverystream/x is not valid. Reason: stormbus cannot deliver to firehose yet.",
		},
		{
			"FIFO queue without a group", queue(func(t *shape.Target) { t.Arn = new("arn:aws:sqs:eu-west-1:1:q.fifo") }),
			"Parameter(s) SqsParameters must be specified for target: T.",
		},
		{
			"parameters", queue(func(t *shape.Target) { t.EcsParameters = &shape.EcsParameters{} }),
			"EcsParameters of target T: stormbus does not support this yet.",
		},
		{"DLQ, no ARN", dlq("q"), "Parameter q is not valid. Reason: Provided Arn is not in correct format."},
		{
			"DLQ, no queue", dlq("arn:aws:sns:eu-west-1:1:t"),
			"Parameter arn:aws:sns:eu-west-1:1:t is not valid. Reason: The dead-letter queue must be an SQS queue.",
		},
		{
			"DLQ, FIFO", dlq("arn:aws:sqs:eu-west-1:1:q.fifo"),
			"Parameter arn:aws:sqs:eu-west-1:1:q.fifo is not valid. Reason: The dead-letter queue must not be a FIFO queue.",
		},
		{
			"DLQ, region", dlq("arn:aws:sqs:eu-west-2:1:q"),
			"Parameter arn:aws:sqs:eu-west-2:1:q is not valid. Reason: The dead-letter queue must be in the region of the rule.",
		},
		{
			"DLQ, refused", dlq("arn:aws:sqs:eu-west-1:1:forbidden"),
			"Parameter arn:aws:sqs:eu-west-1:1:forbidden is not valid. Reason: No.",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			good := shape.Target{Id: new("good"), Arn: &queueARN}
			wantError(t, h.tryTargets("", "r", good, tc.target), "ValidationException", tc.message)
			if n := h.rows(targetPrefix); n != 0 {
				t.Errorf("%d targets were put", n)
			}
		})
	}
}

func TestUnsupportedParameters(t *testing.T) {
	for name, in := range map[string]shape.Target{
		"KinesisParameters":           {KinesisParameters: &shape.KinesisParameters{}},
		"RunCommandParameters":        {RunCommandParameters: &shape.RunCommandParameters{}},
		"EcsParameters":               {EcsParameters: &shape.EcsParameters{}},
		"BatchParameters":             {BatchParameters: &shape.BatchParameters{}},
		"HttpParameters":              {HttpParameters: &shape.HttpParameters{}},
		"RedshiftDataParameters":      {RedshiftDataParameters: &shape.RedshiftDataParameters{}},
		"SageMakerPipelineParameters": {SageMakerPipelineParameters: &shape.SageMakerPipelineParameters{}},
		"AppSyncParameters":           {AppSyncParameters: &shape.AppSyncParameters{}},
		"":                            {SqsParameters: &shape.SqsParameters{}},
	} {
		if got := unsupportedParameters(&in); got != name {
			t.Errorf("unsupportedParameters = %q, want %q", got, name)
		}
	}
}

// everything is a target that says all that can be said.
func everything(id string) shape.Target {
	return shape.Target{
		Id: &id, Arn: &queueARN, RoleArn: new("arn:aws:iam::1:role/r"),
		InputTransformer: &shape.InputTransformer{InputPathsMap: map[string]string{"s": "$.detail.seats"}, InputTemplate: new(`{"x":<s>}`)},
		SqsParameters:    &shape.SqsParameters{MessageGroupId: new("group")},
		DeadLetterConfig: &shape.DeadLetterConfig{Arn: new(scope.Queue("dlq").String())},
		RetryPolicy:      &shape.RetryPolicy{MaximumRetryAttempts: new(int64(3)), MaximumEventAgeInSeconds: new(int64(60))},
	}
}

func TestTargetsAreShownAsTheyWerePut(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "r", heldPattern)
	want := []shape.Target{
		everything("a"),
		{Id: new("b"), Arn: &queueARN, InputPath: new("$.detail"), RetryPolicy: &shape.RetryPolicy{}},
		{Id: new("c"), Arn: &queueARN, Input: new(`{"x":1}`), DeadLetterConfig: &shape.DeadLetterConfig{}},
	}
	if err := h.tryTargets("", "r", want[2], want[0], want[1]); err != nil {
		t.Fatal(err)
	}
	h.boot()
	var got []shape.Target
	in := &shape.ListTargetsByRuleInput{Rule: new("r"), Limit: new(int64(2))}
	for range 2 {
		out, err := h.ListTargetsByRule(h.ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, out.Targets...)
		in.NextToken = out.NextToken
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets (-want +got):\n%s", diff)
	}
	if in.NextToken != nil {
		t.Error("the last page has a token")
	}
	if !slices.Contains(h.world.params, "group") {
		t.Errorf("targets were resolved with %q, want the group", h.world.params)
	}
}

func TestTargetInput(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "r", heldPattern)
	for _, tc := range []struct {
		name   string
		change func(*shape.Target)
		want   string
	}{
		{"input", func(t *shape.Target) { t.Input = new(`{ "a" : "constant" }`) }, `{ "a" : "constant" }`},
		{"path", func(t *shape.Target) { t.InputPath = new("$.detail.seats[0]") }, `"A1"`},
		{"template", func(t *shape.Target) {
			t.InputTransformer = &shape.InputTransformer{
				InputPathsMap: map[string]string{"s": "$.detail.seats"},
				InputTemplate: new(`{"s":<s>,"r":<aws.events.rule-name>,"a":<aws.events.rule-arn>,"t":<aws.events.event.ingestion-time>}`),
			}
		}, `{"s":["A1"],"r":"r","a":"arn:aws:events:eu-west-1:123456789012:rule/r","t":"2026-11-24T10:00:00Z"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target := shape.Target{Id: new("t"), Arn: &queueARN}
			tc.change(&target)
			if err := h.tryTargets("", "r", target); err != nil {
				t.Fatal(err)
			}
			h.putOne("", "cinema")
			if got := (<-h.world.arrived).Payload; string(got) != tc.want {
				t.Errorf("payload = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestInputThatYieldsNothing(t *testing.T) {
	in, err := (&target{InputPath: new("$.detail.nothing")}).input(scope.Rule("b", "r"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in([]byte(`{"detail":{}}`), start); !errors.Is(err, delivery.ErrNothing) {
		t.Errorf("error = %v, want %v", err, delivery.ErrNothing)
	}
	_, err = in([]byte(`{`), start)
	f, ok := errors.AsType[*delivery.Failure](err)
	if !ok || !f.Permanent || f.Code != delivery.CodeInvalidJSON {
		t.Errorf("error = %v, want a permanent %s", err, delivery.CodeInvalidJSON)
	}
}

func TestPolicy(t *testing.T) {
	for _, tc := range []struct {
		retry   *retryPolicy
		retries int
		age     time.Duration
	}{
		{nil, 185, 24 * time.Hour},
		{&retryPolicy{}, 185, 24 * time.Hour},
		{&retryPolicy{Attempts: new(int64(0))}, 0, 24 * time.Hour},
		{&retryPolicy{AgeSeconds: new(int64(60))}, 185, time.Minute},
	} {
		if p := tc.retry.policy(); p.MaxRetries != tc.retries || p.MaxAge != tc.age {
			t.Errorf("policy of %+v = %d %v, want %d %v", tc.retry, p.MaxRetries, p.MaxAge, tc.retries, tc.age)
		}
	}
}

func TestDeadLetters(t *testing.T) {
	h := newHarness(t)
	h.world.refuse(&delivery.Failure{Code: delivery.CodeNoResource, Message: "gone", Permanent: true})
	h.putRule("", "r", heldPattern)
	if err := h.tryTargets("", "r", everything("a")); err != nil {
		t.Fatal(err)
	}
	id := h.putOne("", "cinema")
	l := <-h.world.letters
	if l.Delivery.EventID != id || l.Delivery.TargetARN != queueARN || l.Code != delivery.CodeNoResource || !json.Valid(l.Delivery.Event) {
		t.Errorf("dead letter = %+v", l)
	}
}

func TestReplacedTargetKeepsItsLane(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "r", heldPattern)
	h.putTargets("", "r", "a")
	other := scope.Queue("other").String()
	// Of two targets with the same id the last one counts.
	if err := h.tryTargets("", "r", shape.Target{Id: new("a"), Arn: new("arn:aws:lambda:eu-west-1:1:function:f")}, shape.Target{Id: new("a"), Arn: &other}); err != nil {
		t.Fatal(err)
	}
	h.wantTargets(h.putOne("", "cinema"), "r other")
	if lane := h.laneOf("", "r", "a"); lane != 1 {
		t.Errorf("lane = %d, want the first one", lane)
	}
	h.removeTargets("", "r", "a")
	h.putTargets("", "r", "a")
	if lane := h.laneOf("", "r", "a"); lane != 2 {
		t.Errorf("lane = %d, want a new one after the target was removed", lane)
	}
}

// laneOf returns the lane of a stored target.
func (h *harness) laneOf(bus, rule, id string) (lane delivery.LaneID) {
	h.Helper()
	err := h.store.View(h.ctx, store.Meta, func(v store.View) error {
		r, err := findRule(v, h.refer(h.ctx, some(bus)), rule)
		if err != nil {
			return err
		}
		t, err := read[target](v, targetKey(r.ID, id))
		if err == nil {
			lane = t.Lane
		}
		return err
	})
	if err != nil {
		h.Fatal(err)
	}
	return lane
}

func TestRemoveTargets(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "r", heldPattern)
	h.putTargets("", "r", "a", "b")
	out := h.removeTargets("", "r", "a", "x", "a")
	want := &shape.RemoveTargetsOutput{FailedEntryCount: new(int64(2)), FailedEntries: []shape.RemoveTargetsResultEntry{
		{TargetId: new("x"), ErrorCode: new("ResourceNotFoundException"), ErrorMessage: new("Rule 'r' does not have a target with the Id 'x'.")},
		{TargetId: new("a"), ErrorCode: new("ResourceNotFoundException"), ErrorMessage: new("Rule 'r' does not have a target with the Id 'a'.")},
	}}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("RemoveTargets (-want +got):\n%s", diff)
	}
	h.wantTargets(h.putOne("", "cinema"), "r b")
	if n := h.rows(goneLanePrefix); n != 0 {
		t.Errorf("%d lanes are left to be forgotten", n)
	}
}

// TestCrashWhileRemoving ends a life between the Update that removes and the
// cleaning up, and sees the next one do the rest.
func TestCrashWhileRemoving(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	h.putRule("cinema", "r", heldPattern)
	dead := shape.Target{Id: new("a"), Arn: &queueARN}
	if err := h.tryTargets("cinema", "r", dead); err != nil {
		t.Fatal(err)
	}
	lane := h.laneOf("cinema", "r", "a")
	h.world.refuse(&delivery.Failure{Code: delivery.CodeThrottling, After: time.Hour})
	id := h.putOne("cinema", "cinema") // waits in the lane for its retry
	h.clock.BlockUntil(1)
	h.crash(func() {
		h.removeTargets("cinema", "r", "a")
		if _, err := h.DeleteRule(h.ctx, &shape.DeleteRuleInput{Name: new("r"), EventBusName: new("cinema")}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.DeleteEventBus(h.ctx, &shape.DeleteEventBusInput{Name: new("cinema")}); err != nil {
			t.Fatal(err)
		}
	})
	if lanes, buses := h.rows(goneLanePrefix), h.rows(goneBusPrefix); lanes != 1 || buses != 1 {
		t.Fatalf("after the crash %d lanes and %d buses are noted as gone, want 1 and 1", lanes, buses)
	}
	h.cutPower()
	if lanes, buses := h.rows(goneLanePrefix), h.rows(goneBusPrefix); lanes != 0 || buses != 0 {
		t.Errorf("after the start %d lanes and %d buses are noted as gone", lanes, buses)
	}
	for _, u := range h.engine.Stats().Unclaimed {
		t.Errorf("lane %d has deliveries that nobody will carry", u.ID)
	}
	if arn := h.engine.TargetARN(lane); arn != "" {
		t.Errorf("lane %d leads to %s", lane, arn)
	}
	n, err := h.lineage.Tree(h.ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if !n.Done {
		t.Errorf("the delivery that waited is not told as dropped: %+v", n.Rules)
	}
	if got := h.events(); got != 0 {
		t.Errorf("%d events of the deleted bus are still stored", got)
	}
}

// crash runs calls whose removals become durable, but with a data plane that no
// longer works.
func (h *harness) crash(calls func()) {
	h.Helper()
	dead := failing{h.store, store.ErrHalted}
	h.Service.bus = bus.New(bus.Config{Store: dead, Engine: h.engine, Lineage: h.lineage, Clock: h.clock, Logger: h.log})
	h.Service.engine = delivery.New(delivery.Config{Store: dead, Lineage: h.lineage, Clock: h.clock, Logger: h.log, Rand: mathrand.New(mathrand.NewPCG(3, 4))})
	calls()
}

// events counts the stored events.
func (h *harness) events() (n int) {
	h.Helper()
	for _, p := range h.store.Parts() {
		err := h.store.View(h.ctx, p, func(v store.View) error {
			n += count(v, []byte("ev/"))
			return nil
		})
		if err != nil {
			h.Fatal(err)
		}
	}
	return n
}
