package wire_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answered fails unless a request got an answer that makes sense.
func answered(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code < 200 || w.Code == http.StatusInternalServerError || w.Code > 501 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if w.Header().Get("X-Amzn-Requestid") == "" && w.Header().Get("X-Amz-Request-Id") == "" {
		t.Error("no request id")
	}
	if strings.Contains(w.Header().Get("Content-Type"), "json") && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
		t.Errorf("the answer is not JSON: %s", w.Body)
	}
}

func FuzzJSON(f *testing.F) {
	f.Add("AWSEvents.PutEvents", `{"Entries":[{"Source":"a","Time":1.5e9,"Resources":["x",null],"Detail":"{\"a\":\"\\u00e4\"}"}]}`)
	f.Add("AWSEvents.PutTargets", `{"Rule":"r","Targets":[{"Id":"1","InputTransformer":{"InputPathsMap":{"a":"$.b"}}}]}`)
	f.Add("AmazonSQS.SendMessage", `{"MessageBody":"x","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"AAE="}}}`)
	h := newServer(io.Discard)
	f.Fuzz(func(t *testing.T, name, body string) {
		if strings.HasSuffix(name, "ListEventBuses") || strings.HasSuffix(name, "ListRules") {
			return // these fail on purpose
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, target(name, body))
		answered(t, w)
		// Whatever is accepted as an input was JSON, or nothing.
		if w.Code == http.StatusOK && strings.TrimSpace(body) != "" && !json.Valid([]byte(body)) {
			t.Errorf("accepted: %q", body)
		}
	})
}

func FuzzRestJSON(f *testing.F) {
	f.Add("POST", "/2015-03-31/functions", `{"FunctionName":"f","Role":"r","Code":{"ZipFile":"AAE="},"Environment":{"Variables":{"A":"b"}}}`)
	f.Add("GET", "/2015-03-31/functions?MaxItems=7&Marker=x", "")
	f.Add("GET", "/2015-03-31/functions/f%2F%zz", "")
	f.Add("OPTIONS", "//", "")
	h := newServer(io.Discard)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
		if err != nil || r.Host != "localhost" {
			return
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w)
	})
}

func FuzzQuery(f *testing.F) {
	f.Add("Action=GetCallerIdentity&Version=2011-06-15", "text/xml")
	f.Add("Action=GetCallerIdentity&A.member.1.B=c&A.entry.1.key=x", "application/x-www-form-urlencoded; charset=utf-8")
	h := newServer(io.Discard)
	f.Fuzz(func(t *testing.T, body, contentType string) {
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(body))
		r.Header["Content-Type"] = []string{contentType}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w)
	})
}

func FuzzRouting(f *testing.F) {
	f.Add("AWSEvents.PutEvents", "AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/events/aws4_request, SignedHeaders=host, Signature=00",
		"localhost:4566", "http://localhost:4566", "application/x-amz-json-1.1")
	f.Add("", "AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=00",
		"[::1]", "", "application/x-www-form-urlencoded")
	h := newServer(io.Discard)
	f.Fuzz(func(t *testing.T, target, authorization, host, origin, contentType string) {
		if strings.HasSuffix(target, "ListEventBuses") || strings.HasSuffix(target, "ListRules") {
			return // these fail on purpose
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader("{}"))
		r.Host = host
		for name, value := range map[string]string{
			"X-Amz-Target": target, "Authorization": authorization, "Origin": origin, "Content-Type": contentType,
		} {
			r.Header[name] = []string{value}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w)
	})
}

func FuzzRestXML(f *testing.F) {
	f.Add("PUT", "/bucket?acl", `<AccessControlPolicy><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group"><URI>u</URI></Grantee></Grant></AccessControlList></AccessControlPolicy>`)
	f.Add("POST", "/bucket?delete", "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>")
	f.Add("GET", "/bucket/key//?x", "")
	f.Add("HEAD", "//", "<!DOCTYPE d>")
	h := newServer(io.Discard)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequest(method, "http://localhost"+target, strings.NewReader(body))
		if err != nil || r.Host != "localhost" {
			return
		}
		r.Header.Set("Authorization",
			"AWS4-HMAC-SHA256 Credential=k/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w)
	})
}

func FuzzCBOR(f *testing.F) {
	f.Add("AWSEventsV2", "CreateEventBus", []byte("\xbfdName\x7fcabcddefg\xffgUnknown\x83\x01\xf6\xa0dTags\xf6\xff"))
	f.Add("GraniteServiceVersion20100801", "PutMetricData",
		[]byte("\xa2iNamespaceanjMetricData\x81\xa3jMetricNameameValue\xf9\x3e\x00iTimestamp\xc1\xfbA\xda\xc0\xeb\x0a\x00\x00\x00"))
	f.Add("", "", []byte("\x9f\x9f\x9f\xff"))
	h := newServer(io.Discard)
	f.Fuzz(func(t *testing.T, service, operation string, body []byte) {
		r, err := http.NewRequest(http.MethodPost, "http://localhost/service/"+service+"/operation/"+operation, bytes.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answered(t, w)
	})
}
