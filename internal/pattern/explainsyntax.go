package pattern

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// syntaxHints say what to write instead, by how a reason begins. The first one
// that fits is taken.
var syntaxHints = []struct{ reason, hint string }{
	{"Filter is not an object", `a pattern is an object that has the form of the event: {"source": ["shop"], "detail": {"total": [5]}}`},
	{"Empty objects", `to take every event, write {"source": [{"prefix": ""}]}; for any value of a field, [{"exists": true}]`},
	{"Empty arrays", `for any value write [{"exists": true}], for no value [{"exists": false}]`},
	{"Match value must be", `a list holds values and operators, no lists; it matches if one of the event's values does`},
	{"Match expression name", `for any value write {"exists": true}`},
	{"Only one key", `write each operator as an object of its own; entries of a list are alternatives`},
	{"exists match pattern", `write true or false, without quotation marks`},
	{"Prefix expression name", `write {"prefix": "a"} or {"prefix": {"equals-ignore-case": "a"}}`},
	{"Suffix expression name", `write {"suffix": "a"} or {"suffix": {"equals-ignore-case": "a"}}`},
	{"Unsupported prefix pattern", `write {"prefix": "a"} or {"prefix": {"equals-ignore-case": "a"}}`},
	{"Unsupported suffix pattern", `write {"suffix": "a"} or {"suffix": {"equals-ignore-case": "a"}}`},
	{"Inside anything but list, either", `one list excludes strings or numbers, at least one, and not both kinds`},
	{"Inside anything but list", `only strings and numbers can be excluded; list the values that are wanted instead`},
	{"Inside anything-but/equals-ignore-case", `only strings can be excluded without regard to case`},
	{"Value of anything-but", `only strings and numbers can be excluded; list the values that are wanted instead`},
	{"Anything-But expression name", `write {"anything-but": ["a", "b"]} or {"anything-but": {"prefix": "a"}}`},
	{"Unsupported anything-but pattern", `below anything-but stand prefix, suffix, equals-ignore-case or wildcard`},
	{"Null prefix/suffix", `every text begins and ends with "": name some text, or write {"exists": false} for no value`},
	{"prefix/suffix match pattern", `only texts can be excluded: {"anything-but": {"prefix": ["a", "b"]}}`},
	{"Consecutive wildcard", `one * stands for any text already`},
	{"Invalid escape character", `only * and \ can be escaped, as \* and \\; in JSON each backslash is written twice`},
	{"Rule is too complex - $or", `write several rules with the same target`},
	{"Rule is too complex", `use prefix or suffix where they do, or fewer *`},
	{"Value of numeric must be", `write {"numeric": [">", 100]} or {"numeric": [">=", 0, "<", 5]}`},
	{"Value of ", `write the number behind its operator, without quotation marks: {"numeric": [">", 100]}`},
	{"Invalid member in numeric", `write an operator before the number: {"numeric": [">", 100]}`},
	{"Unrecognized numeric range", `the operators are <, <=, =, >= and >, each a text of its own: {"numeric": [">", 100]}`},
	{"Bad value in numeric", `write the second operator as a text: {"numeric": [">=", 0, "<", 5]}`},
	{"Bad numeric range operator", `a range has its lower bound first and its upper bound second: {"numeric": [">=", 0, "<", 5]}`},
	{"Too many elements in numeric", `a range has its lower bound first: {"numeric": [">=", 0, "<", 5]}; a further operator is an object of its own`},
	{"Too many terms in numeric", `a range has two bounds: {"numeric": [">=", 0, "<", 5]}; further ranges are objects of their own`},
	{"Bottom must be less", `the lower bound stands first and is the smaller one; for one number write it without numeric`},
	{"Cannot compare number", `the number has more digits than can be compared; as a value of its own it matches the same text`},
	{"Malformed CIDR, one '/'", `a network is written as "10.0.0.0/8"; for one address write it as a value: ["10.1.2.3"]`},
	{"Malformed CIDR", `a network is written as "10.0.0.0/8"`},
	{"IPv4 mask bits", `for one address write it as a value: ["10.1.2.3"]`},
	{"IPv6 mask bits", `for one address write it as a value: ["fd00::1"]`},
	{"Nonstandard IP address", `a network is written as "10.0.0.0/8" or "fd00::/8"; names of hosts are not looked up`},
	{"Invalid IP address", `a network is written as "10.0.0.0/8" or "fd00::/8"`},
	{"It must be an Array", `write a list of objects: {"$or": [{"source": ["a"]}, {"detail-type": ["b"]}]}`},
	{"Only JSON object is allowed", `write a list of objects: {"$or": [{"source": ["a"]}, {"detail-type": ["b"]}]}`},
	{"There must have at least 2", `without an alternative, leave out $or; values of one field are alternatives already: ["a", "b"]`},
	{"Event pattern is longer", `a prefix or a wildcard may stand for many values; else write several rules`},
}

var (
	needsList    = regexp.MustCompile(`(?s)^"(.*)" must be an object or an array$`)
	needsText    = regexp.MustCompile(`^(\S+) match pattern must be a string$`)
	unknownMatch = regexp.MustCompile(`(?s)^Unrecognized match type (.*)$`)
	reservedName = regexp.MustCompile(`(?s)^(.*) is Ruler reserved fieldName`)
)

// operatorNames are those that a pattern may have in a list.
var operatorNames = []string{
	"prefix", "suffix", "equals-ignore-case", "wildcard", "anything-but", "numeric", "cidr", "exists",
}

// Hint says what to write instead, in one line without a full stop; "" if there
// is nothing to say beyond the reason. It is not of AWS's wording.
func (e *SyntaxError) Hint() string {
	if strings.TrimSpace(e.Source) == "" {
		return JSONHint(nil)
	}
	if m := needsList.FindStringSubmatch(e.Reason); m != nil {
		return e.listHint(m[1])
	}
	if m := unknownMatch.FindStringSubmatch(e.Reason); m != nil {
		return operatorHint(m[1], e.scalar(m[1]))
	}
	if m := needsText.FindStringSubmatch(e.Reason); m != nil {
		return fmt.Sprintf("the operand is one text; write one object for each: [{%q: \"a\"}, {%q: \"b\"}]", m[1], m[1])
	}
	if m := reservedName.FindStringSubmatch(e.Reason); m != nil {
		return fmt.Sprintf(`in $or stand objects with fields: {"$or": [{"total": [{%q: …}]}, …]}`, m[1])
	}
	for _, h := range syntaxHints {
		if strings.HasPrefix(e.Reason, h.reason) {
			return h.hint
		}
	}
	return JSONHint([]byte(e.Source))
}

// listHint says how to write a value that stands without a list.
func (e *SyntaxError) listHint(name string) string {
	shown, value := quote(name), cmp.Or(e.scalar(name), `"…"`)
	switch {
	case name == "Name" || name == "Arn" || name == "State":
		return "this looks like a rule: give only its EventPattern"
	case name == "AWSTemplateFormatVersion" || name == "Transform" || name == "Description":
		return "this looks like a template: give the EventPattern of one rule in it"
	case name == "Type" || name == "Version":
		return "this looks like a resource of a template: give only its EventPattern"
	case name == "source" && strings.Contains(e.Source, `"detail-type"`) && strings.Contains(e.Source, `"account"`) &&
		strings.Contains(e.Source, `"time"`):
		return "this looks like an event: a pattern has its form, with a list around each value"
	case name == "version" && strings.Contains(e.Source, `"detail-type"`):
		return "this looks like an event: a pattern has its form, with a list around each value"
	}
	if slices.Contains(operatorNames, name) {
		return fmt.Sprintf("an operator stands in a list: [{%s: %s}]", shown, value)
	}
	return fmt.Sprintf("a value stands in a list: {%s: [%s]}", shown, value)
}

// scalar returns the first value of a name that is a text, a number or a word, as
// it is written; "" if there is none.
func (e *SyntaxError) scalar(name string) string {
	find, err := regexp.Compile(regexp.QuoteMeta(quote(name)) + `\s*:\s*("(?:[^"\\]|\\.)*"|[^\s",\[\]{}]+)`)
	if err != nil {
		return ""
	}
	if m := find.FindStringSubmatch(e.Source); m != nil {
		return cut(m[1])
	}
	return ""
}

// operatorHint says which operator is meant by a name that is none.
func operatorHint(name, operand string) string {
	text := `"a"`
	if strings.HasPrefix(operand, `"`) {
		text = operand
	}
	switch strings.Trim(spelled(name), "$ ") {
	case "or":
		return `entries of a list are alternatives already: ["a", "b"]; $or stands where a field does, with a list of objects`
	case "and":
		return `fields are joined by "and" already; of the entries of one list, one must hold`
	case "regex", "regexp", "match", "matches", "pattern":
		return `there are no regular expressions; write prefix, suffix or {"wildcard": "a*b"}`
	case "not", "ne", "neq", "notequals", "notin", "nin", "except", "!=":
		return `write {"anything-but": ["a", "b"]}`
	case "in", "eq", "equals", "equal", "is", "any", "anyof":
		return `write the values themselves: ["a", "b"]`
	case "gt", "gte", "lt", "lte", "between", "range", ">", ">=", "<", "<=", "=", "==", "number", "greaterthan", "lessthan":
		return `write {"numeric": [">=", 0, "<", 5]}`
	case "contains", "includes", "like", "substring":
		return fmt.Sprintf(`write {"wildcard": "*%s*"}`, strings.Trim(text, `"`))
	case "startswith", "beginswith", "startwith":
		return `write {"prefix": ` + text + `}`
	case "endswith", "endwith":
		return `write {"suffix": ` + text + `}`
	case "ignorecase", "equalsignorecase", "iequals":
		return `write {"equals-ignore-case": ` + text + `}`
	case "ip", "subnet", "network":
		return `write {"cidr": "10.0.0.0/8"}`
	case "present", "exist", "null", "isnull":
		return `write {"exists": true} or {"exists": false}; null itself is written as null`
	}
	for _, operator := range operatorNames {
		if spelled(operator) == spelled(name) || len(name) <= maxCompared && editDistance([]rune(operator), []rune(name)) <= fewEdits {
			return fmt.Sprintf("the operator is written %q", operator)
		}
	}
	return fmt.Sprintf("%s is no operator (there are %s); the fields of objects in a list are written without the list: {%s: […]}",
		quote(name), strings.Join(operatorNames, ", "), quote(name))
}
