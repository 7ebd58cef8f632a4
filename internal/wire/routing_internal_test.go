package wire

import (
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"stormbus/internal/shape/catalog"
	"stormbus/internal/shape/dynamodb"
)

const formType = "application/x-www-form-urlencoded"

// TestRouting asks for operations of all services, none of which is
// implemented; the answer names what was asked for.
func TestRouting(t *testing.T) {
	t.Parallel()
	var services []Service
	for _, m := range catalog.Models() {
		services = append(services, Service{Model: m})
	}
	slices.Reverse(services) // what is found must not depend on a good order
	server := NewServer(Config{Services: services})
	for _, test := range []struct {
		name                          string
		request, host, signed, target string
		contentType, body             string
		cbor                          bool
		want                          string
	}{
		{name: "target", request: "POST /", target: "AWSEvents.PutEvents", want: "events.PutEvents"},
		{name: "target against the signature", request: "POST /", target: "AmazonSQS.SendMessage", signed: "events", want: "sqs.SendMessage"},
		{name: "unsigned target", request: "POST /", target: "AWSCognitoIdentityProviderService.SignUp", want: "cognitoidp.SignUp"},
		{name: "cbor", request: "POST /service/AWSEventsV2/operation/PutEvents", cbor: true, signed: "events", want: "eventsv2.PutEvents"},
		{name: "cbor before target", request: "POST /service/AWSEventsV2/operation/PutEvents", cbor: true, target: "AWSEvents.PutEvents", want: "eventsv2.PutEvents"},
		{name: "cbor of another", request: "POST /service/GraniteServiceVersion20100801/operation/ListMetrics", cbor: true, want: "cloudwatch.ListMetrics"},
		{name: "dynamodb", request: "POST /", signed: "dynamodb", target: "DynamoDB_20120810.PutItem", want: "dynamodb.PutItem"},
		{name: "its streams", request: "POST /", signed: "dynamodb", target: "DynamoDBStreams_20120810.ListStreams", want: "dynamodbstreams.ListStreams"},
		{name: "REST APIs", request: "GET /restapis", signed: "apigateway", want: "apigateway.GetRestApis"},
		{name: "HTTP APIs", request: "GET /v2/apis", signed: "apigateway", want: "apigatewayv2.GetApis"},
		{name: "tags of REST APIs", request: "GET /tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2Fa", signed: "apigateway", want: "apigateway.GetTags"},
		{name: "tags of HTTP APIs", request: "GET /v2/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Fapis%2Fa", signed: "apigateway", want: "apigatewayv2.GetTags"},
		{name: "connections", request: "POST /@connections/abc", signed: "execute-api", want: "apigatewaymanagementapi.PostToConnection"},
		{name: "sqs as a form", request: "POST /", signed: "sqs", contentType: formType, body: "Action=ListQueues&Version=2012-11-05", want: "sqs.ListQueues"},
		{name: "at a queue", request: "POST /000000000000/seats", signed: "sqs", contentType: formType, body: "Action=SendMessage", want: "sqs.SendMessage"},
		{name: "at a queue, unsigned", request: "POST /000000000000/seats", contentType: formType, body: "Action=SendMessage&Version=2012-11-05", want: "sqs.SendMessage"},
		{name: "get with a query", request: "GET /?Action=ListQueues&Version=2012-11-05", signed: "sqs", want: "sqs.ListQueues"},
		{name: "unsigned form", request: "POST /", contentType: formType, body: "Action=AssumeRoleWithWebIdentity&Version=2011-06-15", want: "sts.AssumeRoleWithWebIdentity"},
		{name: "same name, other version", request: "POST /", contentType: formType, body: "Action=TagResource&Version=2010-03-31", want: "sns.TagResource"},
		{name: "iam", request: "POST /", signed: "iam", contentType: formType, body: "Action=CreateRole&Version=2010-05-08", want: "iam.CreateRole"},
		{name: "cloudwatch as a form", request: "POST /", signed: "monitoring", contentType: formType, body: "Action=ListMetrics&Version=2010-08-01", want: "cloudwatch.ListMetrics"},
		{name: "cloudwatch as JSON", request: "POST /", signed: "monitoring", target: "GraniteServiceVersion20100801.ListMetrics", want: "cloudwatch.ListMetrics"},
		{name: "states", request: "POST /", host: "sync-localhost", target: "AWSStepFunctions.StartSyncExecution", signed: "states", want: "stepfunctions.StartSyncExecution"},
		{name: "path", request: "GET /2015-03-31/functions/f", signed: "lambda", want: "lambda.GetFunction"},
		{name: "path, unsigned", request: "GET /2015-03-31/functions/f", want: "lambda.GetFunction"},
		{name: "path and form", request: "POST /2015-03-31/functions", contentType: formType, body: "{}", want: "lambda.CreateFunction"},
		{name: "presigned", request: "GET /b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20261123%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=00", want: "s3.GetObject"},
		{name: "a bucket with the path of another service", request: "GET /2015-03-31/functions/", signed: "s3", want: "s3.GetObject"},
		{name: "bucket in the host", request: "GET /?list-type=2", host: "my.bucket.s3.localhost", want: "s3.ListObjectsV2"},
		{name: "bucket in the host, with such a path", request: "GET /2015-03-31/functions/f", host: "b.s3.eu-west-1.localhost:4566", want: "s3.GetObject"},
		{name: "nothing else", request: "GET /", want: "s3.ListBuckets"},
		{name: "bucket", request: "PUT /b", want: "s3.CreateBucket"},
		{name: "object", request: "PUT /b/k", want: "s3.PutObject"},
		{name: "part", request: "PUT /b/k?partNumber=1&uploadId=u", want: "s3.UploadPart"},
		{name: "parts", request: "GET /b/k?uploadId=u", want: "s3.ListParts"},
		{name: "abort", request: "DELETE /b/k?uploadId=u", want: "s3.AbortMultipartUpload"},
		{name: "complete", request: "POST /b/k?uploadId=u", want: "s3.CompleteMultipartUpload"},
		{name: "start", request: "POST /b/k?uploads", want: "s3.CreateMultipartUpload"},
		{name: "uploads", request: "GET /b?uploads", want: "s3.ListMultipartUploads"},
		{name: "delete", request: "DELETE /b/k", want: "s3.DeleteObject"},
		{name: "delete many", request: "POST /b?delete", want: "s3.DeleteObjects"},
		{name: "tags of an object", request: "GET /b/k?tagging", want: "s3.GetObjectTagging"},
		{name: "tags of a bucket", request: "GET /b?tagging", want: "s3.GetBucketTagging"},
		{name: "versions", request: "GET /b?versions&prefix=x", want: "s3.ListObjectVersions"},
		{name: "location", request: "GET /b?location", want: "s3.GetBucketLocation"},
		{name: "head", request: "HEAD /b/k", want: ""},
	} {
		method, target, _ := strings.Cut(test.request, " ")
		r := httptest.NewRequest(method, "http://localhost"+target, strings.NewReader(test.body))
		r.Host = nameOr(test.host, "localhost")
		for name, value := range map[string]string{"X-Amz-Target": test.target, "Content-Type": test.contentType} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if test.signed != "" {
			r.Header.Set("Authorization",
				"AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/"+test.signed+"/aws4_request, SignedHeaders=host, Signature=00")
		}
		if test.cbor {
			r.Header.Set("Smithy-Protocol", smithyCBOR)
		}
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), test.want) ||
			test.want != "" && !strings.Contains(w.Body.String(), "The operation "+test.want+" is not implemented") {
			t.Errorf("%s: %d %s, want %s", test.name, w.Code, w.Body, test.want)
		}
	}
}

// TestDynamoChecksum compares the checksum as DynamoDB's clients do.
func TestDynamoChecksum(t *testing.T) {
	t.Parallel()
	server := NewServer(Config{Services: []Service{{Model: dynamodb.Model}}})
	r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader("{}"))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Body)
	if err != nil || len(body) == 0 {
		t.Fatal(err, len(body))
	}
	if got, want := w.Header().Get("X-Amz-Crc32"), strconv.Itoa(int(crc32.ChecksumIEEE(body))); got != want {
		t.Errorf("checksum %s, want %s", got, want)
	}
}
