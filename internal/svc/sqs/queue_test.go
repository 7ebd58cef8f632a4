package sqs

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/store"
)

func TestCreateQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("my_Queue-1")
	if want := "http://localhost:4566/123456789012/my_Queue-1"; *url != want {
		t.Errorf("URL = %s, want %s", *url, want)
	}
	want := map[string]string{
		"VisibilityTimeout": "30", "DelaySeconds": "0", "MaximumMessageSize": "1048576",
		"MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesDelayed": "0",
		"ApproximateNumberOfMessagesNotVisible": "0",
		"CreatedTimestamp":                      "1795514400", "LastModifiedTimestamp": "1795514400",
		"QueueArn": "arn:aws:sqs:eu-west-1:123456789012:my_Queue-1",
	}
	if diff := cmp.Diff(want, h.attributes(url)); diff != "" {
		t.Errorf("attributes of a new queue (-want +got):\n%s", diff)
	}
}

// Recorded on AWS: what is not named is not compared.
func TestCreateQueueAgain(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrWait, "1", attrDelay, "1")
	for _, attributes := range [][]string{nil, {attrDelay, "1"}, {attrDelay, "1", attrWait, "1"}} {
		if again := h.createQueue("q", attributes...); *again != *url {
			t.Errorf("CreateQueue with %v gave %s, want %s", attributes, *again, *url)
		}
	}
	name := "q"
	_, err := h.CreateQueue(h.ctx, &shape.CreateQueueInput{
		QueueName: &name, Attributes: map[string]string{attrWait: "1", attrDelay: "2"},
	})
	wantCode(t, err, "QueueAlreadyExists", "A queue already exists with the same name and a different value for attribute DelaySeconds")
}

func TestCreateQueueRefuses(t *testing.T) {
	t.Parallel()
	const (
		badName     = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
		badFifoName = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length"
	)
	redrive := func(target, count string) string {
		return fmt.Sprintf(`{"deadLetterTargetArn": "%s", "maxReceiveCount": %s}`, target, count)
	}
	policy := func(text, reason string) string {
		return "Value " + text + " for parameter RedrivePolicy is invalid. Reason: " + reason
	}
	const dead = "arn:aws:sqs:eu-west-1:123456789012:dead"
	tests := []struct {
		name       string
		queue      string
		attributes []string
		code       string
		message    string
	}{
		{"bad character", "a.b", nil, "InvalidParameterValue", badName},
		{"too long", string(make([]byte, 81)), nil, "InvalidParameterValue", badName},
		{"fifo name", "a.fifo", nil, "InvalidParameterValue", badName},
		{"fifo name, not fifo", "a.fifo", []string{"FifoQueue", "false"}, "InvalidParameterValue", badName},
		{"fifo attribute", "a", []string{"FifoQueue", "true"}, "InvalidParameterValue", badFifoName},
		{"fifo suffix alone", ".fifo", []string{"FifoQueue", "true"}, "InvalidParameterValue", badFifoName},
		{"fifo too long", strings.Repeat("a", 76) + ".fifo", []string{"FifoQueue", "true"}, "InvalidParameterValue", badFifoName},
		{"fifo dedup", "a.fifo", []string{"FifoQueue", "true", "ContentBasedDeduplication", "yes"}, "InvalidAttributeValue", "Invalid value for the parameter ContentBasedDeduplication."},
		{"fifo bad scope", "a.fifo", []string{"FifoQueue", "true", "DeduplicationScope", "x"}, "InvalidAttributeValue", "Invalid value for the parameter DeduplicationScope."},
		{"fifo bad limit", "a.fifo", []string{"FifoQueue", "true", "FifoThroughputLimit", "x"}, "InvalidAttributeValue", "Invalid value for the parameter FifoThroughputLimit."},
		{"fifo scopes", "a.fifo", []string{"FifoQueue", "true", "FifoThroughputLimit", "perMessageGroupId"}, "InvalidAttributeValue", "Invalid value for the parameter FifoThroughputLimit. Reason: The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup."},
		{"fifo standard dead letters", "a.fifo", []string{"FifoQueue", "true", attrRedrive, redrive(dead, "3")}, "InvalidParameterValue", policy(redrive(dead, "3"), "Dead-letter queue must be same type of queue as the source.")},
		{"standard fifo dead letters", "a", []string{attrRedrive, redrive(dead+".fifo", "3")}, "InvalidParameterValue", policy(redrive(dead+".fifo", "3"), "Dead-letter queue must be same type of queue as the source.")},
		{"not fifo", "a", []string{"FifoQueue", "false"}, "InvalidAttributeName", "Unknown Attribute FifoQueue."},
		{"fifo only", "a", []string{"ContentBasedDeduplication", "true"}, "InvalidAttributeName", "Unknown Attribute ContentBasedDeduplication."},
		{"fifo scope", "a", []string{"DeduplicationScope", "queue"}, "InvalidAttributeName", "You can specify the DeduplicationScope only when FifoQueue is set to true."},
		{"fifo limit", "a", []string{"FifoThroughputLimit", "perQueue"}, "InvalidAttributeName", "You can specify the FifoThroughputLimit only when FifoQueue is set to true."},
		{"unknown", "a", []string{"Foo", "1"}, "InvalidAttributeName", "Unknown Attribute Foo."},
		{"read-only", "a", []string{"QueueArn", "x"}, "InvalidAttributeName", "Unknown Attribute QueueArn."},
		{"delay", "a", []string{attrDelay, "901"}, "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."},
		{"delay text", "a", []string{attrDelay, "x"}, "InvalidAttributeValue", "Invalid value for the parameter DelaySeconds."},
		{"visibility", "a", []string{attrVisibility, "43201"}, "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout."},
		{"retention", "a", []string{attrRetention, "59"}, "InvalidAttributeValue", "Invalid value for the parameter MessageRetentionPeriod."},
		{"wait", "a", []string{attrWait, "21"}, "InvalidAttributeValue", "Invalid value for the parameter ReceiveMessageWaitTimeSeconds."},
		{"size", "a", []string{attrMaxSize, "1023"}, "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."},
		{"size above", "a", []string{attrMaxSize, "1048577"}, "InvalidAttributeValue", "Invalid value for the parameter MaximumMessageSize."},
		{"policy", "a", []string{attrPolicy, "[]"}, "InvalidAttributeValue", "Invalid value for the parameter Policy."},
		{"sse", "a", []string{attrSSE, "yes"}, "InvalidAttributeValue", "Invalid value for the parameter SqsManagedSseEnabled."},
		{"both sse", "a", []string{attrSSE, "true", attrKMSKey, "k"}, "InvalidAttributeName", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE."},
		{"redrive text", "a", []string{attrRedrive, "x"}, "InvalidAttributeValue", "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid JSON map."},
		{"redrive arn", "a", []string{attrRedrive, redrive("dummy", "42")}, "InvalidParameterValue", policy(redrive("dummy", "42"), "Invalid value for deadLetterTargetArn.")},
		{"redrive no target", "a", []string{attrRedrive, `{"maxReceiveCount":"1000"}`}, "InvalidParameterValue", policy(`{"maxReceiveCount":"1000"}`, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")},
		{"redrive no count", "a", []string{attrRedrive, `{"deadLetterTargetArn":"` + dead + `"}`}, "InvalidParameterValue", policy(`{"deadLetterTargetArn":"`+dead+`"}`, "Redrive policy does not contain mandatory attribute: maxReceiveCount.")},
		{"redrive count", "a", []string{attrRedrive, redrive(dead, "0")}, "InvalidParameterValue", policy(redrive(dead, "0"), "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.")},
		{"redrive missing queue", "a", []string{attrRedrive, redrive(dead, "3")}, "InvalidParameterValue", policy(redrive(dead, "3"), "Dead letter target does not exist.")},
		{"redrive other region", "a", []string{attrRedrive, redrive("arn:aws:sqs:us-east-1:123456789012:dead", "3")}, "InvalidParameterValue", policy(redrive("arn:aws:sqs:us-east-1:123456789012:dead", "3"), "Dead-letter target must be in same region as the source.")},
		{"redrive more", "a", []string{attrRedrive, `{"x":1}`}, "InvalidParameterValue", policy(`{"x":1}`, "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount].")},
		{"allow text", "a", []string{attrRedriveAllow, "1"}, "InvalidAttributeValue", "Invalid value for the parameter RedriveAllowPolicy. Reason: Redrive allow policy is not a valid JSON map."},
	}
	h := newHarness(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.CreateQueue(h.ctx, &shape.CreateQueueInput{QueueName: &tt.queue, Attributes: pairs(tt.attributes)})
			wantCode(t, err, tt.code, tt.message)
		})
	}
}

func (h *harness) setAttributes(url *string, attributes ...string) error {
	_, err := h.SetQueueAttributes(h.ctx, &shape.SetQueueAttributesInput{QueueUrl: url, Attributes: pairs(attributes)})
	return err
}

func TestSetQueueAttributes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrVisibility, "20")
	before := h.attributes(url)
	h.clock.Advance(time.Minute)
	policy := `{"Version": "2012-10-17"}`
	if err := h.setAttributes(url, attrVisibility, "69", attrDelay, "420", attrMaxSize, "2048", attrPolicy, policy, attrKMSKey, "testKeyId", attrKMSReuse, "6000"); err != nil {
		t.Fatal(err)
	}
	want := before
	maps.Copy(want, map[string]string{
		attrVisibility: "69", attrDelay: "420", attrMaxSize: "2048", attrPolicy: policy, attrKMSKey: "testKeyId",
		attrKMSReuse: "6000", attrSSE: "false", attrModified: "1795514460",
	})
	if diff := cmp.Diff(want, h.attributes(url)); diff != "" {
		t.Errorf("changed attributes (-want +got):\n%s", diff)
	}
	// A restart changes nothing.
	h.boot()
	if diff := cmp.Diff(want, h.attributes(url)); diff != "" {
		t.Errorf("attributes after a restart (-want +got):\n%s", diff)
	}
	// Recorded on AWS: an empty key id takes the reuse period away too, and SSE
	// stays off.
	if err := h.setAttributes(url, attrKMSKey, "", attrPolicy, ""); err != nil {
		t.Fatal(err)
	}
	delete(want, attrKMSKey)
	delete(want, attrKMSReuse)
	delete(want, attrPolicy)
	if diff := cmp.Diff(want, h.attributes(url)); diff != "" {
		t.Errorf("attributes taken back (-want +got):\n%s", diff)
	}
	wantCode(t, h.setAttributes(url, attrFifo, "true"), "InvalidAttributeName", "Unknown Attribute FifoQueue.")
}

func TestGetQueueAttributes(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	get := func(names ...string) (map[string]string, error) {
		out, err := h.GetQueueAttributes(h.ctx, &shape.GetQueueAttributesInput{QueueUrl: url, AttributeNames: names})
		if err != nil {
			return nil, err
		}
		return out.Attributes, nil
	}
	if got, err := get(); got != nil || err != nil {
		t.Errorf("no names: %v, %v, want nothing", got, err)
	}
	if got, err := get(attrPolicy, attrRedrive, attrFifo); got != nil || err != nil {
		t.Errorf("attributes that are not set: %v, %v, want nothing", got, err)
	}
	got, err := get(attrVisibility, attrARN)
	want := map[string]string{attrVisibility: "30", attrARN: "arn:aws:sqs:eu-west-1:123456789012:q"}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("two names: %v (-want +got):\n%s", err, diff)
	}
	_, err = get(attrVisibility, "Foo")
	wantCode(t, err, "InvalidAttributeName", "Unknown Attribute Foo.")
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	for _, s := range []string{*url, "https://sqs.eu-west-1.amazonaws.com/123456789012/q", "http://x/queue/123456789012/q", "/123456789012/q"} {
		if _, err := h.ListQueueTags(h.ctx, &shape.ListQueueTagsInput{QueueUrl: &s}); err != nil {
			t.Errorf("URL %s: %v", s, err)
		}
	}
	for _, s := range []string{"q", "http://x/q", "http://x/abc/q", "http://x/123456789012/", "http://[/123456789012/q"} {
		_, err := h.ListQueueTags(h.ctx, &shape.ListQueueTagsInput{QueueUrl: &s})
		wantCode(t, err, "InvalidAddress", "The address "+s+" is not valid for this endpoint.")
	}
	for _, s := range []string{"http://x/123456789012/other", "http://x/999999999999/q"} {
		_, err := h.ListQueueTags(h.ctx, &shape.ListQueueTagsInput{QueueUrl: &s})
		wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
	}
	name, owner, other := "q", scope.Account, "999999999999"
	out, err := h.GetQueueUrl(h.ctx, &shape.GetQueueUrlInput{QueueName: &name, QueueOwnerAWSAccountId: &owner})
	if err != nil || *out.QueueUrl != *url {
		t.Errorf("GetQueueUrl() = %v, %v, want %s", out, err, *url)
	}
	_, err = h.GetQueueUrl(h.ctx, &shape.GetQueueUrlInput{QueueName: &name, QueueOwnerAWSAccountId: &other})
	wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
}

func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"http://localhost:4566/123456789012/q", "q", "", "//", "http://[/1/2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, err := parseURL(s, scope.Region)
		if err == nil && (!isAccount(k.scope.Account) || k.name == "") {
			t.Errorf("parseURL(%q) = %v", s, k)
		}
	})
}

func TestListQueues(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	if out, err := h.ListQueues(h.ctx, &shape.ListQueuesInput{}); err != nil || out.QueueUrls != nil {
		t.Errorf("no queues: %v, %v", out, err)
	}
	for _, name := range []string{"b1", "a1", "a2", "a10", "b2"} {
		h.createQueue(name)
	}
	list := func(prefix string, max int64) (pages [][]string) {
		in := &shape.ListQueuesInput{QueueNamePrefix: &prefix}
		if max > 0 {
			in.MaxResults = &max
		}
		for {
			out, err := h.ListQueues(h.ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, u := range out.QueueUrls {
				names = append(names, u[len("http://localhost:4566/123456789012/"):])
			}
			pages = append(pages, names)
			if out.NextToken == nil {
				return pages
			}
			in.NextToken = out.NextToken
		}
	}
	tests := []struct {
		prefix string
		max    int64
		want   [][]string
	}{
		{"", 0, [][]string{{"a1", "a10", "a2", "b1", "b2"}}},
		{"a", 0, [][]string{{"a1", "a10", "a2"}}},
		{"", 2, [][]string{{"a1", "a10"}, {"a2", "b1"}, {"b2"}}},
		{"b", 2, [][]string{{"b1", "b2"}}},
		{"c", 0, [][]string{nil}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, list(tt.prefix, tt.max)); diff != "" {
			t.Errorf("ListQueues(%q, %d) (-want +got):\n%s", tt.prefix, tt.max, diff)
		}
	}
	zero, bad := int64(0), "abc"
	_, err := h.ListQueues(h.ctx, &shape.ListQueuesInput{MaxResults: &zero})
	wantCode(t, err, "InvalidParameterValue", "Value 0 for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.")
	_, err = h.ListQueues(h.ctx, &shape.ListQueuesInput{NextToken: &bad})
	wantCode(t, err, "InvalidParameterValue", "Invalid or expired next token.")
}

func FuzzParseToken(f *testing.F) {
	f.Add(formatToken("name"))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if after, ok := parseToken(s); ok && formatToken(after) != s {
			t.Errorf("parseToken(%q) = %q, which is written %q", s, after, formatToken(after))
		}
	})
}

func TestTags(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	tags := func() map[string]string {
		out, err := h.ListQueueTags(h.ctx, &shape.ListQueueTagsInput{QueueUrl: url})
		if err != nil {
			t.Fatal(err)
		}
		return out.Tags
	}
	if got := tags(); got != nil {
		t.Errorf("tags of a new queue = %v", got)
	}
	if _, err := h.TagQueue(h.ctx, &shape.TagQueueInput{QueueUrl: url, Tags: map[string]string{"a": "1", "b": "2", "c": ""}}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.UntagQueue(h.ctx, &shape.UntagQueueInput{QueueUrl: url, TagKeys: []string{"a", "c", "none"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"b": "2"}, tags()); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
}

// TestTooManyTags: a queue takes 80 tags and not one more, however they come.
func TestTooManyTags(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	numbered := func(from, to int) map[string]string {
		m := map[string]string{}
		for i := from; i < to; i++ {
			m[fmt.Sprint(i)] = "v"
		}
		return m
	}
	create := func(name string, tags int) error {
		_, err := h.CreateQueue(h.ctx, &shape.CreateQueueInput{QueueName: &name, Tags: numbered(0, tags)})
		return err
	}
	wantCode(t, create("many", 81), "InvalidParameterValue", "Too many tags added for queue many.")
	if err := create("full", 80); err != nil {
		t.Errorf("CreateQueue with 80 tags: %v", err)
	}
	url := h.createQueue("q")
	tag := func(from, to int) error {
		_, err := h.TagQueue(h.ctx, &shape.TagQueueInput{QueueUrl: url, Tags: numbered(from, to)})
		return err
	}
	for _, ok := range [][2]int{{0, 1}, {1, 80}, {0, 80}} { // the last changes only values
		if err := tag(ok[0], ok[1]); err != nil {
			t.Errorf("TagQueue with tags %v: %v", ok, err)
		}
	}
	wantCode(t, tag(80, 81), "InvalidParameterValue", "Too many tags added for queue q.")
	out, err := h.ListQueueTags(h.ctx, &shape.ListQueueTagsInput{QueueUrl: url})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(numbered(0, 80), out.Tags); diff != "" {
		t.Errorf("tags after one too many (-want +got):\n%s", diff)
	}
}

func TestDeleteQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	h.send(url, "old")
	l, _ := h.queues.get(key{scope, "q"})
	if _, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	_, err := h.DeleteQueue(h.ctx, &shape.DeleteQueueInput{QueueUrl: url})
	wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")
	// Whoever found the queue before it was deleted cannot write to it.
	err = apiError(h.put(h.ctx, l, l.config.Load(), []*draft{{message: message{body: "late"}}}))
	wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")

	again := h.createQueue("q")
	h.wantBodies(again)
	h.send(again, "new")
	h.boot() // clears up
	h.wantBodies(again, "new")
	for _, p := range h.store.Parts() {
		err := h.store.View(h.ctx, p, func(v store.View) error {
			lo := store.AppendUint32([]byte(queuePrefix), l.config.Load().ID)
			for k := range v.Scan(lo, store.PrefixEnd(lo)) {
				t.Errorf("row %q of the deleted queue is left", k)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestPurgeQueue(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	purge := func() error {
		_, err := h.PurgeQueue(h.ctx, &shape.PurgeQueueInput{QueueUrl: url})
		return err
	}
	h.send(url, "a", "b", "c")
	h.get(url, atMost(1))
	h.sendDelayed(url, "d", 100)
	if err := purge(); err != nil {
		t.Fatal(err)
	}
	h.wantNumbers(url, "0", "0", "0")
	h.clock.Advance(59 * time.Second)
	wantCode(t, purge(), "AWS.SimpleQueueService.PurgeQueueInProgress", "Only one PurgeQueue operation on q is allowed every 60 seconds.")
	h.clock.Advance(time.Second)
	h.send(url, "e")
	h.wantBodies(url, "e")
	if err := purge(); err != nil {
		t.Errorf("purge after 60 seconds: %v", err)
	}
	h.clock.Advance(time.Hour)
	h.wantBodies(url)
}
