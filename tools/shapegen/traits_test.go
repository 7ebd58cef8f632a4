package main

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// generated returns the files that are generated of a model in JSON, with runs
// of blanks made one, so that alignment does not matter.
func generated(t *testing.T, text string) map[string]string {
	t.Helper()
	m := new(model)
	if err := json.Unmarshal([]byte(text), m); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	files, err := generate(listed{Package: "demo", Dir: "demo/1", All: true}, m)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for name, file := range files {
		texts[name] = regexp.MustCompile(`[ \t]+`).ReplaceAllString(string(file), " ")
	}
	return texts
}

// TestServiceTraits looks for what the metadata of a model becomes.
func TestServiceTraits(t *testing.T) {
	for _, test := range []struct{ metadata, want string }{
		{`"protocol":"json"`, `Name: "demo",`},
		{`"protocol":"json","serviceId":"Demo","apiVersion":"2020-01-01"`, "ID: \"Demo\",\n APIVersion: \"2020-01-01\","},
		{`"protocol":"json","jsonVersion":"1.1","targetPrefix":"Demo_1"`, "JSONVersion: \"1.1\",\n TargetPrefix: \"Demo_1\","},
		{`"protocol":"query","xmlNamespace":"urn:x"`, `XMLNamespace: "urn:x",`},
		{`"protocol":"rest-xml"`, "Protocol: shape.RestXML,"},
		{`"protocol":"rest-xml","protocols":["rest-xml"]`, "Protocol: shape.RestXML,\n InternalError"},
		{`"protocol":"smithy-rpc-v2-cbor"`, "Protocol: shape.CBOR,"},
		{`"protocol":"query","protocols":["smithy-rpc-v2-cbor","json","query"]`, "Also: []shape.Protocol{shape.CBOR, shape.JSON},"},
		{`"protocol":"json","endpointPrefix":"events","signingName":"signed"`, `SigningName: "signed",`},
		{`"protocol":"json","endpointPrefix":"events"`, `SigningName: "events",`},
		{`"protocol":"json","awsQueryCompatible":{}`, "QueryCompatible: true,"},
		{`"protocol":"query"`, `ValidationError: "ValidationError",`},
		{`"protocol":"json"`, `ValidationError: "ValidationException",`},
		{`"protocol":"json","validationError":"Bad","internalError":"Worse","errorNamespace":"com.x"`, "ErrorNamespace: \"com.x\",\n InternalError: \"Worse\",\n ValidationError: \"Bad\","},
		{`"protocol":"json","lenient":true,"maxBody":10`, "Lenient: true,\n MaxBody: 10,"},
	} {
		got := generated(t, `{"metadata":{`+test.metadata+`},"operations":{"Go":{"name":"Go"}}}`)["model.go"]
		if !strings.Contains(got, test.want) {
			t.Errorf("metadata %s gives\n%s\nwant %s in it", test.metadata, got, test.want)
		}
	}
}

// TestOperationTraits looks for what the traits of an operation become.
func TestOperationTraits(t *testing.T) {
	for _, test := range []struct{ operation, want string }{
		{`"http":{"method":"PUT","requestUri":"/{A}?b","responseCode":202}`, `Method: "PUT", URI: "/{A}?b", Status: 202,`},
		{`"http":{"method":"GET","requestUri":"/","responseCode":200}`, `Method: "GET", URI: "/", Input: "In",`},
		{`"name":"Go"`, `{Name: "Go", Input: "In", Listed: true},`},
		{`"endpoint":{"hostPrefix":"sync-"}`, `HostPrefix: "sync-",`},
		{`"auth":["smithy.api#noAuth"]`, "Unsigned: true,"},
		{`"authtype":"none"`, "Unsigned: true,"},
		{`"authtype":"v4-unsigned-body"`, "UnsignedBody: true,"},
		{`"unsignedPayload":true`, "UnsignedBody: true,"},
		{`"maxBody":5`, "MaxBody: 5,"},
		{
			`"httpChecksum":{"requestChecksumRequired":true,"requestAlgorithmMember":"A","requestValidationModeMember":"V","responseAlgorithms":["CRC32","SHA1"]}`,
			`Checksum: &shape.Checksum{Required: true, AlgorithmMember: "A", ValidationMember: "V", Algorithms: []string{"CRC32", "SHA1"}},`,
		},
		{
			`"input":{"shape":"In","locationName":"Root","xmlNamespace":{"uri":"urn:x","prefix":"x"}}`,
			`Input: "In", InputElement: "Root", InputNamespace: shape.Namespace{URI: "urn:x", Prefix: "x"},`,
		},
		{`"output":{"shape":"Out","locationName":"Root"}`, `Output: "Out", OutputElement: "Root", ResultWrapper: "GoResult",`},
		{`"output":{"shape":"Out","resultWrapper":"Wrapper"}`, `Output: "Out", ResultWrapper: "Wrapper",`},
	} {
		operation := test.operation
		if !strings.Contains(operation, "put\"") {
			operation += `,"input":{"shape":"In"}`
		}
		got := generated(t, `{"metadata":{"protocol":"query"},"operations":{"Go":{`+operation+`}},
			"shapes":{"In":{"type":"structure"},"Out":{"type":"structure"}}}`)["model.go"]
		if !strings.Contains(got, test.want) {
			t.Errorf("operation %s gives\n%s\nwant %s in it", test.operation, got, test.want)
		}
	}
}

// TestMemberTraits looks for what the traits of a member and of its shape become, in
// the tables and in the Go type.
func TestMemberTraits(t *testing.T) {
	for _, test := range []struct{ ref, shape, wantMember, wantShape, wantField string }{
		{`"xmlAttribute":true,"locationName":"xsi:type"`, `"type":"string"`, `WireName: "xsi:type", Required: true, Attribute: true`, "Kind: shape.String", "A *string"},
		{`"xmlNamespace":{"uri":"urn:x"}`, `"type":"structure","members":{}`, `Namespace: shape.Namespace{URI: "urn:x"}`, "Kind: shape.Structure", "A *S"},
		{``, `"type":"structure","xmlNamespace":{"uri":"urn:x","prefix":"p"}`, "", `Namespace: shape.Namespace{URI: "urn:x", Prefix: "p"}`, "A *S"},
		{``, `"type":"structure","locationName":"Other"`, `WireName: "Other"`, "", "A *S"},
		{`"locationName":"A"`, `"type":"structure","locationName":"Other"`, `{Name: "A", Shape: "S", Required: true},`, "", "A *S"},
		{`"streaming":true`, `"type":"blob"`, "Streaming: true", "Kind: shape.Blob},", "A io.Reader"},
		{``, `"type":"blob","streaming":true`, "Streaming: true", "Kind: shape.Blob, Streaming: true", "A io.Reader"},
		{``, `"type":"blob"`, "", "Kind: shape.Blob", "A []byte"},
		{``, `"type":"structure","eventstream":true,"members":{"E":{"shape":"E"}}`, "", "EventStream: true", "A iter.Seq2[*S, error]"},
		{`"eventpayload":true`, `"type":"blob"`, "EventPayload: true", "", "A []byte"},
		{`"eventheader":true`, `"type":"string"`, "EventHeader: true", "", "A *string"},
		{``, `"type":"structure","union":true,"members":{"E":{"shape":"E"}}`, "", "Union: true", "A *S"},
		{``, `"type":"structure","document":true,"members":{}`, "", "Kind: shape.Document", "A json.RawMessage"},
		{``, `"type":"timestamp","timestampFormat":"iso8601"`, "", `TimestampFormat: "iso8601"`, "A *time.Time"},
		{`"queryName":"B"`, `"type":"map","key":{"shape":"E"},"value":{"shape":"E"}`, `QueryName: "B"`, "Kind: shape.Map", "A map[string]string"},
		{``, `"type":"list","member":{"shape":"E","locationName":"Item"},"flattened":true`, "", `Elem: "E", ElemName: "Item", Flattened: true`, "A []string"},
		{`"flattened":true,"idempotencyToken":true,"jsonvalue":true`, `"type":"string"`, "Flattened: true, JSONValue: true, IdempotencyToken: true", "", "A *string"},
		{`"timestampFormat":"rfc822"`, `"type":"timestamp"`, `TimestampFormat: "rfc822"`, "Kind: shape.Timestamp", "A *time.Time"},
		{
			``, `"type":"map","key":{"shape":"E","locationName":"N"},"value":{"shape":"E","locationName":"V"}`,
			"", `Elem: "E", ElemName: "V", Key: "E", KeyName: "N"`, "A map[string]string",
		},
		{``, `"type":"structure","payload":"E","members":{"E":{"shape":"E"}},"required":["E"]`, "", `Payload: "E"`, "A *S"},
		{``, `"type":"structure","unpublished":["x"],"mediaType":"text/plain"`, "", `MediaType: "text/plain", Unpublished: []string{"x"}`, "A *S"},
		{``, `"type":"string","pattern":"a+","enum":["x","y"],"sensitive":true`, "", `Pattern: "a+", Enum: []string{"x", "y"}, Sensitive: true`, "A *string"},
		{``, `"type":"long","min":1,"max":9`, "", `Min: "1", Max: "9"`, "A *int64"},
	} {
		files := generated(t, `{"metadata":{"protocol":"rest-xml"},"operations":{"Go":{"input":{"shape":"In"}}},"shapes":{
			"In":{"type":"structure","required":["A"],"members":{"A":{"shape":"S"`+comma(test.ref)+`}}},
			"E":{"type":"string"},"S":{`+test.shape+`}}}`)
		member, of := lineOf(files["shapes.go"], `{Name: "A"`), lineOf(files["shapes.go"], `{Name: "S"`)
		if !strings.Contains(member, test.wantMember) || !strings.Contains(of, test.wantShape) || !strings.Contains(files["types.go"], test.wantField+"\n") {
			t.Errorf("member %s of shape %s gives\n%s\n%s\n%s\nwant %s, %s and %s", test.ref, test.shape,
				member, of, files["types.go"], test.wantMember, test.wantShape, test.wantField)
		}
	}
}

func comma(traits string) string {
	if traits == "" {
		return ""
	}
	return "," + traits
}

func lineOf(file, begin string) string {
	for line := range strings.Lines(file) {
		if strings.HasPrefix(strings.TrimSpace(line), begin) {
			return line
		}
	}
	return ""
}

func TestShapesOfErrors(t *testing.T) {
	files := generated(t, `{"metadata":{"protocol":"json"},"operations":{"Go":{}},"shapes":{
		"Bad":{"type":"structure","exception":true,"error":{"code":"AWS.Bad","httpStatusCode":409},"members":{"why":{"shape":"Reasons"}}},
		"Worse":{"type":"structure","exception":true,"fault":true},
		"Reasons":{"type":"list","member":{"shape":"Reason"}},"Reason":{"type":"structure","members":{"Code":{"shape":"Text"}}},
		"Text":{"type":"string"},"Unused":{"type":"string"}}}`)
	if want := "type Reason struct {\n Code *string\n}"; !strings.Contains(files["types.go"], want) {
		t.Errorf("types.go has no %s:\n%s", want, files["types.go"])
	}
	if lineOf(files["shapes.go"], `{Name: "Reasons"`) == "" || lineOf(files["shapes.go"], `{Name: "Unused"`) != "" {
		t.Errorf("shapes.go:\n%s", files["shapes.go"])
	}
	for _, want := range []string{`{Name: "Bad", Code: "AWS.Bad", Status: 409, Members:`, `{Name: "Worse", Fault: true}`} {
		if !strings.Contains(files["model.go"], want) {
			t.Errorf("model.go has no %s:\n%s", want, files["model.go"])
		}
	}
}

// TestNamesOnly generates a service of which no operation is listed.
func TestNamesOnly(t *testing.T) {
	m := &model{
		Metadata:   metadata{Protocol: "json"},
		Operations: map[string]*operation{"Go": {Input: &ref{Shape: "In"}}},
		Shapes:     map[string]*shape{"In": {Type: "structure"}, "Bad": {Type: "structure", Exception: true}},
	}
	files, err := generate(listed{Package: "demo", Dir: noDir, Newer: "demo/1"}, m)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 2 || files["doc.go"] == nil || files["model.go"] == nil {
		t.Errorf("generated %d files, want doc.go and model.go", len(files))
	}
	for _, unwanted := range []string{"Shapes", "Errors", "Input", "Listed"} {
		if strings.Contains(string(files["model.go"]), unwanted) {
			t.Errorf("%s in\n%s", unwanted, files["model.go"])
		}
	}
	if want := "from AWS's model demo/1 of botocore; DO NOT EDIT."; !strings.Contains(string(files["doc.go"]), want) {
		t.Errorf("doc.go has no %q:\n%s", want, files["doc.go"])
	}
}

// TestTypeNames gives types names that nothing else has.
func TestTypeNames(t *testing.T) {
	files := generated(t, `{"metadata":{"protocol":"json"},"operations":{"Go":{"input":{"shape":"GoRequest"},"output":{"shape":"Model"}}},"shapes":{
		"GoRequest":{"type":"structure","members":{"M":{"shape":"Model"}}},"Model":{"type":"structure","members":{}},
		"GoOutput":{"type":"structure"}}}`)
	for _, want := range []string{"type GoInput struct {\n M *ModelType\n}", "type GoOutput = ModelType", "type ModelType struct {"} {
		if !strings.Contains(files["types.go"], want) {
			t.Errorf("types.go has no %s:\n%s", want, files["types.go"])
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"protocol":          `{"metadata":{"protocol":"ec2"},"operations":{"Go":{}}}`,
		"missing shape":     `{"metadata":{"protocol":"json"},"operations":{"Go":{"input":{"shape":"No"}}},"shapes":{}}`,
		"type":              `{"metadata":{"protocol":"json"},"operations":{"Go":{"input":{"shape":"No"}}},"shapes":{"No":{"type":"complex"}}}`,
		"streaming text":    `{"metadata":{"protocol":"json"},"operations":{"Go":{"input":{"shape":"In"}}},"shapes":{"In":{"type":"structure","members":{"A":{"shape":"T","streaming":true}}},"T":{"type":"string"}}}`,
		"unknown location":  `{"metadata":{"protocol":"json"},"operations":{"Go":{"input":{"shape":"In"}}},"shapes":{"In":{"type":"structure","members":{"A":{"shape":"T","location":"moon"}}},"T":{"type":"string"}}}`,
		"two things a name": `{"metadata":{"protocol":"json"},"operations":{"Go":{"input":{"shape":"GoRequest"}},"On":{"input":{"shape":"GoInput"}},"Up":{"input":{"shape":"GoInput"}}},"shapes":{"GoRequest":{"type":"structure"},"GoInput":{"type":"structure"}}}`,
	} {
		m := new(model)
		if err := json.Unmarshal([]byte(text), m); err != nil {
			t.Fatal(err)
		}
		if files, err := generate(listed{Package: "demo", Dir: "demo/1", All: true}, m); err == nil {
			t.Errorf("%s: generated %d files, want an error", name, len(files))
		}
	}
}
