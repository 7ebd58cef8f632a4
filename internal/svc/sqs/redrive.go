package sqs

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/wire"
)

// parseRedrive reads a RedrivePolicy of a queue in scope. Whether the dead-letter
// queue exists is not its business.
func parseRedrive(text string, scope arn.Scope, fifo bool) (*Redrive, error) {
	const name = "RedrivePolicy"
	bad := func(reason string) *wire.Error { return errInvalidValue(text, name, reason) }

	fields, ok := jsonObject(text)
	if !ok {
		return nil, errAttributeValue(name, "Redrive policy is not a valid JSON map.")
	}
	for field := range fields {
		if field != "deadLetterTargetArn" && field != "maxReceiveCount" {
			return nil, bad("Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")
		}
	}
	for _, field := range []string{"deadLetterTargetArn", "maxReceiveCount"} {
		if _, ok := fields[field]; !ok {
			return nil, bad("Redrive policy does not contain mandatory attribute: " + field + ".")
		}
	}
	count, ok := jsonInteger(fields["maxReceiveCount"])
	if !ok || count < 1 || count > maxReceivesBefore {
		return nil, bad("Invalid value for maxReceiveCount: " + jsonText(fields["maxReceiveCount"]) +
			", valid values are from 1 to 1000 both inclusive.")
	}
	var target string
	if err := json.Unmarshal(fields["deadLetterTargetArn"], &target); err != nil {
		return nil, bad("Invalid value for deadLetterTargetArn.")
	}
	dead, err := arn.Parse(target)
	if err != nil {
		return nil, bad("Invalid value for deadLetterTargetArn.")
	}
	queue, ok := dead.QueueName()
	if !ok {
		return nil, bad("Invalid value for deadLetterTargetArn.")
	}
	switch {
	case dead.Region != scope.Region:
		return nil, bad("Dead-letter target must be in same region as the source.")
	case dead.Account != scope.Account:
		return nil, bad("Dead-letter target owner should be same as the source.")
	case strings.HasSuffix(queue, fifoSuffix) != fifo:
		return nil, bad("Dead-letter queue must be same type of queue as the source.")
	}
	return &Redrive{Target: dead, MaxReceives: count, Text: compact(text)}, nil
}

// redriveAllow is a RedriveAllowPolicy: which queues may name this one as their
// dead-letter queue.
type redriveAllow struct {
	permission string
	sources    []string
}

const (
	allowAll     = "allowAll"
	denyAll      = "denyAll"
	allowByQueue = "byQueue"

	maxAllowedSources = 10
)

// parseRedriveAllow reads a RedriveAllowPolicy.
func parseRedriveAllow(text string) (redriveAllow, error) {
	const name = "RedriveAllowPolicy"
	var policy struct {
		Permission *string   `json:"redrivePermission"`
		Sources    *[]string `json:"sourceQueueArns"`
	}
	if _, ok := jsonObject(text); !ok || json.Unmarshal([]byte(text), &policy) != nil {
		return redriveAllow{}, errAttributeValue(name, "Redrive allow policy is not a valid JSON map.")
	}
	bad := func(reason string) *wire.Error { return errInvalidValue(text, name, reason) }
	if policy.Permission == nil {
		return redriveAllow{}, bad("Redrive allow policy does not contain mandatory attribute: redrivePermission.")
	}
	out := redriveAllow{permission: *policy.Permission}
	switch out.permission {
	case allowAll, denyAll:
		if policy.Sources != nil {
			return redriveAllow{}, bad("sourceQueueArns can only be specified when redrivePermission is byQueue.")
		}
	case allowByQueue:
		if policy.Sources == nil || len(*policy.Sources) == 0 || len(*policy.Sources) > maxAllowedSources {
			return redriveAllow{}, bad("sourceQueueArns must hold 1 to 10 queue ARNs when redrivePermission is byQueue.")
		}
		out.sources = *policy.Sources
	default:
		return redriveAllow{}, bad("redrivePermission must be one of allowAll, denyAll, byQueue.")
	}
	return out, nil
}

// allows reports whether source may use the queue as its dead-letter queue.
func (r redriveAllow) allows(source arn.ARN) bool {
	switch r.permission {
	case denyAll:
		return false
	case allowByQueue:
		for _, s := range r.sources {
			if s == source.String() {
				return true
			}
		}
		return false
	}
	return true
}

// jsonObject reads text as one JSON object.
func jsonObject(text string) (map[string]json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	err := json.Unmarshal([]byte(text), &fields)
	return fields, err == nil && fields != nil
}

// jsonInteger reads an integer that may be written as a string, as AWS accepts.
func jsonInteger(raw json.RawMessage) (int, bool) {
	n, err := strconv.Atoi(jsonText(raw))
	return n, err == nil
}

// jsonText is the text of a JSON scalar, without the quotes of a string.
func jsonText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// compact removes the blanks between the tokens of a JSON text.
func compact(text string) string {
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(text)); err != nil {
		return text
	}
	return out.String()
}
