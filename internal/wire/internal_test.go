package wire

import (
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/shape"
	"stormbus/internal/shape/events"
	"stormbus/internal/shape/lambda"
	"stormbus/internal/shape/sqs"
	"stormbus/internal/shape/sts"
)

var models = []*shape.Service{events.Model, lambda.Model, sqs.Model, sts.Model}

func TestPatternsCompile(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		for _, s := range m.Shapes {
			if s.Pattern != "" {
				compilePattern(s.Pattern)("") // panics if it cannot be compiled
			}
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{`[a-z]+`, "abc", true},
		{`[a-z]+`, "abc\n", false},
		{`a|b`, "ab", false},
		{`^a$`, "a", true},
		{`^(?!\s*$).+`, " x", true},
		{`^(?!\s*$).+`, "  ", false},
		{`^(?!\s*$).+`, "", false},
		{`[0-9A-Za-z\.\-_]*(?<!\.)`, "a.b", true},
		{`[0-9A-Za-z\.\-_]*(?<!\.)`, "a.", false},
		{`[0-9A-Za-z\.\-_]*(?<!\.)`, "ä", false},
		{`[\u0009\u0020-\u007E]+`, "a b\t", true},
		{`[\u0009\u0020-\u007E]+`, "\n", false},
	}
	for _, test := range tests {
		if got := compilePattern(test.pattern)(test.text); got != test.want {
			t.Errorf("pattern %s on %q = %t, want %t", test.pattern, test.text, got, test.want)
		}
	}
}

func TestLimitsAreNumbers(t *testing.T) {
	t.Parallel()
	for _, m := range models {
		for _, s := range m.Shapes {
			for _, text := range []string{s.Min, s.Max} {
				if text != "" && limit(text) == nil {
					t.Errorf("%s.%s has the limit %q", m.Name, s.Name, text)
				}
			}
		}
	}
}

func TestTimestamp(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		text string
		want time.Time
	}{
		{"1795428000", at},
		{"1795428000.25", at.Add(250 * time.Millisecond)},
		{"1795428000.123456789", at.Add(123456789)},
		{"1.795428E9", at},
		{"-0.5", time.Unix(0, -500_000_000).UTC()},
		{"2026-11-23T10:00:00Z", at},
		{"2026-11-23T10:00:00.5Z", at.Add(500 * time.Millisecond)},
		{"2026-11-23T12:00:00+02:00", at},
		{"2026-11-23", at.Truncate(24 * time.Hour)},
		{"Mon, 23 Nov 2026 10:00:00 GMT", at},
		{"Monday, 23-Nov-26 10:00:00 GMT", at},
		{"", time.Time{}},
		{"NaN", time.Time{}},
		{"Infinity", time.Time{}},
		{"1e300", time.Time{}},
		{"99999999999999", time.Time{}},
		{"yesterday", time.Time{}},
		{"1.2.3", time.Time{}},
	}
	for _, test := range tests {
		got, ok := parseTimestamp(test.text)
		if ok != !test.want.IsZero() || !got.Equal(test.want) {
			t.Errorf("parseTimestamp(%q) = %v, %t, want %v", test.text, got, ok, test.want)
		}
	}
	for format, want := range map[string]string{
		"": "1795428000.25", formatEpoch: "1795428000.25", formatISO: "2026-11-23T10:00:00.250Z",
		formatRFC: "Mon, 23 Nov 2026 10:00:00 GMT",
	} {
		if got := string(appendTimestamp(nil, at.Add(250*time.Millisecond), format)); got != want {
			t.Errorf("appendTimestamp(%q) = %s, want %s", format, got, want)
		}
	}
	for _, ms := range []int64{0, 1, -1, -1500, 1795428000001} {
		text := string(appendTimestamp(nil, time.UnixMilli(ms), ""))
		if got, ok := parseTimestamp(text); !ok || got.UnixMilli() != ms {
			t.Errorf("%d ms is written %s and read %v", ms, text, got)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "-7": -7, "9223372036854775807": math.MaxInt64, "1.0": 1, "1.9": 1, "1e3": 1000, "-2.5": -2,
	} {
		if got, ok := parseInt(text, shape.Long); !ok || got != want {
			t.Errorf("parseInt(%s) = %d, %t, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "1e400", "9223372036854775808", "0x10", "1_000", "NaN", "Infinity"} {
		if got, ok := parseInt(text, shape.Long); ok {
			t.Errorf("parseInt(%s) = %d", text, got)
		}
	}
	if got, ok := parseInt("2147483648", shape.Integer); ok {
		t.Errorf("parseInt of an integer gives %d", got)
	}
	for text, want := range map[string]string{
		"1": "1.0", "1.5": "1.5", "NaN": "NaN", "-Infinity": "-Infinity", "1e300": "1e+300",
	} {
		f, ok := parseFloat(text)
		if got := string(appendJavaFloat(nil, f)); !ok || got != want {
			t.Errorf("%s prints %s, want %s", text, got, want)
		}
	}
}

func decodeEvents(t *testing.T, body string) (*events.PutEventsInput, []string, error) {
	t.Helper()
	in := new(events.PutEventsInput)
	p, err := newPlanner(events.Model).plan("PutEventsRequest", reflect.TypeFor[events.PutEventsInput]())
	if err != nil {
		t.Fatal(err)
	}
	found, err := decodeJSON([]byte(body), p, reflect.ValueOf(in).Elem())
	return in, found, err
}

func TestJSONStrings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`""`: "", `"a\"b\\c\/d"`: `a"b\c/d`, `"\b\f\n\r\t"`: "\b\f\n\r\t", `"\u00e4ä"`: "ää", `"\ud83d\ude00"`: "😀",
		`"\ud83d"`: "\ufffd", `"\ud83dx"`: "\ufffdx", `"\ud83d\u0041"`: "\ufffdA", `"\ude00\ud83d"`: "\ufffd\ufffd",
		`"\u0000"`: "\x00", `"x\ty\\"`: "x\ty\\",
	} {
		in, _, err := decodeEvents(t, `{"EndpointId":`+text+`}`)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if *in.EndpointId != want {
			t.Errorf("%s is read as %q, want %q", text, *in.EndpointId, want)
		}
		if got := string(appendString(nil, want)); !strings.Contains(text, "ud83d") {
			again, _, err := decodeEvents(t, `{"EndpointId":`+got+`}`)
			if err != nil || *again.EndpointId != want {
				t.Errorf("%q is written %s and read %v, %v", want, got, again, err)
			}
		}
	}
	if got := string(appendString(nil, "a\xffb\u2028<")); got != "\"a\ufffdb\u2028<\"" {
		t.Errorf("got %s", got)
	}
}

func TestMalformedJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{`, `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":}`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `{} x`, `{}{}`,
		`{"a":tru}`, `{"a":truex}`, `{"a":nul}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`, `{"a":-}`, `{"a":+1}`, `{"a":[1,]}`,
		`{"a":[1 2]}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, "{\"a\":\"\n\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\\n\xff\"}",
		`{"a":"\`, `{"Entries":[{"Source":"x}]}`, `{"Entries":[nul]}`, strings.Repeat(`{"a":`, maxDepth+1),
		`{"a":` + strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1) + `}`, `{"EndpointId":x}`, `{"EndpointId":tru`,
	} {
		_, _, err := decodeEvents(t, body)
		if _, ok := err.(*malformed); !ok {
			t.Errorf("%.40s: error %v", body, err)
		}
	}
	for _, body := range []string{"", "  ", "{}", ` { "a" : [ ] , "b" : { } , "c" : -0.5e+7 } `, `{"a":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`} {
		if _, _, err := decodeEvents(t, body); err != nil {
			t.Errorf("%.40s: %v", body, err)
		}
	}
}

func TestWrongTypes(t *testing.T) {
	t.Parallel()
	const big = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
	for body, want := range map[string]string{
		`[]`:                              "Start of list found where not expected.",
		`"x"`:                             "Unrecognized collection type class java.lang.String",
		`{"EndpointId":true}`:             "class java.lang.Boolean can not be converted to an String",
		`{"EndpointId":1}`:                big + " can not be converted to an String",
		`{"EndpointId":{}}`:               "Start of structure or map found where not expected.",
		`{"EndpointId":[]}`:               "Start of list found where not expected.",
		`{"Entries":1}`:                   "Unrecognized collection type " + big,
		`{"Entries":{}}`:                  "Start of structure or map found where not expected.",
		`{"Entries":["x"]}`:               "Unrecognized collection type class java.lang.String",
		`{"Entries":[{"Time":true}]}`:     "class java.lang.Boolean can not be converted to an Timestamp",
		`{"Entries":[{"Time":"never"}]}`:  `"never" can not be converted to an Timestamp`,
		`{"Entries":[{"Time":99e99}]}`:    "99e99 can not be converted to an Timestamp",
		`{"Entries":[{"Resources":"x"}]}`: "Unrecognized collection type class java.lang.String",
	} {
		_, _, err := decodeEvents(t, body)
		e, ok := err.(*Error)
		if !ok || e.Code != "SerializationException" || e.Message != want {
			t.Errorf("%s: %v, want %s", body, err, want)
		}
	}
}

func TestAbsentAndEmpty(t *testing.T) {
	t.Parallel()
	in, found, err := decodeEvents(t, `{"Entries":[{"Resources":[]},null,{"Resources":null}],"EndpointId":null}`)
	if err != nil {
		t.Fatal(err)
	}
	want := &events.PutEventsInput{Entries: []events.PutEventsRequestEntry{{Resources: []string{}}, {}}}
	if diff := cmp.Diff(want, in); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if len(found) != 1 || !strings.Contains(found[0], "null at 'entries.2.member'") {
		t.Errorf("found %q", found)
	}
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	tree := &routes{}
	nothing := &service{model: &shape.Service{}}
	for _, template := range []string{
		"GET /", "GET /a", "POST /a", "GET /a/{x}", "GET /a/b", "GET /a/{x}/c", "GET /a?list", "GET /a?type=2",
		"GET /g/{key+}", "GET /g/{key+}/end", "GET /g/fixed",
	} {
		method, uri, _ := strings.Cut(template, " ")
		if err := tree.add(&operation{service: nothing, model: &shape.Operation{Name: template, Method: method, URI: uri}}); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		request, want string
		labels        map[string]string
	}{
		{"GET /", "GET /", nil},
		{"GET /a/", "GET /a", nil},
		{"POST /a", "POST /a", nil},
		{"PUT /a", "", nil},
		{"GET /a?list", "GET /a?list", nil},
		{"GET /a?list=1&x=2", "GET /a?list", nil},
		{"GET /a?type=2", "GET /a?type=2", nil},
		{"GET /a?type=3", "GET /a", nil},
		{"GET /a/b", "GET /a/b", nil},
		{"GET /a/x%2Fy%20z", "GET /a/{x}", map[string]string{"x": "x/y z"}},
		{"GET /a/b/c", "GET /a/{x}/c", map[string]string{"x": "b"}},
		{"GET /a/b/d", "", nil},
		{"GET /g/one/two%20/three", "GET /g/{key+}", map[string]string{"key": "one/two /three"}},
		{"GET /g/one/two/end", "GET /g/{key+}/end", map[string]string{"key": "one/two"}},
		{"GET /g/fixed", "GET /g/fixed", nil},
		{"GET /nothing", "", nil},
	}
	for _, test := range tests {
		method, uri, _ := strings.Cut(test.request, " ")
		r := httptest.NewRequest(method, uri, nil)
		found := tree.find(r, segments(r.URL.EscapedPath()))
		op, labels := found.op, found.labels
		got := ""
		if op != nil {
			got = op.model.Name
		}
		if got != test.want {
			t.Errorf("%s is %q, want %q", test.request, got, test.want)
		}
		if len(labels) != len(test.labels) {
			t.Errorf("%s has labels %v, want %v", test.request, labels, test.labels)
		}
		for name, value := range test.labels {
			if labels[name] != value {
				t.Errorf("%s has labels %v, want %v", test.request, labels, test.labels)
			}
		}
	}
	for _, bad := range []string{"/{", "/{}", "/{+}", "/{a}b", "/a?%zz"} {
		if err := (&routes{}).add(&operation{model: &shape.Operation{URI: bad}}); err == nil {
			t.Errorf("path %s is accepted", bad)
		}
	}
}

// TestAllRoutes sends every REST operation's own path and expects it back.
func TestAllRoutes(t *testing.T) {
	t.Parallel()
	s, err := prepare(Service{Model: lambda.Model})
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range lambda.Model.Operations {
		path := strings.NewReplacer("{", "", "+}", "", "}", "").Replace(op.URI)
		r := httptest.NewRequest(op.Method, path, nil)
		got := s.paths.find(r, segments(r.URL.EscapedPath())).op
		if got == nil || got.model.Name != op.Name {
			t.Errorf("%s %s is not found as %s", op.Method, path, op.Name)
		}
	}
}

func TestFormIndexes(t *testing.T) {
	t.Parallel()
	f := newForm(url.Values{
		"L.member.10": {""}, "L.member.2.X": {""}, "L.member.2.Y": {""}, "L.member.1": {""}, "L.member.x": {""},
		"L.member.-1": {""}, "L.member.03": {""}, "Lx.member.4": {""}, "L.member.99999999999999999999": {""},
	})
	if got := f.indexes("L.member."); !slices.Equal(got, []string{"1", "2", "10"}) {
		t.Errorf("indexes = %v", got)
	}
}

func TestErrorStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    *Error
		model  *shape.Service
		status int
		code   string
		query  string
		fault  Fault
	}{
		{"modelled", Errorf("ResourceNotFoundException", ""), lambda.Model, 404, "ResourceNotFoundException", "ResourceNotFoundException", Sender},
		{"fault", Errorf("InternalException", ""), events.Model, 500, "InternalException", "InternalException", Receiver},
		{"not modelled", Errorf("Odd", ""), events.Model, 400, "Odd", "Odd", Sender},
		{"own status", &Error{Code: "ResourceNotFoundException", Status: 410}, lambda.Model, 410, "ResourceNotFoundException", "ResourceNotFoundException", Sender},
		{"own fault", &Error{Code: "Odd", Fault: Receiver}, events.Model, 500, "Odd", "Odd", Receiver},
		{"by code", Errorf("QueueAlreadyExists", ""), sqs.Model, 400, "QueueNameExists", "QueueAlreadyExists", Sender},
		{"query code", Errorf("QueueDoesNotExist", ""), sqs.Model, 400, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", Sender},
		{"own query code", &Error{Code: "QueueDoesNotExist", QueryCode: "Mine"}, sqs.Model, 400, "QueueDoesNotExist", "Mine", Sender},
		{"over limit", Errorf("OverLimit", ""), sqs.Model, 403, "OverLimit", "OverLimit", Sender},
		{"no model", commonError(http.StatusNotImplemented, "NotImplemented", ""), nil, 501, "NotImplemented", "NotImplemented", Receiver},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := test.err.complete(test.model)
			if f.status != test.status || f.code != test.code || f.queryCode != test.query || f.fault != test.fault {
				t.Errorf("got %+v, want %d %s %s %s", f, test.status, test.code, test.query, test.fault)
			}
		})
	}
}
