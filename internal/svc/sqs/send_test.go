package sqs

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/sqs"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

func TestSendMessageRefuses(t *testing.T) {
	t.Parallel()
	text, number, binary, empty := "String", "Number.int", "Binary.gif", ""
	attr := func(name string, v shape.MessageAttributeValue) map[string]shape.MessageAttributeValue {
		return map[string]shape.MessageAttributeValue{name: v}
	}
	many := map[string]shape.MessageAttributeValue{}
	for i := range 11 {
		many["a"+strconv.Itoa(i)] = shape.MessageAttributeValue{DataType: &text, StringValue: &text}
	}
	id := func(s string) *string { return &s }
	seconds := func(n int64) *int64 { return &n }
	const allowed = " was found in the message body, the set of allowed characters is " +
		"#x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."
	group := func(s string) string {
		return "Value " + s + " for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."
	}
	long := strings.Repeat("a", 129)
	tests := []struct {
		name    string
		in      shape.SendMessageInput
		code    string
		message string
	}{
		{"empty body", shape.SendMessageInput{MessageBody: id("")}, "MissingParameter", "The request must contain the parameter MessageBody."},
		{"control character", shape.SendMessageInput{MessageBody: id("a\x01")}, "InvalidMessageContents", "Invalid binary character '#x1'" + allowed},
		{"noncharacter", shape.SendMessageInput{MessageBody: id("a\uFFFF")}, "InvalidMessageContents", "Invalid binary character '#xFFFF'" + allowed},
		{"not UTF-8", shape.SendMessageInput{MessageBody: id("a\xC0")}, "InvalidMessageContents", "Invalid binary character '#xC0'" + allowed},
		{"too long", shape.SendMessageInput{MessageBody: id(strings.Repeat("a", MaxMessageSize+1))}, "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
		{"too long with attribute", shape.SendMessageInput{MessageBody: id(strings.Repeat("a", MaxMessageSize)), MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: &text, StringValue: &text})}, "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
		{"delay", shape.SendMessageInput{MessageBody: &text, DelaySeconds: seconds(-1)}, "InvalidParameterValue", "Value -1 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."},
		{"delay above", shape.SendMessageInput{MessageBody: &text, DelaySeconds: seconds(901)}, "InvalidParameterValue", "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."},
		{"many attributes", shape.SendMessageInput{MessageBody: &text, MessageAttributes: many}, "InvalidParameterValue", "Number of message attributes [11] exceeds the allowed maximum [10]."},
		{"empty text", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("ErrorDetails", shape.MessageAttributeValue{DataType: &text, StringValue: &empty})}, "InvalidParameterValue", "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'."},
		{"empty binary", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: &binary})}, "InvalidParameterValue", "Message (user) attribute 'x' must contain a non-empty value of type 'Binary'."},
		{"no number", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: &number, StringValue: id("0x10")})}, "InvalidParameterValue", "Can't cast the value of message (user) attribute 'x' to a number."},
		{"no type", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: &empty, StringValue: &text})}, "InvalidParameterValue", "The message attribute 'x' must contain non-empty message attribute type."},
		{"other type", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: id("Date"), StringValue: &text})}, "InvalidParameterValue", "The message attribute 'x' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		{"control character in attribute", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: &text, StringValue: id("\x02")})}, "InvalidMessageContents", "Invalid binary character '#x2'" + allowed},
		{"list of texts", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: &text, StringValue: &text, StringListValues: []string{"a"}})}, legacy + "UnsupportedOperation", "Message attribute list values in SendMessage operation are not supported."},
		{"list of binaries", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("x", shape.MessageAttributeValue{DataType: &text, StringValue: &text, BinaryListValues: [][]byte{{1}}})}, legacy + "UnsupportedOperation", "Message attribute list values in SendMessage operation are not supported."},
		{"attribute name", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("a b", shape.MessageAttributeValue{DataType: &text, StringValue: &text})}, "InvalidParameterValue", "The message attribute name 'a b' is invalid. Attribute name can contain A-Z, a-z, 0-9, underscore (_), hyphen (-), and period (.) characters."},
		{"reserved name", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr("AwS.x", shape.MessageAttributeValue{DataType: &text, StringValue: &text})}, "InvalidParameterValue", "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for internal use."},
		{"long name", shape.SendMessageInput{MessageBody: &text, MessageAttributes: attr(strings.Repeat("n", 257), shape.MessageAttributeValue{DataType: &text, StringValue: &text})}, "InvalidParameterValue", "The length of message attribute name must be less than 256 bytes."},
		{"system attribute", shape.SendMessageInput{MessageBody: &text, MessageSystemAttributes: map[string]shape.MessageSystemAttributeValue{"SenderId": {DataType: &text, StringValue: &text}}}, "InvalidParameterValue", "Message system attribute name 'SenderId' is invalid."},
		{"group empty", shape.SendMessageInput{MessageBody: &text, MessageGroupId: &empty}, "InvalidParameterValue", group("")},
		{"group long", shape.SendMessageInput{MessageBody: &text, MessageGroupId: &long}, "InvalidParameterValue", group(long)},
		{"group blank", shape.SendMessageInput{MessageBody: &text, MessageGroupId: id("group 123")}, "InvalidParameterValue", group("group 123")},
		{"deduplication", shape.SendMessageInput{MessageBody: &text, MessageDeduplicationId: id("1")}, "InvalidParameterValue", "Value 1 for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type."},
	}
	h := newHarness(t)
	url := h.createQueue("q")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.QueueUrl = url
			_, err := h.SendMessage(h.ctx, &tt.in)
			wantCode(t, err, tt.code, tt.message)
		})
	}
	h.wantNumbers(url, "0", "0", "0")
	h.send(url, strings.Repeat("a", MaxMessageSize), "\t\n\r\u0020\uE000\U0001F600")
	h.wantNumbers(url, "2", "0", "0")
}

func TestMaximumMessageSize(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrMaxSize, "1024")
	body := strings.Repeat("a", 1025)
	_, err := h.SendMessage(h.ctx, &shape.SendMessageInput{QueueUrl: url, MessageBody: &body})
	wantCode(t, err, "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")

	// In a batch only that entry fails, with a sentence of its own.
	one, two, short := "1", "2", "short"
	out, err := h.SendMessageBatch(h.ctx, &shape.SendMessageBatchInput{QueueUrl: url, Entries: []shape.SendMessageBatchRequestEntry{
		{Id: &one, MessageBody: &body}, {Id: &two, MessageBody: &short},
	}})
	if err != nil {
		t.Fatal(err)
	}
	code, message, yes := "InvalidParameterValue", "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes.", true
	want := []shape.BatchResultErrorEntry{{Id: &one, Code: &code, Message: &message, SenderFault: &yes}}
	if diff := cmp.Diff(want, out.Failed); diff != "" {
		t.Errorf("failed entries (-want +got):\n%s", diff)
	}
	if len(out.Successful) != 1 || *out.Successful[0].Id != "2" || *out.Successful[0].MD5OfMessageBody != bodyDigest(short) {
		t.Errorf("successful entries = %v", out.Successful)
	}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	send := func(ids []string, body string) error {
		in := &shape.SendMessageBatchInput{QueueUrl: url}
		for _, id := range ids {
			in.Entries = append(in.Entries, shape.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body})
		}
		_, err := h.SendMessageBatch(h.ctx, in)
		return err
	}
	const badID = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."
	twenty := slices.Repeat([]string{"a"}, 20)
	tests := []struct {
		name    string
		ids     []string
		body    string
		code    string
		message string
	}{
		{"empty", nil, "x", "EmptyBatchRequest", "There should be at least one SendMessageBatchRequestEntry in the request."},
		{"too many", twenty, "x", "TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10. You have sent 20."},
		{"id", []string{"a:b"}, "x", "InvalidBatchEntryId", badID},
		{"empty id", []string{""}, "x", "InvalidBatchEntryId", badID},
		{"long id", []string{strings.Repeat("a", 81)}, "x", "InvalidBatchEntryId", badID},
		{"same id", []string{"a", "b", "a"}, "x", "BatchEntryIdsNotDistinct", "Id a repeated."},
		{"too long", []string{"a", "b"}, strings.Repeat("x", MaxMessageSize/2+1), "BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048578 bytes."},
		{"one too long", []string{"a"}, strings.Repeat("x", MaxMessageSize+1), "BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wantCode(t, send(tt.ids, tt.body), legacy+tt.code, tt.message)
		})
	}
	h.wantNumbers(url, "0", "0", "0")

	if err := send([]string{"a", "b", "c"}, "x"); err != nil {
		t.Fatal(err)
	}
	ms := h.wantBodies(url, "x", "x", "x")
	a, b, c, garbage, ten, over := "a", "b", "c", "garbage", int64(10), int64(43_201)
	hidden, err := h.ChangeMessageVisibilityBatch(h.ctx, &shape.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: []shape.ChangeMessageVisibilityBatchRequestEntry{
		{Id: &a, ReceiptHandle: ms[0].ReceiptHandle, VisibilityTimeout: &ten},
		{Id: &b, ReceiptHandle: &garbage, VisibilityTimeout: &ten},
		{Id: &c, ReceiptHandle: ms[1].ReceiptHandle, VisibilityTimeout: &over},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := "a ok; b ReceiptHandleIsInvalid; c InvalidParameterValue"
	if got := outcomes([]string{*hidden.Successful[0].Id}, hidden.Failed); got != want {
		t.Errorf("ChangeMessageVisibilityBatch: %s, want %s", got, want)
	}
	h.clock.Advance(10 * time.Second)
	h.wantBodies(url, "x")

	gone, err := h.DeleteMessageBatch(h.ctx, &shape.DeleteMessageBatchInput{QueueUrl: url, Entries: []shape.DeleteMessageBatchRequestEntry{
		{Id: &a, ReceiptHandle: ms[0].ReceiptHandle},
		{Id: &b, ReceiptHandle: ms[1].ReceiptHandle},
		{Id: &c, ReceiptHandle: &garbage},
	}})
	if err != nil {
		t.Fatal(err)
	}
	want = "a ok; b ok; c ReceiptHandleIsInvalid"
	if got := outcomes([]string{*gone.Successful[0].Id, *gone.Successful[1].Id}, gone.Failed); got != want {
		t.Errorf("DeleteMessageBatch: %s, want %s", got, want)
	}
	h.wantNumbers(url, "0", "0", "1")
}

func outcomes(ok []string, failed []shape.BatchResultErrorEntry) string {
	var out []string
	for _, id := range ok {
		out = append(out, id+" ok")
	}
	for _, f := range failed {
		out = append(out, *f.Id+" "+*f.Code)
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestDeleteRefusesForeignHandles(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url, other := h.createQueue("q"), h.createQueue("other")
	h.send(other, "a")
	foreign := *h.get(other)[0].ReceiptHandle
	for _, text := range []string{"garbage", `a"b\é`, foreign} {
		_, err := h.DeleteMessage(h.ctx, &shape.DeleteMessageInput{QueueUrl: url, ReceiptHandle: &text})
		wantCode(t, err, "ReceiptHandleIsInvalid", `The input receipt handle "`+text+`" is not a valid receipt handle.`)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q", attrVisibility, "0")
	var msgs []Outgoing
	for i := range 250 {
		msgs = append(msgs, Outgoing{Body: strconv.Itoa(i)})
	}
	msgs[3].Body = "\x01"
	msgs[4] = Outgoing{Body: "4", Once: "x", GroupID: "g", DeduplicationID: "d", TraceHeader: "Root=1", Attributes: map[string]Attribute{"A": {DataType: "String", Text: "v"}}}
	for i, err := range h.Send(h.ctx, scope.Queue("q"), msgs) {
		var rejected *wire.Error
		switch {
		case i == 3 && (!errors.As(err, &rejected) || rejected.Code != "InvalidMessageContents"):
			t.Errorf("message 3: %v, want InvalidMessageContents", err)
		case i != 3 && err != nil:
			t.Errorf("message %d: %v", i, err)
		}
	}
	h.wantNumbers(url, "249", "0", "0")
	// A message with a name arrives once.
	if err := h.Send(h.ctx, scope.Queue("q"), msgs[4:6]); err[0] != nil || err[1] != nil {
		t.Fatal(err)
	}
	h.wantNumbers(url, "250", "0", "0")
	fifth := h.get(url)[3]
	if *fifth.Body != "4" || fifth.Attributes["AWSTraceHeader"] != "Root=1" || fifth.Attributes["MessageGroupId"] != "g" ||
		*fifth.MessageAttributes["A"].StringValue != "v" {
		t.Errorf("the message with everything = %v %v", fifth.Attributes, fifth.MessageAttributes)
	}
	large := Outgoing{Body: strings.Repeat("x", MaxMessageSize+1)}
	var rejected *wire.Error
	if err := h.Send(h.ctx, scope.Queue("q"), []Outgoing{large})[0]; !errors.As(err, &rejected) {
		t.Errorf("too large: %v, want a refusal", err)
	}
	large.AnySize = true
	if err := h.Send(h.ctx, scope.Queue("q"), []Outgoing{large})[0]; err != nil {
		t.Errorf("any size: %v", err)
	}
	for _, err := range h.Send(h.ctx, scope.Queue("none"), msgs[:2]) {
		if !errors.Is(err, ErrNoQueue) {
			t.Errorf("missing queue: %v, want ErrNoQueue", err)
		}
	}
}

// A message carries the trace of the call that sent it, as the SDKs in functions
// send it, unless it has one of its own.
func TestSendTakesTheTraceOfTheCall(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	url := h.createQueue("q")
	const root, own = "Root=1-5759e988-bd862e3fe1be46a994272793", "Root=1-5759e988-000000000000000000000001"
	ctx := wire.NewContext(t.Context(), wire.Request{Scope: scope, Trace: telemetry.ParseTrace(root)})
	one, two, body, text, value := "1", "2", "x", "String", own
	system := map[string]shape.MessageSystemAttributeValue{traceAttribute: {DataType: &text, StringValue: &value}}
	if _, err := h.SendMessage(ctx, &shape.SendMessageInput{QueueUrl: url, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.SendMessageBatch(ctx, &shape.SendMessageBatchInput{QueueUrl: url, Entries: []shape.SendMessageBatchRequestEntry{
		{Id: &one, MessageBody: &body}, {Id: &two, MessageBody: &body, MessageSystemAttributes: system},
	}}); err != nil {
		t.Fatal(err)
	}
	for i, m := range h.get(url) {
		want := []string{root, root, own}[i]
		if got := m.Attributes[traceAttribute]; got != want {
			t.Errorf("message %d has the trace %q, want %q", i, got, want)
		}
	}
}
