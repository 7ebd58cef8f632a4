package arn

import "strings"

// DefaultBus is the name of the event bus that every account has.
const DefaultBus = "default"

// EventBus returns the ARN of an event bus.
func (s Scope) EventBus(name string) ARN { return s.arn("events", "event-bus/"+name) }

// Rule returns the ARN of a rule. AWS leaves the bus out on the default bus.
func (s Scope) Rule(bus, name string) ARN {
	if bus == DefaultBus {
		return s.arn("events", "rule/"+name)
	}
	return s.arn("events", "rule/"+bus+"/"+name)
}

// Queue returns the ARN of an SQS queue.
func (s Scope) Queue(name string) ARN { return s.arn("sqs", name) }

// Function returns the ARN of a Lambda function; qualifier is a version or an
// alias and may be empty.
func (s Scope) Function(name, qualifier string) ARN {
	resource := "function:" + name
	if qualifier != "" {
		resource += ":" + qualifier
	}
	return s.arn("lambda", resource)
}

// BusName returns the name of the event bus that a names, if it names one.
func (a ARN) BusName() (string, bool) {
	name, ok := strings.CutPrefix(a.Resource, "event-bus/")
	return name, ok && a.Service == "events" && name != ""
}

// RuleName returns the bus and the name of the rule that a names, if it names
// one.
func (a ARN) RuleName() (bus, name string, ok bool) {
	rest, ok := strings.CutPrefix(a.Resource, "rule/")
	if !ok || a.Service != "events" || rest == "" {
		return "", "", false
	}
	if i := strings.LastIndexByte(rest, '/'); i >= 0 {
		return rest[:i], rest[i+1:], rest[i+1:] != ""
	}
	return DefaultBus, rest, true
}

// QueueName returns the name of the queue that a names, if it names one.
func (a ARN) QueueName() (string, bool) {
	return a.Resource, a.Service == "sqs" && !strings.ContainsAny(a.Resource, ":/")
}

// FunctionName returns the name and the qualifier of the function that a
// names, if it names one. The qualifier may be empty.
func (a ARN) FunctionName() (name, qualifier string, ok bool) {
	rest, ok := strings.CutPrefix(a.Resource, "function:")
	if !ok || a.Service != "lambda" {
		return "", "", false
	}
	name, qualifier, _ = strings.Cut(rest, ":")
	return name, qualifier, name != ""
}

// SplitFunction splits what Lambda's API accepts as a function name: a bare
// name, name:qualifier, account:function:name[:qualifier], or a whole ARN.
// Account and region are empty where the text does not give them.
func SplitFunction(s string) (name, qualifier string, scope Scope, ok bool) {
	if a, err := Parse(s); err == nil {
		name, qualifier, ok = a.FunctionName()
		return name, qualifier, a.Of(), ok
	}
	if account, rest, found := strings.Cut(s, ":function:"); found {
		scope.Account, s = account, rest
	}
	name, qualifier, _ = strings.Cut(s, ":")
	return name, qualifier, scope, name != "" && !strings.Contains(qualifier, ":")
}
