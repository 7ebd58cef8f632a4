package wire

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"

	"stormbus/internal/shape"
	"stormbus/internal/shape/cloudwatch"
	"stormbus/internal/shape/events"
	"stormbus/internal/shape/lambda"
	"stormbus/internal/shape/s3"
)

// FuzzForm reads forms into a structure with lists, maps and everything else.
func FuzzForm(f *testing.F) {
	f.Add("Rule=r&Targets.member.1.Id=1&Targets.member.1.RetryPolicy.MaximumRetryAttempts=3&Targets.member.2.Arn=a")
	f.Add("Targets.member.1.InputTransformer.InputPathsMap.entry.1.key=k&Targets.member.1.InputTransformer.InputPathsMap.entry.1.value=v")
	f.Add("Targets=&Targets.member.1.RunCommandParameters.RunCommandTargets.member.1.Values.member.7=x")
	p, err := newPlanner(events.Model).plan("PutTargetsRequest", reflect.TypeFor[events.PutTargetsInput]())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		values, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		in := new(events.PutTargetsInput)
		v := reflect.ValueOf(in).Elem()
		if err := newForm(values).structure(p, v, "", 0); err != nil {
			return
		}
		if len(in.Targets) > len(values) {
			t.Errorf("%d targets of %d values", len(in.Targets), len(values))
		}
		_ = validate(events.Model, p, v, nil)
		x := xmlWriter{}
		x.members(p, v)
	})
}

// FuzzRoundTrip writes what it could read, and reads it again.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte(`{"FunctionName":"f","Timeout":3,"Publish":true,"Code":{"ZipFile":"AAE="},"Environment":{"Variables":{"A":"\u0000ä"}},"Layers":["x"]}`))
	p, err := newPlanner(lambda.Model).plan("CreateFunctionRequest", reflect.TypeFor[lambda.CreateFunctionInput]())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second lambda.CreateFunctionInput
		if found, err := decodeJSON(body, p, reflect.ValueOf(&first).Elem()); err != nil || len(found) > 0 {
			return
		}
		written := appendJSON(nil, p, reflect.ValueOf(&first).Elem(), "")
		if _, err := decodeJSON(written, p, reflect.ValueOf(&second).Elem()); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Errorf("%s: read %+v, then %+v", body, first, second)
		}
	})
}

// FuzzPath finds operations by arbitrary methods and paths.
func FuzzPath(f *testing.F) {
	f.Add("GET", "/2015-03-31/functions/a%2Fb/invocations?x")
	f.Add("POST", "/%")
	s, err := prepare(Service{Model: lambda.Model})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, method, target string) {
		u, err := url.Parse(target)
		if err != nil {
			return
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method, r.URL = method, u
		if found := s.paths.find(r, segments(u.EscapedPath())); found.op != nil && found.op.model.Method != method {
			t.Errorf("%s %s is %s with %v", method, target, found.op.model.Name, found.labels)
		}
	})
}

// FuzzHeaderList splits lists in headers.
func FuzzHeaderList(f *testing.F) {
	f.Add(`a, "b,\"c" ,d`, false)
	f.Add("Mon, 23 Nov 2026 10:00:00 GMT", true)
	f.Fuzz(func(t *testing.T, value string, times bool) {
		kind := shape.String
		if times {
			kind = shape.Timestamp
		}
		if items := splitHeader([]string{value}, kind); len(items) == 0 || len(items) > len(value)+1 {
			t.Errorf("%q splits into %d items", value, len(items))
		}
	})
}

// FuzzTimestamp reads timestamps; what is read can be written and read again.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{"1795428000.25", "-0.5", "2026-11-23T10:00:00Z", "Mon, 23 Nov 2026 10:00:00 GMT", "1e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, ok := parseTimestamp(text)
		if !ok {
			return
		}
		for _, format := range []string{formatEpoch, formatISO, formatRFC} {
			written := string(appendTimestamp(nil, at, format))
			if again, ok := parseTimestamp(written); !ok || again.Unix() != at.Truncate(1e6).Unix() {
				t.Errorf("%q is %v, written %s and read %v, %t", text, at, written, again, ok)
			}
		}
	})
}

// FuzzXML writes what it could read, and reads it again.
func FuzzXML(f *testing.F) {
	f.Add([]byte(`<BucketLifecycleConfiguration><Rule><ID>a</ID><Filter><And><Prefix>p</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter>` +
		`<Status>Enabled</Status><Transition><Date>2026-11-23T10:00:00Z</Date><Days>3</Days></Transition></Rule></BucketLifecycleConfiguration>`))
	f.Add([]byte(`<?xml version="1.0"?><a><Rule>&lt;<x/></Rule></a>`))
	p, err := newPlanner(s3.Model).plan("BucketLifecycleConfiguration", reflect.TypeFor[s3.BucketLifecycleConfiguration]())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second s3.BucketLifecycleConfiguration
		if err := decodeXML(body, p, reflect.ValueOf(&first).Elem()); err != nil {
			return
		}
		written := xmlFormat{}.write(nil, p, reflect.ValueOf(&first).Elem(), root{name: "r"})
		if err := decodeXML(written, p, reflect.ValueOf(&second).Elem()); err != nil {
			t.Fatalf("%s: %v", written, err)
		}
		if again := (xmlFormat{}).write(nil, p, reflect.ValueOf(&second).Elem(), root{name: "r"}); !bytes.Equal(written, again) {
			t.Errorf("%s: written %s, then %s", body, written, again)
		}
	})
}

// FuzzCBORRoundTrip writes what it could read, and reads it again.
func FuzzCBORRoundTrip(f *testing.F) {
	f.Add([]byte("\xa2iNamespaceanjMetricData\x81\xa4jMetricNameameValue\xf9\x3e\x00iTimestamp\xc1\xfbA\xda\xc0\xeb\x0a\x00\x00\x00fValues\x9f\x01\x20\xfa\x3f\x80\x00\x00\xff"))
	f.Add([]byte("\xbfiNamespace\x7faaab\xff\xff"))
	p, err := newPlanner(cloudwatch.Model).plan("PutMetricDataInput", reflect.TypeFor[cloudwatch.PutMetricDataInput]())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var first, second cloudwatch.PutMetricDataInput
		if found, err := decodeCBOR(body, p, reflect.ValueOf(&first).Elem()); err != nil || len(found) > 0 {
			return
		}
		written := appendCBOR(nil, p, reflect.ValueOf(&first).Elem())
		if _, err := decodeCBOR(written, p, reflect.ValueOf(&second).Elem()); err != nil {
			t.Fatalf("%x: %v", written, err)
		}
		if again := appendCBOR(nil, p, reflect.ValueOf(&second).Elem()); !bytes.Equal(written, again) {
			t.Errorf("%x: written %x, then %x", body, written, again)
		}
	})
}
