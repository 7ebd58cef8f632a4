package deploy_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/plan"
)

// shop is a board with a little of everything.
const shop = `
name: shop
events:
  OrderPaid: {by: PayOrder, of: Order}
  ParcelPacked: {by: PackParcel, of: Parcel}
triggers:
  PackParcel: {from: reaction}
  PayOrder: {from: Customer}
reactions:
  pack.on-paid: {when: OrderPaid, do: PackParcel, retry: {attempts: 1, age: 1h}, dlq: true}
views: {Shelf: {of: Parcel, from: [ParcelPacked]}}
actors: {Customer: {auth: cognito}}
things: {Order: {key: order_id}, Parcel: {key: parcel_id}}
contexts: {Depot: {things: [Parcel]}, Shop: {things: [Order]}}
services: {depot: {in: Depot, owns: [Parcel]}, desk: {in: Shop, owns: [Order]}}
`

// TestChanges holds what is done for each kind of change of a board, and which
// calls it takes.
func TestChanges(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(shop)
	for _, tt := range []struct{ name, from, to, want, writes string }{
		{
			"another condition", "dlq: true}", `dlq: true, match: {detail: {total: [{numeric: [">", 5]}]}}}`,
			"update rule pack.on-paid: pattern\n", "AWSEvents.PutRule",
		},
		{
			"other retries on the rule only", "attempts: 1", "attempts: 7",
			"update function shop-depot-pack-parcel: retries\nupdate rule pack.on-paid: target\n",
			"AWSEvents.PutTargets PUT /2019-09-25/functions/shop-depot-pack-parcel/event-invoke-config",
		},
		{
			"no retries", "retry: {attempts: 1, age: 1h}, ", "",
			"update function shop-depot-pack-parcel: maxAge, retries\nupdate rule pack.on-paid: target\n",
			"AWSEvents.PutTargets DELETE /2019-09-25/functions/shop-depot-pack-parcel/event-invoke-config",
		},
		{
			"no dead letters", ", dlq: true", "",
			"update function shop-depot-pack-parcel: deadLetters\nupdate rule pack.on-paid: target\ndelete queue shop-depot-pack-parcel-dlq\n",
			"AWSEvents.PutTargets AmazonSQS.DeleteQueue PUT /2015-03-31/functions/shop-depot-pack-parcel/configuration",
		},
		{
			"another runtime", "owns: [Order]", "owns: [Order], runtime: python3.12",
			"update function shop-desk-pay-order: runtime\n", "PUT /2015-03-31/functions/shop-desk-pay-order/configuration",
		},
		{
			"a reaction by another name", "pack.on-paid:", "pack-it:",
			"update function shop-depot-pack-parcel: invokers\ncreate rule pack-it\ndelete rule pack.on-paid\n",
			"AWSEvents.DeleteRule AWSEvents.PutRule AWSEvents.PutTargets AWSEvents.RemoveTargets " +
				"DELETE /2015-03-31/functions/shop-depot-pack-parcel/policy/stormbus-rule-pack_on-paid-4b8055fe " +
				"POST /2015-03-31/functions/shop-depot-pack-parcel/policy",
		},
		{
			"no view", "views: {Shelf: {of: Parcel, from: [ParcelPacked]}}\n", "",
			"delete rule view-shelf\ndelete function shop-depot-view-shelf\n",
			"AWSEvents.DeleteRule AWSEvents.RemoveTargets DELETE /2015-03-31/functions/shop-depot-view-shelf",
		},
	} {
		text := strings.Replace(shop, tt.from, tt.to, 1)
		if text == shop {
			t.Fatalf("%s: nothing was replaced", tt.name)
		}
		s.writes()
		changes := s.apply(text)
		if diff := cmp.Diff(tt.want, list(changes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
		if diff := cmp.Diff(strings.Fields(strings.ReplaceAll(tt.writes, " /", "+/")), strings.Fields(strings.ReplaceAll(strings.Join(s.writes(), " "), " /", "+/"))); diff != "" {
			t.Errorf("%s: calls (-want +got):\n%s", tt.name, diff)
		}
		if again := list(s.apply(text)); again != "" {
			t.Errorf("%s: again:\n%s", tt.name, again)
		}
		s.apply(shop)
	}
}

// TestCode: other code is sent, and nothing else.
func TestCode(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(shop)
	s.writes()
	s.Code = func(f plan.Function) ([]byte, error) {
		if f.Trigger == "PayOrder" {
			return zipOf("other")
		}
		return zipOf(f.Name)
	}
	if got, want := list(s.apply(shop)), "update function shop-desk-pay-order: code\n"; got != want {
		t.Errorf("changes: %s, want %s", got, want)
	}
	if diff := cmp.Diff([]string{"PUT /2015-03-31/functions/shop-desk-pay-order/code"}, s.writes()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	s.Code = func(plan.Function) ([]byte, error) { return nil, errors.New("no such folder") }
	_, err := s.Apply(t.Context(), of(t, shop))
	if err == nil || !strings.Contains(err.Error(), "the code of the function shop-de") || len(s.writes()) > 0 {
		t.Errorf("Apply without code: %v", err)
	}
	s.Code = nil
	if changes, err := s.Plan(t.Context(), of(t, shop)); err != nil || list(changes) != "" {
		t.Errorf("Plan without code: %v, %v", list(changes), err)
	}
	if _, err := s.Apply(t.Context(), of(t, shop)); err == nil {
		t.Error("Apply with a Deployer that has no code is no error")
	}
}

// TestByHand: what somebody changed by hand is as planned again, and what does
// not belong to the plan stays.
func TestByHand(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(shop)
	want := s.state()
	s.call("events", "AWSEvents.DisableRule", map[string]any{"EventBusName": "shop", "Name": "view-shelf"}, nil)
	s.call("events", "AWSEvents.PutTargets", map[string]any{"EventBusName": "shop", "Rule": "pack.on-paid", "Targets": []any{
		map[string]any{"Id": "more", "Arn": scope.Queue("elsewhere").String()},
	}}, nil)
	s.call("sqs", "AmazonSQS.SetQueueAttributes", map[string]any{
		"QueueUrl": s.Client.Endpoint + "/" + scope.Account + "/shop-depot-pack-parcel-dlq", "Attributes": map[string]string{"MessageRetentionPeriod": "60"},
	}, nil)
	err := s.Client.REST(t.Context(), "lambda", http.MethodPut, "/2015-03-31/functions/shop-desk-pay-order/configuration", map[string]any{"Timeout": 99}, nil)
	if err != nil {
		t.Fatal(err)
	}
	changes := `update queue shop-depot-pack-parcel-dlq: retention
update function shop-desk-pay-order: timeout
update rule pack.on-paid: target
update rule view-shelf: state
`
	if diff := cmp.Diff(changes, list(s.apply(shop))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, s.state()); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
	err = s.Client.REST(t.Context(), "lambda", http.MethodPost, "/2015-03-31/functions/shop-desk-pay-order/policy", map[string]any{
		"StatementId": "theirs", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := list(s.apply(shop)); got != "" {
		t.Errorf("with a permission of somebody else: %s", got)
	}
}

// TestConflicts: what has the name of something planned and belongs to somebody
// else is named, all of it at once, and nothing is done.
func TestConflicts(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.call("events", "AWSEvents.CreateEventBus", map[string]any{"Name": "shop"}, nil)
	s.call("sqs", "AmazonSQS.CreateQueue", map[string]any{"QueueName": "shop-depot-pack-parcel-dlq", "tags": map[string]string{deploy.Tag: "other"}}, nil)
	code, err := zipOf("theirs")
	if err != nil {
		t.Fatal(err)
	}
	err = s.Client.REST(t.Context(), "lambda", http.MethodPost, "/2015-03-31/functions", map[string]any{
		"FunctionName": "shop-desk-pay-order", "Runtime": "python3.13", "Handler": "a.b", "Role": "arn:aws:iam::123456789012:role/r", "Code": map[string]any{"ZipFile": code},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.call("events", "AWSEvents.PutRule", map[string]any{"EventBusName": "shop", "Name": "view-shelf", "EventPattern": `{"source":["x"]}`}, nil)
	before := s.state()
	s.writes()
	changes, err := s.Apply(t.Context(), of(t, shop))
	if err == nil || changes != nil {
		t.Fatalf("Apply = %v, %v", changes, err)
	}
	for _, want := range []string{
		"a bus shop already", "a queue shop-depot-pack-parcel-dlq already", "a function shop-desk-pay-order already", "a rule view-shelf already",
		"does not belong to the board shop", "give it the tag stormbus:board=shop",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
	if _, err := s.Remove(t.Context(), "shop"); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, s.state()); diff != "" || len(s.writes()) > 0 {
		t.Errorf("something was done (-before +after):\n%s", diff)
	}
}

// TestAnotherBus: the rules move to the other bus, and the old one stays until
// the whole board goes, since others may listen there.
func TestAnotherBus(t *testing.T) {
	t.Parallel()
	s := start(t)
	before := s.state()
	s.apply(shop)
	want := `create bus lobby
update queue shop-depot-pack-parcel-dlq: policy
update function shop-depot-pack-parcel: environment, invokers
update function shop-depot-view-shelf: environment, invokers
update function shop-desk-pay-order: environment
create rule pack.on-paid
create rule view-shelf
delete rule shop/pack.on-paid
delete rule shop/view-shelf
`
	lobby := shop + "bus: {name: lobby}\n"
	if diff := cmp.Diff(want, list(s.apply(lobby))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	onDefault := list(s.apply(shop + "bus: {name: default}\n"))
	if strings.Contains(onDefault, " bus ") || strings.Count(onDefault, "create rule") != 2 || strings.Count(onDefault, "delete rule lobby/") != 2 {
		t.Errorf("to the default bus:\n%s", onDefault)
	}
	if list(s.apply(shop+"bus: {name: default}\n")) != "" {
		t.Error("the second time something was changed")
	}
	s.call("events", "AWSEvents.PutRule", map[string]any{"EventBusName": "lobby", "Name": "theirs", "EventPattern": `{"source":["x"]}`}, nil)
	removed, err := s.Remove(t.Context(), "shop")
	if err != nil || !strings.Contains(list(removed), "kept bus lobby") || !strings.Contains(list(removed), "delete bus shop") {
		t.Errorf("Remove = %s, %v", list(removed), err)
	}
	s.call("events", "AWSEvents.DeleteRule", map[string]any{"EventBusName": "lobby", "Name": "theirs"}, nil)
	if _, err := s.Remove(t.Context(), "shop"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, s.state()); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// TestDeadLettersAreKept: a queue that nothing wants any more is kept as long as
// it holds something.
func TestDeadLettersAreKept(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.apply(shop)
	queue := s.Client.Endpoint + "/" + scope.Account + "/shop-depot-pack-parcel-dlq"
	s.call("sqs", "AmazonSQS.SendMessage", map[string]any{"QueueUrl": queue, "MessageBody": "dead"}, nil)
	without := strings.Replace(shop, ", dlq: true", "", 1)
	changes := s.apply(without)
	last := changes[len(changes)-1]
	for _, c := range changes {
		if c.Kind == plan.QueueKind {
			last = c
		}
	}
	if last.Action != deploy.Kept || last.Name != "shop-depot-pack-parcel-dlq" || !strings.Contains(last.Note, "it holds 1 message;") {
		t.Errorf("change: %+v", last)
	}
	removed, err := s.Remove(t.Context(), "shop")
	if err != nil || !strings.Contains(list(removed), "kept queue shop-depot-pack-parcel-dlq") || !strings.Contains(list(removed), "delete bus shop") {
		t.Errorf("Remove = %s, %v", list(removed), err)
	}
	s.call("sqs", "AmazonSQS.PurgeQueue", map[string]any{"QueueUrl": queue}, nil)
	if removed, err = s.Remove(t.Context(), "shop"); err != nil || list(removed) != "delete queue shop-depot-pack-parcel-dlq\n" {
		t.Errorf("Remove = %s, %v", list(removed), err)
	}
}

// TestHalfWay: an Apply that fails says what it did, and the next one goes on.
func TestHalfWay(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, fails := range []string{
		"AWSEvents.CreateEventBus", "AmazonSQS.CreateQueue", "POST /2015-03-31/functions/", "POST /2015-03-31/functions/shop-depot-pack-parcel/policy",
		"AWSEvents.PutRule", "AWSEvents.PutTargets",
	} {
		s.answering(func(call string) (int, string) {
			if call == fails {
				return http.StatusForbidden, denied
			}
			return 0, ""
		})
		done, err := s.Apply(t.Context(), of(t, shop))
		if err == nil || !strings.Contains(err.Error(), "AccessDeniedException") || !strings.Contains(err.Error(), "deploy again to go on") ||
			!strings.Contains(err.Error(), "set AWS_ACCESS_KEY_ID") || strings.Contains(err.Error(), "not begun") {
			t.Errorf("%s: %v", fails, err)
		}
		for _, c := range done {
			if c.Action == deploy.Create && c.Kind == plan.RuleKind {
				t.Errorf("%s: it says that the rule %s was made", fails, c.Name)
			}
		}
	}
	s.answering(nil)
	s.apply(shop)
	fresh := start(t)
	fresh.apply(shop)
	if diff := cmp.Diff(fresh.state(), s.state()); diff != "" {
		t.Errorf("state (-fresh +went on):\n%s", diff)
	}
}

// TestFailedEntries: a call that succeeded for none of its entries has failed.
func TestFailedEntries(t *testing.T) {
	t.Parallel()
	s := start(t)
	failed := `{"FailedEntryCount":1,"FailedEntries":[{"TargetId":"function","ErrorCode":"InternalException","ErrorMessage":"come later"}]}`
	s.answering(func(call string) (int, string) {
		if call == "AWSEvents.PutTargets" {
			return http.StatusOK, failed
		}
		return 0, ""
	})
	_, err := s.Apply(t.Context(), of(t, shop))
	if err == nil || !strings.Contains(err.Error(), "target function: InternalException: come later") {
		t.Errorf("Apply = %v", err)
	}
	s.answering(nil)
	s.apply(shop)
	s.answering(func(call string) (int, string) {
		if call == "AWSEvents.RemoveTargets" {
			return http.StatusOK, failed
		}
		return 0, ""
	})
	if _, err := s.Remove(t.Context(), "shop"); err == nil || !strings.Contains(err.Error(), "delete the rule pack.on-paid: target function: InternalException: come later") {
		t.Errorf("Remove = %v", err)
	}
}

// TestThrottled: what comes too often is tried again.
func TestThrottled(t *testing.T) {
	t.Parallel()
	s := start(t)
	refused := 0
	s.answering(func(call string) (int, string) {
		if call == "AWSEvents.PutRule" && refused < 3 {
			refused++
			return http.StatusBadRequest, `{"__type":"ThrottlingException","message":"Rate exceeded"}`
		}
		return 0, ""
	})
	if got := strings.Count(list(s.apply(shop)), "create rule"); got != 2 || refused != 3 {
		t.Errorf("%d rules were made after %d refusals", got, refused)
	}
}

// TestNoServer: the error says what to look at.
func TestNoServer(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Client.Endpoint = "http://127.0.0.1:1"
	if _, err := s.Apply(t.Context(), of(t, shop)); err == nil || !strings.Contains(err.Error(), "see that the server runs") {
		t.Errorf("Apply = %v", err)
	}
}
