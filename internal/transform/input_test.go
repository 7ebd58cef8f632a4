package transform_test

import (
	"errors"
	"testing"
	"time"

	"stormbus/internal/transform"
)

const anEvent = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"customer & Created",` +
	`"source":"com.mycompany.myapp","account":"123456789012","time":"2026-11-12T00:00:00Z","region":"us-east-1",` +
	`"resources":["arn:a","arn:b"],"detail":{"command":"display-message","n":1.50,"big":12345678901234567890,` +
	`"yes":true,"none":null,"quote":"say \"hi\"","uni":"\u00e9","a/b":"slash","under_score":"u",` +
	`"payload":{"acc_id":"0a78","sf_id":"baz"},"sev":["HIGH"],"states":["ACTIVE","INACTIVE"],` +
	`"items":[{"sku":"s1"},{"sku":"s2"},{"x":1}],"empty":[],"twice":1,"twice":2}}`

var vars = transform.Vars{
	RuleARN:       "arn:aws:events:us-east-1:123456789012:rule/orders/a<b",
	RuleName:      "a<b",
	IngestionTime: time.Date(2026, 11, 23, 10, 0, 0, 999, time.FixedZone("", 3600)),
}

var paths = map[string]string{
	"t": "$.detail-type", "cmd": "$.detail.command", "n": "$.detail.n", "big": "$.detail.big",
	"yes": "$.detail.yes", "none": "$.detail.none", "quote": "$.detail.quote", "uni": "$.detail.uni",
	"payload": "$.detail.payload", "sev": "$.detail.sev", "states": "$.detail.states", "empty": "$.detail.empty",
	"missing": "$.detail.notinmessage", "skus": "$.detail.items[*].sku", "bad": "detail", "all": "$",
}

func TestTemplate(t *testing.T) {
	t.Parallel()
	const nothing = "\x00not delivered"
	tests := []struct{ name, template, want string }{
		{"quoted text keeps its quotes", `"Event of <t> type"`, `"Event of customer & Created type"`},
		{"the same twice", `"<cmd> <cmd>"`, `"display-message display-message"`},
		{"texts on lines", "\"one <cmd>\"\n\"two <sev>\"", "\"one display-message\"\n\"two [HIGH]\""},
		{"text with white space before it", ` "<cmd>"`, ` "display-message"`},
		{"object in text", `"p <payload>"`, `"p {acc_id:0a78,sf_id:baz}"`},
		{"list in text", `"<sev> <states> <empty>"`, `"[HIGH] [ACTIVE,INACTIVE] []"`},
		{"boolean in text", `"<yes>"`, `"true"`},
		{"null in text", `"<none>"`, `"null"`},
		{"number in text as written", `"<n> <big>"`, `"1.50 12345678901234567890"`},
		{"missing in text", `"info <missing>."`, `"info ."`},
		{"quotes in a value of a text are not escaped", `"<quote>"`, `"say "hi""`},
		{"escapes in a value of a text are resolved", `"<uni>"`, `"é"`},
		{"escaped quotes of a text stay", `"a \"<cmd>\" b"`, `"a \"display-message\" b"`},
		{"list from *", `"<skus>"`, `"[s1,s2]"`},
		{"what is no path is missing", `"[<bad>]"`, `"[]"`},

		{"string in JSON", `{"k": <cmd>}`, `{"k":"display-message"}`},
		{"string with quotes in JSON", `{"k": <quote>}`, `{"k":"say \"hi\""}`},
		{"object and list in JSON", `{"p": <payload>, "s": <sev>}`, `{"p":{"acc_id":"0a78","sf_id":"baz"},"s":["HIGH"]}`},
		{"numbers and literals in JSON", `{"k": [<n>, <big>, <yes>, <none>]}`, `{"k":[1.50,12345678901234567890,true,null]}`},
		{"missing in JSON", `{"k": <missing>}`, `{"k":""}`},
		{"missing in a string", `{"k": "<missing>"}`, `{"k":""}`},
		{"string in a string", `{"k": "<cmd>"}`, `{"k":"display-message"}`},
		{"part of a string, twice", `{"k": "a/<cmd>/<cmd>/b"}`, `{"k":"a/display-message/display-message/b"}`},
		{"scalars in a string", `{"k": "<n> <yes> <none>"}`, `{"k":"1.50 true null"}`},
		{"deep", `{"a": {"b": [ {"c": "<cmd>", "d": <sev>} ]}}`, `{"a":{"b":[{"c":"display-message","d":["HIGH"]}]}}`},
		{"behind an escaped quote", `{"k": "\"<cmd>"}`, `{"k":"\"display-message"}`},
		{"not a placeholder", `{"k": "1 < 2 > 0 <>", "l": "<a b>"}`, `{"k":"1 < 2 > 0 <>","l":"<a b>"}`},
		{"whole event", `{"k": <all>}`, `{"k":` + anEvent + `}`},
		{"no placeholder", `{ "k" : 1 }`, `{"k":1}`},
		{"a list", `[<cmd>, 1]`, `["display-message",1]`},

		{"object in a string", `{"k": "<payload>"}`, nothing},
		{"list in a string", `{"k": "<sev>"}`, nothing},
		{"list of nothing in a string", `{"k": "<empty>"}`, nothing},
		{"string whose quotes break a string", `{"k": "<quote>"}`, nothing},
		{"JSON that is not", `{"k": <cmd>,}`, nothing},
		{"text without quotes", `Event of <t> type`, nothing},
		{"text without quotes that begins with a value", `<t> is here`, nothing},

		{"rule in text", `"<aws.events.rule-arn> <aws.events.rule-name>"`, `"` + vars.RuleARN + ` a<b"`},
		{"time in text", `"<aws.events.event.ingestion-time>"`, `"2026-11-23T09:00:00Z"`},
		{"rule in JSON", `{"k": <aws.events.rule-arn>, "n": "<aws.events.rule-name>"}`, `{"k":"` + vars.RuleARN + `","n":"a<b"}`},
		{"event in JSON", `{"k": <aws.events.event.json>}`, `{"k":` + anEvent + `}`},
		{
			"event without detail", `{"k": <aws.events.event>}`,
			`{"k":{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detailType":"customer & Created",` +
				`"source":"com.mycompany.myapp","account":"123456789012","time":"2026-11-12T00:00:00Z",` +
				`"region":"us-east-1","resources":["arn:a","arn:b"]}}`,
		},
		{"event in a string", `{"k": "<aws.events.event.json>"}`, nothing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, err := transform.New(transform.Config{
				InputTransformer: &transform.Transformer{InputPathsMap: paths, InputTemplate: tt.template},
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := in.Apply([]byte(anEvent), vars)
			if tt.want == nothing {
				if !errors.Is(err, transform.ErrNotDelivered) {
					t.Errorf("Apply(%s) = %s, %v; want ErrNotDelivered", tt.template, got, err)
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Errorf("Apply(%s) = %s, %v\nwant %s", tt.template, got, err, tt.want)
			}
		})
	}
}

func TestInputAndPath(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		config transform.Config
		want   string // empty: not delivered
	}{
		{"nothing asked for", transform.Config{}, anEvent},
		{"constant", transform.Config{Input: new(`{ "a" : 1 }`)}, `{ "a" : 1 }`},
		{"constant that is not JSON", transform.Config{Input: new(`x`)}, `x`},
		{"object", transform.Config{InputPath: new("$.detail.payload")}, `{"acc_id":"0a78","sf_id":"baz"}`},
		{"string keeps its quotes", transform.Config{InputPath: new("$.detail.payload.sf_id")}, `"baz"`},
		{"whole event", transform.Config{InputPath: new("$")}, anEvent},
		{"number", transform.Config{InputPath: new("$.detail.n")}, `1.50`},
		{"null is something", transform.Config{InputPath: new("$.detail.none")}, `null`},
		{"nothing there", transform.Config{InputPath: new("$.detail.nope")}, ``},
		{"not a path", transform.Config{InputPath: new("detail")}, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, err := transform.New(tt.config)
			if err != nil {
				t.Fatal(err)
			}
			got, err := in.Apply([]byte(" "+anEvent+"\n"), vars)
			if string(got) != tt.want || (err != nil) != (tt.want == "") {
				t.Errorf("Apply = %s, %v; want %q", got, err, tt.want)
			}
			if err != nil && !errors.Is(err, transform.ErrNotDelivered) {
				t.Errorf("Apply = error %v, want ErrNotDelivered", err)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	template := func(s string) *transform.Transformer {
		return &transform.Transformer{InputPathsMap: map[string]string{"k": "$.detail"}, InputTemplate: s}
	}
	const several = "Only one of Input, InputPath, or InputTransformer must be provided for target T."
	tests := []struct {
		name   string
		config transform.Config
		want   string
	}{
		{"input and path", transform.Config{Input: new("{}"), InputPath: new("$")}, several},
		{"path and template", transform.Config{InputPath: new("$"), InputTransformer: template(`"x"`)}, several},
		{"all", transform.Config{Input: new(""), InputPath: new(""), InputTransformer: template("")}, several},
		{
			"unknown placeholder",
			transform.Config{InputTransformer: template(`{"a": <k>, "b": "<notThere>", "c": <other>}`)},
			"InputTemplate for target T contains invalid placeholder notThere.",
		},
		{
			"unknown reserved placeholder",
			transform.Config{InputTransformer: template(`"<aws.events.nope>"`)},
			"InputTemplate for target T contains invalid placeholder aws.events.nope.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.config.Target = "T"
			_, err := transform.New(tt.config)
			var configErr *transform.ConfigError
			if !errors.As(err, &configErr) || configErr.Error() != tt.want {
				t.Errorf("New = error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestApplyToBrokenEvent(t *testing.T) {
	t.Parallel()
	configs := map[string]transform.Config{
		"event":    {},
		"path":     {InputPath: new("$.detail")},
		"template": {InputTransformer: &transform.Transformer{InputTemplate: `{"a": <aws.events.event>}`}},
	}
	for name, c := range configs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in, err := transform.New(c)
			if err != nil {
				t.Fatal(err)
			}
			for _, event := range []string{``, `{`, `{"detail":`, `{"detail":{}`, ` `, `{"a":1,}`} {
				if got, err := in.Apply([]byte(event), vars); err == nil || errors.Is(err, transform.ErrNotDelivered) {
					t.Errorf("Apply(%s) = %s, %v; want a complaint about the event", event, got, err)
				}
			}
		})
	}
}
