package sqs

import (
	"slices"
	"strconv"
	"strings"
	"time"

	shape "stormbus/internal/shape/sqs"
)

// selection is what a receiver wants to see of each message.
type selection struct {
	system []string
	user   []string
}

func newSelection(in *shape.ReceiveMessageInput) selection {
	return selection{
		system: slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames),
		user:   in.MessageAttributeNames,
	}
}

// show makes the API's form of a received message.
func (w selection) show(q *Queue, r received) shape.Message {
	id, body, digest, handle := r.message.id, r.message.body, r.message.bodyMD5, r.handle.String()
	out := shape.Message{MessageId: &id, Body: &body, MD5OfBody: &digest, ReceiptHandle: &handle}
	out.Attributes = w.systemAttributes(q, r)
	if chosen := w.userAttributes(r.message.attributes); len(chosen) > 0 {
		out.MessageAttributes = showAttributes(chosen)
		// SDKs check the digest against what they got, not against what was sent.
		out.MD5OfMessageAttributes = optional(attributesDigest(chosen))
	}
	return out
}

func (w selection) systemAttributes(q *Queue, r received) map[string]string {
	if len(w.system) == 0 {
		return nil
	}
	m, st := r.message, r.state
	first := m.firstSeen
	if first.IsZero() {
		first = st.first
	}
	all := map[string]string{
		"SenderId":                         m.sender,
		"SentTimestamp":                    unixMillis(m.sent),
		"ApproximateReceiveCount":          strconv.FormatUint(uint64(m.carried)+uint64(st.receives), 10),
		"ApproximateFirstReceiveTimestamp": unixMillis(first),
		traceAttribute:                     m.trace,
		"MessageGroupId":                   m.group,
		"MessageDeduplicationId":           m.dedup,
		"DeadLetterQueueSourceArn":         m.source,
	}
	if n := q.sequence(m.seq); n != nil {
		all["SequenceNumber"] = *n
	}
	var out map[string]string
	for name, value := range all {
		if value == "" || !slices.Contains(w.system, attrAll) && !slices.Contains(w.system, name) {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[name] = value
	}
	return out
}

func unixMillis(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// userAttributes chooses by name, by prefix ("foo.*") or all ("All", ".*").
func (w selection) userAttributes(all map[string]Attribute) map[string]Attribute {
	if len(w.user) == 0 {
		return nil
	}
	out := map[string]Attribute{}
	for name, a := range all {
		if slices.ContainsFunc(w.user, func(wanted string) bool { return selects(wanted, name) }) {
			out[name] = a
		}
	}
	return out
}

func selects(wanted, name string) bool {
	if prefix, ok := strings.CutSuffix(wanted, ".*"); ok {
		return strings.HasPrefix(name, prefix)
	}
	return wanted == attrAll || wanted == name
}

func showAttributes(in map[string]Attribute) map[string]shape.MessageAttributeValue {
	out := make(map[string]shape.MessageAttributeValue, len(in))
	for name, a := range in {
		v := shape.MessageAttributeValue{DataType: &a.DataType}
		if a.isBinary() {
			v.BinaryValue = a.Binary
		} else {
			v.StringValue = &a.Text
		}
		out[name] = v
	}
	return out
}
