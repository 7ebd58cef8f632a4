package cli

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzRules checks that no file of patterns makes the reader panic, that it reads
// no less than encoding/json does, and that what it takes for a pattern is JSON.
func FuzzRules(f *testing.F) {
	for _, text := range []string{
		`{"source": ["cinema"]}`, `{"a": {"source": ["x"]}, "b": "{}"}`, `{"Rules": [{"Name": "a", "EventPattern": "{}"}, {"Name": "b"}]}`,
		`{"Rules": []}`, `{"Rules": ["x"]}`, `{}`, `[]`, ``, `{"a"`, `{"a": 1} x`, `{"a": "\ud800"}`, `{"a": "x", "a": {}}`, "\uFEFF{}", `{"": null}`,
		`[{"Name": "a", "EventPattern": "{}"}]`, `{"Name": "a", "EventPattern": "{}", "State": "DISABLED"}`, `{"Resources": {}}`, "'",
	} {
		f.Add([]byte(text), formAuto)
	}
	f.Add([]byte(`{"source": ["cinema"]}`), formNamed)
	f.Add([]byte(`{"a": {"b": [1]}}`), formPattern)
	f.Fuzz(func(t *testing.T, text []byte, form string) {
		env := Env{Stdin: bytes.NewReader(text)}
		rules, err := env.rules(standardInput, form)
		var object map[string]json.RawMessage
		text = bytes.TrimPrefix(text, []byte("\uFEFF"))
		isObject := json.Unmarshal(text, &object) == nil && object != nil
		if err == nil && !isObject && !isRuleArray(text) {
			t.Errorf("rules(%q) = %+v, but it is no JSON object", text, rules)
		}
		isTemplate := object["Resources"] != nil || object["AWSTemplateFormatVersion"] != nil || object["Transform"] != nil
		if isObject && err != nil && (form != formAuto || !isTemplate) {
			t.Errorf("rules(%q) = error %v", text, err)
		}
		if isObject && form == formPattern && (len(rules) != 1 || rules[0].text != string(text)) {
			t.Errorf("rules(%q) = %+v, want the text itself", text, rules)
		}
	})
}
