package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"stormbus/internal/pattern"
)

// The forms that a file of patterns can have.
const (
	formAuto    = "auto"
	formPattern = "pattern"
	formNamed   = "named"
)

// ruleText is the text of a pattern and the name of the rule that has it.
type ruleText struct {
	name, text string
	disabled   bool
}

// rules reads the patterns of a file. Errors have the exit code for usage.
func (e Env) rules(name, form string) ([]ruleText, error) {
	data, err := e.file(name)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("no such file; want a file, or - for standard input")
	}
	if err != nil {
		return nil, withCode(exitUsage, "%s: %w", name, err)
	}
	return rulesOf(name, data, form)
}

// rulesOf returns the patterns in the text of a file. Errors have the exit code
// for usage.
func rulesOf(name string, data []byte, form string) ([]ruleText, error) {
	if form == formAuto && isRuleArray(data) {
		data = slices.Concat([]byte(`{"Rules":`), data, []byte("}"))
	}
	fields, err := members(data)
	if err != nil {
		return nil, withCode(exitUsage, "%s: %w", name, err)
	}
	has := func(names ...string) bool {
		return slices.ContainsFunc(fields, func(f field) bool { return slices.Contains(names, f.name) })
	}
	switch {
	case form == formPattern:
	case form == formAuto && has("Resources", "AWSTemplateFormatVersion", "Transform"):
		return nil, withCode(exitUsage, "%s: is a template, which is not read: give the EventPattern of a rule in it, "+
			"or deploy it and give what `aws events list-rules` prints", name)
	case form == formAuto && has("EventPattern", "ScheduleExpression") && has("Name", "Arn"):
		return listedRules(name, slices.Concat([]byte(`{"Rules":[`), data, []byte("]}")))
	case form == formNamed || isNamed(fields):
		return namedRules(name, fields)
	case isRuleList(fields):
		return listedRules(name, data)
	}
	return []ruleText{{name: name, text: string(data)}}, nil
}

// ofRule returns the pattern of a rule that is given as `aws events describe-rule`
// prints it, and any other text as it is.
func ofRule(text []byte) []byte {
	var rule struct{ EventPattern string }
	if json.Unmarshal(text, &rule) == nil && rule.EventPattern != "" {
		return []byte(rule.EventPattern)
	}
	return text
}

// within puts the name of a file before the names of its rules.
func within(file string, rules []ruleText) []ruleText {
	for i := range rules {
		if rules[i].name != file {
			rules[i].name = file + ":" + rules[i].name
		}
	}
	return rules
}

// field is one member of a JSON object.
type field struct {
	name  string
	value json.RawMessage
}

// members reads a JSON object, in its order and with names that it has twice.
func members(data []byte) ([]field, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	open, err := dec.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("is empty, want a pattern or rules")
	case err == nil && open != json.Delim('{'):
		return nil, errors.New("is not a JSON object, want a pattern or rules")
	case err != nil && !bytes.ContainsAny(data[:1], `{['`):
		return nil, errors.New("is not valid JSON: want a pattern or rules in JSON; YAML and other forms are not read")
	}
	var out []field
	for err == nil && dec.More() {
		var name json.Token
		var f field
		if name, err = dec.Token(); err == nil {
			f.name, _ = name.(string)
			err = dec.Decode(&f.value)
			out = append(out, f)
		}
	}
	if err == nil {
		_, err = dec.Token()
	}
	if err == nil && len(bytes.TrimSpace(data[dec.InputOffset():])) > 0 {
		err = errors.New("there is text behind the object")
	}
	if err != nil {
		if hint := pattern.JSONHint(data); hint != "" {
			err = errors.New(hint)
		}
		return nil, fmt.Errorf("is not valid JSON: %w", err)
	}
	return out, nil
}

// isNamed guesses whether an object has patterns by name. A pattern that has
// objects only, and no field of an event among them, is taken for that, too.
func isNamed(fields []field) bool {
	eventFields := []string{
		"version", "id", "source", "detail-type", "account", "time", "region", "resources", "replay-name", "detail", "$or",
	}
	return len(fields) > 0 && !slices.ContainsFunc(fields, func(f field) bool {
		return slices.Contains(eventFields, f.name) || f.value[0] != '{' && f.value[0] != '"'
	})
}

// namedRules returns the patterns of an object by name. A pattern may also be
// written as a string that holds it.
func namedRules(file string, fields []field) ([]ruleText, error) {
	var out []ruleText
	for _, f := range fields {
		t := ruleText{name: f.name, text: string(f.value)}
		if f.value[0] == '"' {
			if err := json.Unmarshal(f.value, &t.text); err != nil {
				return nil, withCode(exitUsage, "%s: %s: %w", file, f.name, err)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

// listedRule is a rule as `aws events list-rules` prints it.
type listedRule struct {
	Name                *string
	EventPattern, State string
}

// areRules reports whether JSON is a list of rules.
func areRules(text []byte) bool {
	var rules []listedRule
	return json.Unmarshal(text, &rules) == nil && !slices.ContainsFunc(rules, func(r listedRule) bool { return r.Name == nil })
}

// isRuleArray recognises what `aws events list-rules --query Rules` prints.
func isRuleArray(data []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("[")) && areRules(data)
}

// isRuleList recognises what `aws events list-rules` prints: its rules are
// objects, which no pattern has in a list without an operator's name.
func isRuleList(fields []field) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.name == "Rules" && areRules(f.value) })
}

// listedRules returns the rules of a list that have a pattern; the others run by
// a schedule.
func listedRules(file string, data []byte) ([]ruleText, error) {
	var list struct{ Rules []listedRule }
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, withCode(exitUsage, "%s: %w", file, err)
	}
	var out []ruleText
	for _, r := range list.Rules {
		if r.EventPattern != "" {
			out = append(out, ruleText{name: *r.Name, text: r.EventPattern, disabled: r.State == "DISABLED"})
		}
	}
	return out, nil
}
