package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// loaded loads the service demo from a model and its overlays, by file name.
func loaded(t *testing.T, base string, overlays map[string]string) *model {
	t.Helper()
	models, dir := t.TempDir(), t.TempDir()
	s := listed{Package: "demo", Dir: noDir}
	if base != "" {
		s.Dir = "demo"
		overlays[filepath.Join(models, "demo", "api-2.json")] = base
	}
	for name, text := range overlays {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	m, err := load(models, dir, s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOverlayOfShape(t *testing.T) {
	const base = `"type":"structure","required":["A","B"],"members":{"A":{"shape":"T"},"B":{"shape":"T"}}`
	for _, test := range []struct{ name, base, overlay, want string }{
		{"nothing", base, ``, base},
		{
			"a new member", base, `"members":{"N":{"shape":"U"},"B":{"shape":"V"}},"required":["N"]`,
			`"type":"structure","required":["A","B","N"],"members":{"N":{"shape":"U"},"B":{"shape":"T"},"A":{"shape":"T"}}`,
		},
		{
			"only names", base, `"members":{"B":{"queryName":"C"}}`,
			`"type":"structure","required":["A","B"],"members":{"A":{"shape":"T"},"B":{"shape":"T","queryName":"C"}}`,
		},
		{"optional", base, `"optional":["A"]`, `"type":"structure","required":["B"],"members":{"A":{"shape":"T"},"B":{"shape":"T"}}`},
		{"type", `"type":"timestamp"`, `"type":"string"`, `"type":"string"`},
		{
			"constraints", `"type":"string","min":1,"max":2,"pattern":"a","enum":["x"]`, `"min":0,"max":3,"pattern":"b","enum":["x","y"],"sensitive":true`,
			`"type":"string","min":0,"max":3,"pattern":"b","enum":["x","y"],"sensitive":true`,
		},
		{
			"names in a list", `"type":"list","member":{"shape":"T"},"flattened":true`, `"member":{"locationName":"Item"}`,
			`"type":"list","member":{"shape":"T","locationName":"Item"},"flattened":true`,
		},
		{
			"names in a map", `"type":"map","key":{"shape":"K"},"value":{"shape":"V"}`, `"key":{"locationName":"Name"},"value":{"locationName":"Value"}`,
			`"type":"map","key":{"shape":"K","locationName":"Name"},"value":{"shape":"V","locationName":"Value"}`,
		},
		{
			"our own", `"type":"structure"`, `"unpublished":["x"],"mediaType":"text/plain","error":{"code":"C","httpStatusCode":409}`,
			`"type":"structure","unpublished":["x"],"mediaType":"text/plain","error":{"code":"C","httpStatusCode":409}`,
		},
	} {
		m := loaded(t, `{"shapes":{"S":{`+test.base+`}}}`, map[string]string{"demo.json": `{"shapes":{"S":{` + test.overlay + `}}}`})
		want := new(shape)
		if err := json.Unmarshal([]byte("{"+test.want+"}"), want); err != nil {
			t.Fatal(err)
		}
		got := m.Shapes["S"]
		got.Optional = nil
		if !reflect.DeepEqual(got, want) {
			g, w := text(t, got), text(t, want)
			t.Errorf("%s:\n got %s\nwant %s", test.name, g, w)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestOverlayOfOperation(t *testing.T) {
	m := loaded(t, `{"operations":{"Old":{"http":{"method":"GET","requestUri":"/a/"},"output":{"shape":"Out"},"httpChecksum":{"responseAlgorithms":["A"]}}}}`,
		map[string]string{
			"demo.newer.json": `{"operations":{"New":{"http":{"method":"GET","requestUri":"/n"}},
				"Old":{"http":{"method":"POST","requestUri":"/a"},"input":{"shape":"In"},"httpChecksum":{"responseAlgorithms":["A","B"]},"auth":["smithy.api#noAuth"],
					"authtype":"none","endpoint":{"hostPrefix":"sync-"}}}}`,
			"demo.json": `{"operations":{"Old":{"output":{"locationName":"Root"},"maxBody":7}}}`,
		})
	if len(m.Operations) != 2 {
		t.Errorf("%d operations, want 2", len(m.Operations))
	}
	op := m.Operations["Old"]
	if op.HTTP.Method != "GET" || op.HTTP.RequestURI != "/a/" {
		t.Errorf("method and path became %v", op.HTTP)
	}
	if op.Input == nil || op.Input.Shape != "In" || op.Output.Shape != "Out" || op.Output.LocationName != "Root" {
		t.Errorf("input %+v and output %+v", op.Input, op.Output)
	}
	if len(op.HTTPChecksum.ResponseAlgorithms) != 2 || len(op.Auth) != 1 || op.MaxBody != 7 || op.AuthType != "none" || op.Endpoint.HostPrefix != "sync-" {
		t.Errorf("operation became %+v", op)
	}
}

// TestWholeService loads a service that only overlays describe.
func TestWholeService(t *testing.T) {
	m := loaded(t, "", map[string]string{
		"demo.newer.json": `{"origin":"botocore 1","metadata":{"protocol":"smithy-rpc-v2-cbor","serviceId":"Demo","targetPrefix":"T"},
			"operations":{"Go":{"name":"Go"}},"shapes":{"S":{"type":"string"}}}`,
		"demo.json": `{"metadata":{"internalError":"Oops","validationError":"Bad","errorNamespace":"com.x","protocols":["json"],"maxBody":9,
			"apiVersion":"1","endpointPrefix":"e","signingName":"s","jsonVersion":"1.0","xmlNamespace":"urn:x","lenient":true,"awsQueryCompatible":{}}}`,
	})
	want := metadata{
		Protocol: "smithy-rpc-v2-cbor", ServiceID: "Demo", TargetPrefix: "T", Protocols: []string{"json"},
		APIVersion: "1", EndpointPrefix: "e", SigningName: "s", JSONVersion: "1.0", XMLNamespace: "urn:x",
		InternalError: "Oops", ValidationError: "Bad", ErrorNamespace: "com.x", Lenient: true, MaxBody: 9, AWSQueryCompatible: &struct{}{},
	}
	if !reflect.DeepEqual(m.Metadata, want) || m.Origin != "botocore 1" || m.Operations["Go"] == nil || m.Shapes["S"] == nil {
		t.Errorf("loaded %+v", m)
	}
}

// TestReplacedOperations drops what no request can be for.
func TestReplacedOperations(t *testing.T) {
	const operations = `"operations":{
		"GetOld":{"http":{"method":"GET","requestUri":"/{B}?x"},"deprecated":true},
		"GetNew":{"http":{"method":"GET","requestUri":"/{B}?x"}},
		"PutOld":{"http":{"method":"PUT","requestUri":"/{B}?x"},"deprecated":true}}`
	if m := loaded(t, `{"metadata":{"protocol":"rest-xml"},`+operations+`}`, map[string]string{}); strings.Join(sortedKeys(m.Operations), " ") != "GetNew PutOld" {
		t.Errorf("left are %v", sortedKeys(m.Operations))
	}
	if m := loaded(t, `{"metadata":{"protocol":"query"},`+operations+`}`, map[string]string{}); len(m.Operations) != 3 {
		t.Errorf("left are %v, where a path does not tell operations apart", sortedKeys(m.Operations))
	}
}

// TestBrokenOverlay is told with the name of the file.
func TestBrokenOverlay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "demo.json")
	if err := os.WriteFile(path, []byte(`{"shapes":[]}`), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := load("", dir, listed{Package: "demo", Dir: noDir}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("load = %v, want an error that names %s", err, path)
	}
}
