package arn_test

import (
	"fmt"
	"testing"

	"stormbus/internal/arn"
)

var home = arn.Scope{Region: "eu-west-1", Account: "123456789012"}

func ExampleParse() {
	a, _ := arn.Parse("arn:aws:events:eu-west-1:123456789012:rule/cinema/capture-payment")
	bus, rule, _ := a.RuleName()
	fmt.Println(a.Region, bus, rule)
	// Output: eu-west-1 cinema capture-payment
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", "arn", "arn:aws", "arn:aws:sqs:eu-west-1:1", "arn:aws:sqs:eu-west-1:1:", "nra:aws:sqs:eu-west-1:1:q",
		"arn::sqs:eu-west-1:1:q", "arn:aws::eu-west-1:1:q",
	} {
		if a, err := arn.Parse(s); err == nil {
			t.Errorf("Parse(%q) = %+v, want an error", s, a)
		}
	}
}

func TestNames(t *testing.T) {
	for _, tc := range []struct {
		got  arn.ARN
		want string
	}{
		{home.EventBus("cinema"), "arn:aws:events:eu-west-1:123456789012:event-bus/cinema"},
		{home.Rule("default", "r"), "arn:aws:events:eu-west-1:123456789012:rule/r"},
		{home.Rule("cinema", "r"), "arn:aws:events:eu-west-1:123456789012:rule/cinema/r"},
		{home.Queue("q"), "arn:aws:sqs:eu-west-1:123456789012:q"},
		{home.Function("f", ""), "arn:aws:lambda:eu-west-1:123456789012:function:f"},
		{home.Function("f", "$LATEST"), "arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST"},
	} {
		if tc.got.String() != tc.want {
			t.Errorf("got %s, want %s", tc.got, tc.want)
		}
		if back, err := arn.Parse(tc.want); err != nil || back != tc.got {
			t.Errorf("Parse(%s) = %v, %v, want %v", tc.want, back, err, tc.got)
		}
	}
}

func TestRuleName(t *testing.T) {
	for s, want := range map[string][2]string{
		"arn:aws:events:r:1:rule/r":                      {"default", "r"},
		"arn:aws:events:r:1:rule/cinema/r":               {"cinema", "r"},
		"arn:aws:events:r:1:rule/aws.partner/x.com/1/r":  {"aws.partner/x.com/1", "r"},
		"arn:aws:events:r:1:rule/":                       {},
		"arn:aws:events:r:1:rule/cinema/":                {},
		"arn:aws:sqs:r:1:rule/r":                         {},
		"arn:aws:events:r:1:event-bus/default":           {},
		"arn:aws:lambda:eu-west-1:123456789012:function": {},
	} {
		a, err := arn.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		bus, rule, ok := a.RuleName()
		if ok != (want[1] != "") || ok && (bus != want[0] || rule != want[1]) {
			t.Errorf("RuleName(%s) = %q, %q, %v, want %q", s, bus, rule, ok, want)
		}
	}
}

func TestSplitFunction(t *testing.T) {
	for s, want := range map[string]struct {
		name, qualifier string
		scope           arn.Scope
		bad             bool
	}{
		"f":                              {name: "f"},
		"f:PROD":                         {name: "f", qualifier: "PROD"},
		"123456789012:function:f":        {name: "f", scope: arn.Scope{Account: "123456789012"}},
		"123456789012:function:f:1":      {name: "f", qualifier: "1", scope: arn.Scope{Account: "123456789012"}},
		home.Function("f", "1").String(): {name: "f", qualifier: "1", scope: home},
		home.Function("f", "").String():  {name: "f", scope: home},
		home.Queue("f").String():         {scope: home, bad: true},
		"":                               {bad: true},
		"f:1:2":                          {bad: true},
	} {
		name, qualifier, scope, ok := arn.SplitFunction(s)
		if ok == want.bad {
			t.Errorf("SplitFunction(%q) ok = %v, want %v", s, ok, !want.bad)
		}
		if ok && (name != want.name || qualifier != want.qualifier || scope != want.scope) {
			t.Errorf("SplitFunction(%q) = %q, %q, %v, want %+v", s, name, qualifier, scope, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("arn:aws:sqs:eu-west-1:123456789012:q")
	f.Add("arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := arn.Parse(s)
		if err != nil {
			return
		}
		if a.String() != s {
			t.Errorf("Parse(%q).String() = %q", s, a.String())
		}
		if bus, rule, ok := a.RuleName(); ok && (bus == "" || rule == "") {
			t.Errorf("RuleName(%q) = %q, %q", s, bus, rule)
		}
		if name, _, ok := a.FunctionName(); ok && name == "" {
			t.Errorf("FunctionName(%q) is empty", s)
		}
		if name, ok := a.BusName(); ok && name == "" {
			t.Errorf("BusName(%q) is empty", s)
		}
	})
}
