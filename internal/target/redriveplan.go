package target

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/event"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// planRule plans a letter of a rule: back into the lane of its target, for as long
// as a new event may take.
func (r *Redriver) planRule(ctx context.Context, queue arn.ARN, p *planned) error {
	attributes := p.letter.Attributes
	p.Rule, p.Target = attributes["RULE_ARN"].Text, attributes["TARGET_ARN"].Text
	rule, err := arn.Parse(p.Rule)
	if err != nil {
		p.Stays = "its attribute RULE_ARN is not an ARN"
		return nil
	}
	ev, err := event.Parse([]byte(p.letter.Body))
	if err != nil {
		p.Stays = "its body is not an event: " + err.Error()
		return nil
	}
	p.EventID = ev.ID
	was, meta, noted := parseRuleNote(p.letter.Note)
	if !noted {
		// Anybody may have written it: what it can do is what its account can.
		if rule.Account != queue.Account {
			p.Stays = "nothing says that it was written here, and its rule is of another account than the queue"
			return nil
		}
		onBus, _, _ := rule.RuleName()
		meta = bus.Meta(onBus, attributes["ERROR_CODE"].Text == delivery.CodeThirdAccountHopDetected)
	}
	p.lane, p.Stays, err = r.Rules.FindLane(ctx, rule, p.Target, was)
	p.job = delivery.Job{EventID: p.EventID, Body: delivery.Body{Event: []byte(p.letter.Body), Trace: p.letter.Trace, Meta: meta}}
	return err
}

// planFunction plans a letter of a function: back into the function's queue.
func (r *Redriver) planFunction(queue arn.ARN, p *planned) {
	p.EventID, p.RequestID = p.letter.Cause.EventID, p.letter.Attributes["RequestID"].Text
	if p.RequestID == "" {
		p.Stays = "its attribute RequestID is missing"
		return
	}
	p.Target, p.Stays = r.functionOf(queue, p.letter.Note)
	if p.Stays != "" {
		return
	}
	fn, err := arn.Parse(p.Target)
	if err != nil {
		p.Stays = "the function that it is of has no valid name: " + err.Error()
		return
	}
	p.lane, p.job, err = r.Functions.Requeue(fn, lambda.AsyncEvent{
		RequestID: p.RequestID, Payload: []byte(p.letter.Body), Trace: telemetry.ParseTrace(p.letter.Trace), Cause: p.letter.Cause,
	})
	if err == nil {
		return
	}
	p.Stays = err.Error()
	if errors.Is(err, lambda.ErrNoFunction) {
		p.Stays = "there is no such function any more: make it again"
	}
	if refused, ok := errors.AsType[*wire.Error](err); ok {
		p.Stays = "no function takes it: " + refused.Message
	}
}

// functionOf returns the function that a letter is of. AWS's attributes do not name
// it; where there is no note, it is the only one that sends its letters to the queue.
func (r *Redriver) functionOf(queue arn.ARN, note string) (function, stays string) {
	if function, ok := parseFunctionNote(note); ok {
		return function, ""
	}
	senders := slices.DeleteFunc(r.Functions.SendersTo(queue), func(fn arn.ARN) bool { return fn.Account != queue.Account })
	switch len(senders) {
	case 0:
		return "", "it does not name its function, and no function has this queue for its dead letters"
	case 1:
		return senders[0].String(), ""
	}
	names := make([]string, len(senders))
	for i, s := range senders {
		names[i], _, _ = s.FunctionName()
	}
	return "", "it does not name its function, and several have this queue for their dead letters: " + strings.Join(names, ", ")
}

// isDestinationRecord reports whether a body is what Lambda sends to a destination.
func isDestinationRecord(body string) bool {
	var record struct {
		RequestContext *struct {
			FunctionARN string `json:"functionArn"`
		} `json:"requestContext"`
		RequestPayload json.RawMessage `json:"requestPayload"`
	}
	return json.Unmarshal([]byte(body), &record) == nil && record.RequestContext != nil && record.RequestContext.FunctionARN != ""
}

// What the parts of the server implement.
var (
	_ Letters        = (*sqs.Service)(nil)
	_ Rules          = (*events.Service)(nil)
	_ FunctionQueues = (*lambda.Service)(nil)
	_ Lanes          = (*delivery.Engine)(nil)
)
