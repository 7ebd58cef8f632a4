package events

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/events"
)

const heldPattern = `{"source":["cinema"]}`

func TestRulesApplyAtOnce(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	for _, bus := range []string{"", "cinema"} {
		h.putRule(bus, "held", heldPattern)
		h.wantTargets(h.putOne(bus, "cinema"))
		h.putTargets(bus, "held", "a", "b")
		h.wantTargets(h.putOne(bus, "cinema"), "held a", "held b")
		h.wantTargets(h.putOne(bus, "theatre"))

		in := &shape.DisableRuleInput{Name: new("held"), EventBusName: some(bus)}
		if _, err := h.DisableRule(h.ctx, in); err != nil {
			t.Fatal(err)
		}
		h.wantTargets(h.putOne(bus, "cinema"))
		if _, err := h.EnableRule(h.ctx, &shape.EnableRuleInput{Name: new("held"), EventBusName: some(bus)}); err != nil {
			t.Fatal(err)
		}
		h.wantTargets(h.putOne(bus, "cinema"), "held a", "held b")

		h.putRule(bus, "held", `{"source":["theatre"]}`)
		h.wantTargets(h.putOne(bus, "cinema"))
		h.wantTargets(h.putOne(bus, "theatre"), "held a", "held b")

		h.removeTargets(bus, "held", "a")
		h.wantTargets(h.putOne(bus, "theatre"), "held b")
		h.removeTargets(bus, "held", "b")
		if _, err := h.DeleteRule(h.ctx, &shape.DeleteRuleInput{Name: new("held"), EventBusName: some(bus)}); err != nil {
			t.Fatal(err)
		}
		h.wantTargets(h.putOne(bus, "theatre"))
	}
}

func TestRestart(t *testing.T) {
	for name, restart := range map[string]func(*harness){
		"closed":    func(h *harness) { h.boot() },
		"power cut": (*harness).cutPower,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t)
			h.createBus("cinema")
			h.putRule("cinema", "held", heldPattern)
			h.putTargets("cinema", "held", "a", "b", "x")
			h.removeTargets("cinema", "held", "x")
			h.putRule("cinema", "deleted", heldPattern)
			if _, err := h.DeleteRule(h.ctx, &shape.DeleteRuleInput{Name: new("deleted"), EventBusName: new("cinema")}); err != nil {
				t.Fatal(err)
			}
			h.putRule("", "off", heldPattern)
			h.putTargets("", "off", "c")
			if _, err := h.DisableRule(h.ctx, &shape.DisableRuleInput{Name: new("off")}); err != nil {
				t.Fatal(err)
			}
			restart(h)
			h.wantTargets(h.putOne("cinema", "cinema"), "held a", "held b")
			h.wantTargets(h.putOne("", "cinema"))
			h.putTargets("cinema", "held", "c")
			h.wantTargets(h.putOne("cinema", "cinema"), "held a", "held b", "held c")
			if lane := h.laneOf("cinema", "held", "c"); lane != 5 {
				t.Errorf("lane = %d, want one that was never used before, 5", lane)
			}
		})
	}
}

func TestPutRuleReplacesAndKeepsTargetsAndTags(t *testing.T) {
	h := newHarness(t)
	in := &shape.PutRuleInput{
		Name: new("r"), EventPattern: new(heldPattern), Description: new("d"), RoleArn: new("arn:aws:iam::1:role/r"),
		State: new("DISABLED"), Tags: []shape.Tag{{Key: new("k"), Value: new("v")}},
	}
	if _, err := h.PutRule(h.ctx, in); err != nil {
		t.Fatal(err)
	}
	h.putTargets("", "r", "a")
	again := &shape.PutRuleInput{
		Name: new("r"), EventPattern: new(`{"source":["x"]}`), Tags: []shape.Tag{{Key: new("other"), Value: new("v")}},
	}
	if _, err := h.PutRule(h.ctx, again); err != nil {
		t.Fatal(err)
	}
	out, err := h.DescribeRule(h.ctx, &shape.DescribeRuleInput{Name: new("r")})
	if err != nil {
		t.Fatal(err)
	}
	want := &shape.DescribeRuleOutput{
		Name: new("r"), Arn: new("arn:aws:events:eu-west-1:123456789012:rule/r"), EventPattern: new(`{"source":["x"]}`),
		State: new("ENABLED"), EventBusName: new("default"), CreatedBy: new("123456789012"),
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("DescribeRule (-want +got):\n%s", diff)
	}
	tags, err := h.ListTagsForResource(h.ctx, &shape.ListTagsForResourceInput{ResourceARN: out.Arn})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]shape.Tag{{Key: new("k"), Value: new("v")}}, tags.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	h.wantTargets(h.putOne("", "x"), "r a")
}

func TestPutRuleRefuses(t *testing.T) {
	h := newHarness(t)
	h.createBus("cinema")
	for _, tc := range []struct {
		name, bus, pattern, schedule string
		code, message                string
	}{
		{
			name: "nothing", code: "ValidationException",
			message: "Parameter(s) EventPattern or ScheduleExpression must be specified.",
		},
		{
			name: "schedule on a custom bus", bus: "cinema", schedule: "rate(1 minute)", code: "ValidationException",
			message: "ScheduleExpression is supported only on the default event bus.",
		},
		{
			name: "schedule", schedule: "rate(1 minute)", pattern: heldPattern, code: "ValidationException",
			message: "Parameter ScheduleExpression is not supported: stormbus does not run schedules yet.",
		},
		{
			name: "no bus", bus: "theatre", pattern: heldPattern, code: "ResourceNotFoundException",
			message: "Event bus theatre does not exist.",
		},
		{
			name: "bus of another account", bus: "arn:aws:events:eu-west-1:999999999999:event-bus/cinema", pattern: heldPattern,
			code: "ResourceNotFoundException", message: "Event bus cinema does not exist.",
		},
		{
			name: "pattern", pattern: `[]`, code: "InvalidEventPatternException",
			message: "Event pattern is not valid. Reason: Filter is not an object\n at [Source: (String)\"[]\"; line: 1, column: 2]",
		},
		{
			name: "long pattern", pattern: `{"source":["` + strings.Repeat("x", 2048) + `"]}`,
			code: "InvalidEventPatternException", message: "Event pattern is not valid. Reason: Event pattern is longer than 2048 characters",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := &shape.PutRuleInput{
				Name: new("r"), EventBusName: some(tc.bus), EventPattern: some(tc.pattern), ScheduleExpression: some(tc.schedule),
			}
			_, err := h.PutRule(h.ctx, in)
			wantError(t, err, tc.code, tc.message)
		})
	}
}

const limitMessage = "The requested resource exceeds the maximum number allowed."

func TestQuotas(t *testing.T) {
	t.Run("rules", func(t *testing.T) {
		h := newHarness(t)
		for i := range maxRules {
			h.putRule("", fmt.Sprint("r", i), heldPattern)
		}
		_, err := h.PutRule(h.ctx, &shape.PutRuleInput{Name: new("one-too-many"), EventPattern: new(heldPattern)})
		wantError(t, err, "LimitExceededException", limitMessage)
		h.putRule("", "r0", `{"source":["again"]}`) // replacing is no new rule
	})
	t.Run("wildcards", func(t *testing.T) {
		h := newHarness(t)
		const wild = `{"source":[{"wildcard":"a*b"}]}`
		for i := range maxWildcardRules {
			h.putRule("", fmt.Sprint("r", i), wild)
		}
		h.putRule("", "r0", wild)
		h.putRule("", "plain", heldPattern)
		for _, name := range []string{"new", "plain"} {
			_, err := h.PutRule(h.ctx, &shape.PutRuleInput{Name: &name, EventPattern: new(wild)})
			wantError(t, err, "LimitExceededException", limitMessage)
		}
	})
	t.Run("targets", func(t *testing.T) {
		h := newHarness(t)
		h.putRule("", "r", heldPattern)
		h.putTargets("", "r", "a", "b", "c", "d", "e")
		h.putTargets("", "r", "a")
		err := h.tryTargets("", "r", shape.Target{Id: new("f"), Arn: &queueARN})
		wantError(t, err, "LimitExceededException", limitMessage)
		h.wantTargets(h.putOne("", "cinema"), "r a", "r b", "r c", "r d", "r e")
	})
	t.Run("buses", func(t *testing.T) {
		h := newHarness(t)
		for i := range maxBuses - 1 { // the default bus counts
			h.createBus(fmt.Sprint("b", i))
		}
		_, err := h.CreateEventBus(h.ctx, &shape.CreateEventBusInput{Name: new("one-too-many")})
		wantError(t, err, "LimitExceededException", limitMessage)
	})
	t.Run("lifted", func(t *testing.T) {
		h := newHarness(t, func(c *Config) { c.NoQuotas = true })
		h.putRule("", "r", `{"source":["`+strings.Repeat("x", 2048)+`","cinema"]}`)
		h.putTargets("", "r", "a", "b", "c", "d", "e", "f")
		h.wantTargets(h.putOne("", "cinema"), "r a", "r b", "r c", "r d", "r e", "r f")
	})
}

func TestMissingRuleAndBus(t *testing.T) {
	h := newHarness(t)
	no := new("nothing")
	for name, call := range map[string]func(bus *string) error{
		"DescribeRule": func(bus *string) error {
			_, err := h.DescribeRule(h.ctx, &shape.DescribeRuleInput{Name: no, EventBusName: bus})
			return err
		},
		"EnableRule": func(bus *string) error {
			_, err := h.EnableRule(h.ctx, &shape.EnableRuleInput{Name: no, EventBusName: bus})
			return err
		},
		"DisableRule": func(bus *string) error {
			_, err := h.DisableRule(h.ctx, &shape.DisableRuleInput{Name: no, EventBusName: bus})
			return err
		},
		"ListTargetsByRule": func(bus *string) error {
			_, err := h.ListTargetsByRule(h.ctx, &shape.ListTargetsByRuleInput{Rule: no, EventBusName: bus})
			return err
		},
		"PutTargets": func(bus *string) error {
			in := &shape.PutTargetsInput{Rule: no, EventBusName: bus, Targets: []shape.Target{{Id: no, Arn: &queueARN}}}
			_, err := h.PutTargets(h.ctx, in)
			return err
		},
		"RemoveTargets": func(bus *string) error {
			_, err := h.RemoveTargets(h.ctx, &shape.RemoveTargetsInput{Rule: no, EventBusName: bus, Ids: []string{"x"}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, call(nil), "ResourceNotFoundException", "Rule nothing does not exist on EventBus default.")
			wantError(t, call(no), "ResourceNotFoundException", "Event bus nothing does not exist.")
		})
	}
	if _, err := h.DeleteRule(h.ctx, &shape.DeleteRuleInput{Name: no}); err != nil {
		t.Errorf("DeleteRule of a missing rule: %v", err)
	}
	_, err := h.DeleteRule(h.ctx, &shape.DeleteRuleInput{Name: no, EventBusName: no})
	wantError(t, err, "ResourceNotFoundException", "Event bus nothing does not exist.")
}

func TestDeleteRuleWithTargets(t *testing.T) {
	h := newHarness(t)
	h.putRule("", "r", heldPattern)
	h.putTargets("", "r", "a")
	_, err := h.DeleteRule(h.ctx, &shape.DeleteRuleInput{Name: new("r")})
	wantError(t, err, "ValidationException", "Rule can't be deleted since it has targets.")
}

func TestListRules(t *testing.T) {
	h := newHarness(t)
	for _, name := range []string{"b2", "a1", "b1", "c", "b3"} {
		h.putRule("", name, heldPattern)
	}
	h.putTargets("", "b1", "q")
	h.putTargets("", "c", "q", "other")
	var pages [][]string
	in := &shape.ListRulesInput{NamePrefix: new("b"), Limit: new(int64(2))}
	for {
		out, err := h.ListRules(h.ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range out.Rules {
			names = append(names, *r.Name)
		}
		pages = append(pages, names)
		if in.NextToken = out.NextToken; in.NextToken == nil {
			break
		}
	}
	if diff := cmp.Diff([][]string{{"b1", "b2"}, {"b3"}}, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	names, err := h.ListRuleNamesByTarget(h.ctx, &shape.ListRuleNamesByTargetInput{TargetArn: &queueARN})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b1", "c"}, names.RuleNames); diff != "" {
		t.Errorf("rules by target (-want +got):\n%s", diff)
	}
	for _, token := range []string{"x", ruleNameList.token("b1"), "AAAAAHJiMQ=="} {
		_, err := h.ListRules(h.ctx, &shape.ListRulesInput{NextToken: &token})
		wantError(t, err, "ValidationException", "Parameter NextToken is not valid.")
	}
}
