package sqs

import "testing"

// The digests were recorded on AWS.
func TestAttributesDigest(t *testing.T) {
	t.Parallel()
	text := func(s string) Attribute { return Attribute{DataType: "String", Text: s} }
	tests := []struct {
		name  string
		attrs map[string]Attribute
		want  string
	}{
		{"none", nil, ""},
		{"one text", map[string]Attribute{"Foo": text("Bar")}, "ae7155c6026991b6d54b11589678bf9c"},
		{"three", map[string]Attribute{"Hello": text("There"), "General": text("Kenobi"), "Help.Me": text("Me")}, "4c360f3fdafd970e05fae2f149d997f5"},
		{"two of them", map[string]Attribute{"Hello": text("There"), "General": text("Kenobi")}, "fca026605781cb4126a1e9044df24232"},
		{"two others", map[string]Attribute{"Hello": text("There"), "Help.Me": text("Me")}, "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{"one of them", map[string]Attribute{"Hello": text("There")}, "a311262e065454b75da111d535b8dacd"},
		{"binary", map[string]Attribute{"attr1": {
			DataType: "Binary",
			Binary:   []byte("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"),
		}}, "8cbe4db156db8a94db8b801b7addb984"},
		{"number", map[string]Attribute{"timestamp": {DataType: "Number", Text: "1493147359900"}}, "235c5c510d26fb653d073faed50ae77c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := attributesDigest(tt.attrs); got != tt.want {
				t.Errorf("attributesDigest() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBodyDigest(t *testing.T) {
	t.Parallel()
	if got, want := bodyDigest("msg"), "6e2baaf3b97dbeef01c0043275f9a0e7"; got != want {
		t.Errorf("bodyDigest(msg) = %q, want %q", got, want)
	}
}
