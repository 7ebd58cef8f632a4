package deploy_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stormbus/internal/app"
	"stormbus/internal/plan"
	"stormbus/internal/sigv4"
)

// TestFailuresReachTheQueue: an event whose function fails ends in the reaction's
// dead letters. The rule's queue alone would not get it: the rule has done its
// work when Lambda has the event.
func TestFailuresReachTheQueue(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Code = func(plan.Function) ([]byte, error) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, module := range []string{"pack_parcel", "pay_order", "view_shelf"} {
			w, err := z.Create("handlers/" + module + ".py")
			if err == nil {
				_, err = w.Write([]byte("def handler(event, context):\n    raise ValueError(event['detail-type'])\n"))
			}
			if err != nil {
				return nil, err
			}
		}
		err := z.Close()
		return b.Bytes(), err
	}
	s.apply(strings.Replace(shop, "retry: {attempts: 1, age: 1h}", "retry: {attempts: 0}", 1))
	s.call("events", "AWSEvents.PutEvents", map[string]any{"Entries": []any{
		map[string]any{"EventBusName": "shop", "Source": "desk", "DetailType": "OrderPaid", "Detail": `{"order_id":"o-1"}`},
	}}, nil)
	var got struct{ Messages []struct{ Body string } }
	queue := s.Client.Endpoint + "/" + scope.Account + "/shop-depot-pack-parcel-dlq"
	s.call("sqs", "AmazonSQS.ReceiveMessage", map[string]any{"QueueUrl": queue, "WaitTimeSeconds": 20}, &got)
	if len(got.Messages) != 1 {
		t.Fatalf("%d dead letters", len(got.Messages))
	}
	var event struct {
		DetailType string `json:"detail-type"`
		Detail     map[string]string
	}
	if err := json.Unmarshal([]byte(got.Messages[0].Body), &event); err != nil {
		t.Fatal(err)
	}
	if event.DetailType != "OrderPaid" || event.Detail["order_id"] != "o-1" {
		t.Errorf("dead letter: %s", got.Messages[0].Body)
	}
}

// TestSigned: a server that verifies signatures is deployed to with a key that it
// knows.
func TestSigned(t *testing.T) {
	t.Parallel()
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte("AKIDDEPLOYER secret-of-the-deployer "+scope.Account+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startWith(t, "process", func(c *app.Config) { c.KeysFile = keys })
	if _, err := s.Apply(t.Context(), of(t, shop)); err == nil || !strings.Contains(err.Error(), "set AWS_ACCESS_KEY_ID") {
		t.Errorf("Apply without a key = %v", err)
	}
	s.Client.Credentials = sigv4.Credentials{AccessKeyID: "AKIDDEPLOYER", Secret: "secret-of-the-deployer"}
	if got := strings.Count(list(s.apply(shop)), "create "); got != 7 {
		t.Errorf("%d resources were made, want 7", got)
	}
}
