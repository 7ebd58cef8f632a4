package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/plan"
)

// The attributes of a queue that a plan sets.
const (
	attrRetention = "MessageRetentionPeriod"
	attrPolicy    = "Policy"
)

// countOf are the attributes that count the messages of a queue.
var countOf = []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"}

// queueState is a queue of the server.
type queueState struct {
	name, url  string
	owned      bool
	attributes map[string]string
}

// readQueues lists the queues whose names begin as the plan's do.
func (s *session) readQueues(ctx context.Context) error {
	token := ""
	for {
		in, out := fields{"QueueNamePrefix": s.name + "-", "MaxResults": 1000}, struct {
			QueueUrls []string
			NextToken string
		}{}
		if token != "" {
			in["NextToken"] = token
		}
		if err := s.sqs(ctx, "ListQueues", in, &out); err != nil {
			return err
		}
		for _, url := range out.QueueUrls {
			s.queues = append(s.queues, &queueState{name: path.Base(url), url: url})
		}
		if token = out.NextToken; token == "" {
			break
		}
	}
	return joined(each(ctx, s.queues, func(ctx context.Context, q *queueState) error {
		var tags struct{ Tags map[string]string }
		if err := s.sqs(ctx, "ListQueueTags", fields{"QueueUrl": q.url}, &tags); err != nil && !isMissing(err) {
			return err
		}
		if q.owned = tags.Tags[Tag] == s.name; !q.owned {
			return nil
		}
		var err error
		q.attributes, err = s.attributes(ctx, q)
		return err
	}))
}

func (s *session) attributes(ctx context.Context, q *queueState) (map[string]string, error) {
	var out struct{ Attributes map[string]string }
	err := s.sqs(ctx, "GetQueueAttributes", fields{"QueueUrl": q.url, "AttributeNames": []string{"All"}}, &out)
	if isMissing(err) {
		err = nil
	}
	return out.Attributes, err
}

// wantQueue makes a queue as the plan has it.
func (s *session) wantQueue(q plan.Queue) {
	wanted := map[string]string{
		attrRetention: strconv.Itoa(int(q.Retention / time.Second)), attrPolicy: s.queuePolicy(q.Name),
	}
	for _, have := range s.queues {
		if have.name != q.Name {
			continue
		}
		if !have.owned {
			s.conflict(plan.QueueKind, q.Name)
			return
		}
		var differ []string
		if have.attributes[attrRetention] != wanted[attrRetention] {
			differ = append(differ, "retention")
		}
		if !sameJSON(have.attributes[attrPolicy], wanted[attrPolicy]) {
			differ = append(differ, "policy")
		}
		if len(differ) == 0 {
			s.change(Unchanged, plan.QueueKind, q.Name)
			return
		}
		c := s.change(Update, plan.QueueKind, q.Name, differ...)
		s.work(makeQueues, c, func(ctx context.Context) error {
			return s.sqs(ctx, "SetQueueAttributes", fields{"QueueUrl": have.url, "Attributes": wanted}, nil)
		})
		return
	}
	c := s.change(Create, plan.QueueKind, q.Name)
	s.work(makeQueues, c, func(ctx context.Context) error {
		return s.sqs(ctx, "CreateQueue", fields{"QueueName": q.Name, "Attributes": wanted, "tags": map[string]string{Tag: s.name}}, nil)
	})
}

// queuePolicy lets the rules of the bus write to a queue. AWS wants that for the
// dead letters of rules.
func (s *session) queuePolicy(queue string) string {
	rules := s.Scope.Rule(s.bus, "*").String()
	text, err := json.Marshal(fields{
		"Version": "2012-10-17",
		"Statement": []fields{{
			"Sid": "stormbus-rules", "Effect": "Allow", "Principal": fields{"Service": "events.amazonaws.com"},
			"Action": "sqs:SendMessage", "Resource": s.Scope.Queue(queue).String(),
			"Condition": fields{"ArnLike": fields{"aws:SourceArn": rules}},
		}},
	})
	if err != nil {
		panic("deploy: a policy that is not JSON: " + err.Error())
	}
	return string(text)
}

// deleteQueue deletes a queue, unless it holds messages: dead letters are
// evidence.
func (s *session) deleteQueue(q *queueState) {
	if n := messages(q.attributes); n > 0 {
		c := s.change(Kept, plan.QueueKind, q.name)
		c.Note = s.keptNote(q, n)
		return
	}
	c := s.change(Delete, plan.QueueKind, q.name)
	s.work(deleteQueues, c, func(ctx context.Context) error {
		now, err := s.attributes(ctx, q)
		if err != nil {
			return err
		}
		if n := messages(now); n > 0 { // they came meanwhile
			c.Action, c.Note = Kept, s.keptNote(q, n)
			return nil
		}
		if err := s.sqs(ctx, "DeleteQueue", fields{"QueueUrl": q.url}, nil); !isMissing(err) {
			return err
		}
		return nil
	})
}

// keptNote says why a queue is kept.
func (s *session) keptNote(q *queueState, n int) string {
	held := fmt.Sprintf("%d messages", n)
	if n == 1 {
		held = "1 message"
	}
	return fmt.Sprintf("it holds %s; look with `stormbus queue peek %s`, and purge it when nobody needs them", held, q.name)
}

func messages(attributes map[string]string) int {
	sum := 0
	for _, name := range countOf {
		n, err := strconv.Atoi(attributes[name])
		if err != nil && attributes[name] != "" {
			return 1 // not understood: better kept
		}
		sum += n
	}
	return sum
}

// queueARN is the ARN of a queue, or "" for none.
func queueARN(scope arn.Scope, name string) string {
	if name == "" {
		return ""
	}
	return scope.Queue(name).String()
}
