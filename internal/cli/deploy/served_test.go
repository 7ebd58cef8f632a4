package deploy_test

import (
	"errors"
	"net/http"
	"testing"

	"stormbus/internal/cli/aws"
	"stormbus/internal/plan"
)

// TestServed asks a server whether it has what plan says it has: a kind of
// resource is served exactly if its operation is implemented.
func TestServed(t *testing.T) {
	t.Parallel()
	s := start(t)
	ask := func(service, target string) error {
		return s.Client.JSON(t.Context(), service, target, map[string]any{}, nil)
	}
	rest := func(service, method, path string) error {
		return s.Client.REST(t.Context(), service, method, path, map[string]any{}, nil)
	}
	for kind, err := range map[plan.Kind]error{
		plan.BusKind:      ask("events", "AWSEvents.CreateEventBus"),
		plan.SchemaKind:   rest("schemas", http.MethodPost, "/v1/registries/name/r/schemas/name/s"),
		plan.QueueKind:    ask("sqs", "AmazonSQS.CreateQueue"),
		plan.TableKind:    ask("dynamodb", "DynamoDB_20120810.CreateTable"),
		plan.FunctionKind: rest("lambda", http.MethodPost, "/2015-03-31/functions"),
		plan.RuleKind:     ask("events", "AWSEvents.PutRule"),
		plan.RouteKind:    rest("apigateway", http.MethodPost, "/v2/apis"),
		plan.ScheduleKind: rest("scheduler", http.MethodPost, "/schedules/s"),
		plan.SignInKind:   ask("cognito-idp", "AWSCognitoIdentityProviderService.CreateUserPool"),
	} {
		e, ok := errors.AsType[*aws.Error](err)
		if !ok {
			t.Errorf("%s: %v, want an error of the server", kind, err)
			continue
		}
		if implemented := e.Code != "NotImplemented"; implemented != kind.Served() {
			t.Errorf("%s: the server says %q, and plan says that served is %v", kind, e, kind.Served())
		}
	}
	if len(plan.Kinds()) != 9 {
		t.Error("there is a kind that this test does not ask for")
	}
}
