package pattern_test

import (
	"errors"
	"strings"
	"testing"

	"stormbus/internal/pattern"
)

// TestSemantics has a row for every sentence of the definition of the language
// that can be shown with an event.
func TestSemantics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		about, pattern string
		yes, no        []string
	}{
		{"number literals", `{"a":[5]}`, []string{`{"a":5}`, `{"a":5.0}`, `{"a":50e-1}`, `{"a":0.5E+1}`}, []string{`{"a":"5"}`, `{"a":5.5}`, `{"a":-5}`}},
		{"number with exponent", `{"a":[1e2]}`, []string{`{"a":100}`}, []string{`{"a":"1e2"}`}},
		{"zero", `{"a":[0]}`, []string{`{"a":-0}`, `{"a":-0.0}`, `{"a":0e99}`}, []string{`{"a":""}`, `{"a":false}`, `{"a":null}`}},
		{"string literal", `{"a":["1"]}`, []string{`{"a":"1"}`}, []string{`{"a":1}`}},
		{"true and false", `{"a":[true]}`, []string{`{"a":true}`}, []string{`{"a":"true"}`, `{"a":false}`}},
		{"null", `{"a":[null]}`, []string{`{"a":null}`}, []string{`{"a":"null"}`, `{}`, `{"a":[]}`, `{"a":{}}`}},
		{"fields are ANDed, entries ORed", `{"a":["x","y"],"b":[1]}`, []string{`{"a":"y","b":1}`}, []string{`{"a":"x"}`, `{"a":"z","b":1}`}},
		{"exactly", `{"a":[{"exactly":"10.0.0.1"}]}`, []string{`{"a":"10.0.0.1"}`}, []string{`{"a":"10.0.0.01"}`}},
		{"empty prefix and suffix", `{"a":[{"prefix":""}],"b":[{"suffix":""}]}`, []string{`{"a":"","b":"x"}`}, []string{`{"a":1,"b":"x"}`}},
		{"prefix", `{"a":[{"prefix":"ab"}]}`, []string{`{"a":"ab"}`, `{"a":"abc"}`}, []string{`{"a":"a"}`, `{"a":"Ab"}`, `{"a":"xab"}`}},
		{"suffix", `{"a":[{"suffix":"ab"}]}`, []string{`{"a":"ab"}`, `{"a":"xab"}`}, []string{`{"a":"abx"}`}},
		{"prefix without case", `{"a":[{"prefix":{"equals-ignore-case":"aB"}}]}`, []string{`{"a":"ABc"}`, `{"a":"ab"}`}, []string{`{"a":"a"}`, `{"a":"xab"}`}},
		{"suffix without case", `{"a":[{"suffix":{"equals-ignore-case":".Png"}}]}`, []string{`{"a":"a.PNG"}`, `{"a":".png"}`}, []string{`{"a":"png"}`, `{"a":".pngx"}`}},
		{"quotation marks are not special", `{"a":[{"prefix":"a\""}]}`, []string{`{"a":"a\"b"}`}, []string{`{"a":"a"}`}},

		{"wildcard", `{"a":[{"wildcard":"a*b"}]}`, []string{`{"a":"ab"}`, `{"a":"axxb"}`, `{"a":"abab"}`}, []string{`{"a":"abx"}`, `{"a":"b"}`, `{"a":"a"}`}},
		{"wildcards do not overlap", `{"a":[{"wildcard":"ab*ba"}]}`, []string{`{"a":"abba"}`}, []string{`{"a":"aba"}`}},
		{"wildcard pieces in order", `{"a":[{"wildcard":"*b*a*"}]}`, []string{`{"a":"ba"}`, `{"a":"xbxax"}`}, []string{`{"a":"ab"}`}},
		{"wildcard escapes", `{"a":[{"wildcard":"\\**\\\\"}]}`, []string{`{"a":"*\\"}`, `{"a":"*x\\"}`}, []string{`{"a":"x\\"}`}},
		{"star matches nothing", `{"a":[{"wildcard":"*"}]}`, []string{`{"a":""}`, `{"a":"x"}`}, []string{`{"a":5}`, `{}`}},
		{"strings only", `{"a":[{"prefix":"5"},{"suffix":"5"},{"wildcard":"*5"},{"equals-ignore-case":"5"}]}`, []string{`{"a":"5"}`}, []string{`{"a":5}`}},

		{"keys with dots, in the event", `{"a":{"b":{"c":[1]}}}`, []string{`{"a.b":{"c":1}}`, `{"a":{"b.c":1}}`, `{"a.b.c":1}`}, []string{`{"a":{"b":1}}`, `{"a..b.c":1}`}},
		{"keys with dots, in the pattern", `{"a.b":{"c":[1]}}`, []string{`{"a":{"b":{"c":1}}}`, `{"a":{"b.c":1}}`}, nil},
		{"arrays are transparent", `{"a":["x"]}`, []string{`{"a":["x"]}`, `{"a":[["x"]]}`, `{"a":[1,[[["y","x"]]]]}`}, []string{`{"a":[]}`, `{"a":[["y"]]}`}},
		{"arrays of objects are transparent", `{"a":{"b":[1]}}`, []string{`{"a":[{"b":1}]}`, `{"a":[[{"c":1},{"b":[1]}]]}`}, nil},
		{"escapes in keys and values", `{"a\u0062":["\u00e9\n"]}`, []string{`{"\u0061b":"é\u000a"}`}, nil},
		{"surrogate pairs", `{"a":["😀"]}`, []string{`{"a":"\ud83d\ude00"}`}, []string{`{"a":"\ud83d"}`}},
		{"a key twice in the event", `{"a":["x"]}`, []string{`{"a":"x","a":"y"}`, `{"a":"y","a":"x"}`}, nil},
		{"a key twice in the pattern", `{"a":["x"],"a":["y"]}`, []string{`{"a":"y"}`}, []string{`{"a":"x"}`}},
		{"empty key at the top", `{"":[1]}`, []string{`{"":1}`}, []string{`{"a":1}`}},
		{"empty key below the top", `{"a":{"":[1]}}`, []string{`{"a.":1}`}, []string{`{"a":{"":1}}`, `{"a":1}`}},
		{"empty key in the middle", `{"a":{"":{"b":[1]}}}`, []string{`{"a":{"":{"b":1}}}`, `{"a..b":1}`}, []string{`{"a":{"b":1}}`}},
		{"keys have case", `{"a":[1]}`, nil, []string{`{"A":1}`}},
		{"white space in the event", `{"a":[1]}`, []string{" {\t\"a\" :\r\n 1 } "}, nil},

		{
			"one element for two fields", `{"a":{"b":[1],"c":[2]}}`,
			[]string{`{"a":[{"b":1,"c":2}]}`, `{"a":[{"b":1},{"b":1,"c":2}]}`, `{"a":{"b":1,"c":2}}`},
			[]string{`{"a":[{"b":1,"c":3},{"b":4,"c":2}]}`, `{"a":[[{"b":1}],[{"c":2}]]}`},
		},
		{
			"one element at each level", `{"a":{"b":{"c":[1],"d":[2]}}}`,
			[]string{`{"a":[{"b":[{"c":0},{"c":1,"d":2}]}]}`},
			[]string{`{"a":[{"b":[{"c":1},{"d":2}]}]}`, `{"a":[{"b":{"c":1}},{"b":{"d":2}}]}`},
		},
		{"different arrays are independent", `{"a":{"x":[1]},"b":{"x":[2]}}`, []string{`{"a":[{"x":0},{"x":1}],"b":[{"x":2},{"x":0}]}`}, nil},
		{"scalars of an array are free", `{"a":{"b":["x"],"c":["y"]}}`, []string{`{"a":{"b":["w","x"],"c":["y","z"]}}`}, nil},
		{"a scalar beside an object", `{"a":["x"],"a.b":[1]}`, []string{`{"a":["x",{"b":1}]}`}, []string{`{"a":[["x"],{"b":1}]}`}},
		{"the same array written twice", `{"a":{"b":[1],"c":[2]}}`, []string{`{"a":[{"b":1},{"b":1}],"a":[{"c":3},{"c":2}]}`}, nil},

		{"exists", `{"a":[{"exists":true}]}`, []string{`{"a":null}`, `{"a":""}`, `{"a":false}`, `{"a":[1]}`, `{"a":[[null]]}`}, []string{`{}`, `{"a":[]}`, `{"a":[[]]}`, `{"a":{}}`, `{"a":{"b":1}}`}},
		{"does not exist", `{"a":[{"exists":false}]}`, []string{`{}`, `{"a":[]}`, `{"a":[[]]}`, `{"a":{}}`, `{"a":{"b":1}}`}, []string{`{"a":null}`, `{"a":[1]}`}},
		{"exists beside others", `{"a":[1,{"exists":false}]}`, []string{`{}`, `{"a":1}`}, []string{`{"a":2}`}},
		{
			"exists:false looks at the chosen element", `{"a":{"b":[1],"c":[{"exists":false}]}}`,
			[]string{`{"a":[{"b":1},{"b":4,"c":2}]}`},
			[]string{`{"a":[{"b":1,"c":2},{"b":4}]}`},
		},
		{
			"exists:false does not look ahead", `{"a":{"b":[{"exists":false}],"c":[2]}}`,
			[]string{`{"a":[{"c":2}]}`},
			[]string{`{"a":[{"c":2},{"b":1}]}`, `{"a":[{"b":1},{"c":2}]}`},
		},
		{
			"the absent entry is tried like a value", `{"a":{"b":[1],"c":[3,{"exists":false}]}}`,
			[]string{`{"a":[{"b":1},{"c":2}]}`, `{"a":[{"b":1,"c":2},{"b":1,"c":3}]}`, `{"a":[{"b":1,"c":2},{"b":1}]}`},
			[]string{`{"a":[{"b":1,"c":2}]}`},
		},
		{
			"order is by path, not by place in the pattern", `{"a":{"c":[{"exists":false}],"b":[1]}}`,
			[]string{`{"a":[{"b":1},{"b":4,"c":2}]}`},
			nil,
		},
		{
			"paths are ordered by UTF-16 units", `{"a":{"\uE000":[{"exists":false}],"😀":[1]}}`,
			[]string{`{"a":[{"😀":1},{"\uE000":2}]}`},
			[]string{`{"a":[{"😀":1,"\uE000":2}]}`},
		},

		{"anything-but needs a value", `{"a":[{"anything-but":"x"}]}`, []string{`{"a":"y"}`, `{"a":5}`, `{"a":null}`, `{"a":true}`, `{"a":["x","y"]}`}, []string{`{}`, `{"a":[]}`, `{"a":"x"}`, `{"a":["x"]}`}},
		{"anything-but compares numbers", `{"a":[{"anything-but":5}]}`, []string{`{"a":"5"}`, `{"a":null}`, `{"a":6}`}, []string{`{"a":5.00}`, `{"a":5}`}},
		{"anything-but a list", `{"a":[{"anything-but":["x","y"]}]}`, []string{`{"a":"z"}`}, []string{`{"a":"x"}`, `{"a":"y"}`}},
		{"anything-but a list of numbers", `{"a":[{"anything-but":[1,2]}]}`, []string{`{"a":3}`, `{"a":"1"}`}, []string{`{"a":1.0}`, `{"a":2}`}},
		{"two anything-buts are ORed", `{"a":[{"anything-but":"x"},{"anything-but":"y"}]}`, []string{`{"a":"x"}`, `{"a":"y"}`}, []string{`{}`}},
		{"anything-but compares text", `{"a":[{"anything-but":"10.0.0.1"}]}`, []string{`{"a":"10.0.0.01"}`}, []string{`{"a":"10.0.0.1"}`}},
		{"anything-but prefix", `{"a":[{"anything-but":{"prefix":["a","b"]}}]}`, []string{`{"a":"xa"}`, `{"a":1}`}, []string{`{"a":"ax"}`, `{"a":"b"}`}},
		{"anything-but suffix", `{"a":[{"anything-but":{"suffix":"a"}}]}`, []string{`{"a":"ax"}`}, []string{`{"a":"xa"}`}},
		{"anything-but without case", `{"a":[{"anything-but":{"equals-ignore-case":["A","B"]}}]}`, []string{`{"a":"c"}`}, []string{`{"a":"a"}`, `{"a":"B"}`}},
		{"anything-but wildcard", `{"a":[{"anything-but":{"wildcard":["*/x/*","y*"]}}]}`, []string{`{"a":"/x"}`, `{"a":1}`}, []string{`{"a":"a/x/b"}`, `{"a":"y"}`}},

		{"numeric ranges", `{"a":[{"numeric":[">",0,"<=",5]}]}`, []string{`{"a":5}`, `{"a":0.001}`, `{"a":5.0}`}, []string{`{"a":0}`, `{"a":5.1}`, `{"a":"3"}`, `{"a":null}`}},
		{"numeric lower bound alone", `{"a":[{"numeric":[">=",-1.5]}]}`, []string{`{"a":-1.5}`, `{"a":1e300}`}, []string{`{"a":-1.6}`, `{"a":1e400}`}},
		{"numeric equality", `{"a":[{"numeric":["=",3.018e2]}]}`, []string{`{"a":301.8}`}, []string{`{"a":301.80001}`}},
		{"numeric upper bound alone", `{"a":[{"numeric":["<",0]}]}`, []string{`{"a":-1e-300}`}, []string{`{"a":0}`, `{"a":-0}`}},
		{"numbers without a float64 are text", `{"a":[9007199254740993]}`, []string{`{"a":9007199254740993}`}, []string{`{"a":9007199254740992}`, `{"a":9007199254740993.0}`}},
		{"and in no range", `{"a":[{"numeric":[">",0]}]}`, []string{`{"a":9007199254740992}`}, []string{`{"a":9007199254740993}`, `{"a":12345678901234567890}`}},
		{"but differ from others", `{"a":[{"anything-but":1}]}`, []string{`{"a":9007199254740993}`}, nil},

		{"addresses as literals", `{"a":["10.0.0.1"]}`, []string{`{"a":"010.0.0.1"}`, `{"a":"10.0.0.01"}`, `{"a":"::ffff:a00:1"}`}, []string{`{"a":"10.0.0.2"}`, `{"a":"::ffff:10.0.0.1"}`, `{"a":"10.0.0.1 "}`, `{"a":"0000000010.0.0.1"}`}},
		{"long addresses as literals", `{"a":["::1"]}`, []string{`{"a":"0:0:0:0:0:0:0:1"}`, `{"a":"0::00001"}`}, []string{`{"a":"::1%eth0"}`, `{"a":":1"}`, `{"a":"1::1::1"}`, `{"a":"::10001"}`}},
		{"addresses have no case", `{"a":["fe80::"]}`, []string{`{"a":"FE80:0:0:0:0:0:0:0"}`}, nil},
		{"what is no address is text", `{"a":["10.0.0.256","dead:beef"]}`, []string{`{"a":"10.0.0.256"}`, `{"a":"dead:beef"}`}, []string{`{"a":"dead:BEEF"}`}},
		{"cidr", `{"a":[{"cidr":"10.1.2.3/8"}]}`, []string{`{"a":"10.255.0.1"}`, `{"a":"::ffff:a00:1"}`}, []string{`{"a":"11.0.0.1"}`, `{"a":"x"}`, `{"a":10}`, `{"a":"::a00:1"}`}},
		{"long cidr", `{"a":[{"cidr":"2001:db8::/32"}]}`, []string{`{"a":"2001:DB8:ffff::"}`}, []string{`{"a":"2001:db9::"}`, `{"a":"32.1.13.184"}`}},
		{"a long network holds no short addresses", `{"a":[{"cidr":"::/0"}]}`, []string{`{"a":"::1"}`}, []string{`{"a":"10.0.0.1"}`}},

		{"the pattern is folded, not the value", `{"a":[{"equals-ignore-case":"straße"}]}`, []string{`{"a":"STRASSE"}`, `{"a":"straße"}`, `{"a":"STRAße"}`}, []string{`{"a":"strasse"}`}},
		{"the Kelvin sign, in the value", `{"a":[{"equals-ignore-case":"k"}]}`, []string{`{"a":"K"}`}, []string{`{"a":"\u212a"}`}},
		{"the Kelvin sign, in the pattern", `{"a":[{"equals-ignore-case":"\u212a"}]}`, []string{`{"a":"k"}`, `{"a":"\u212a"}`}, []string{`{"a":"K"}`}},
		{"a dotted I", `{"a":[{"equals-ignore-case":"İ"}]}`, []string{`{"a":"i̇"}`, `{"a":"İ"}`}, []string{`{"a":"i"}`}},
		{"a title case letter is neither", `{"a":[{"equals-ignore-case":"\u01c5"}]}`, []string{`{"a":"\u01c4"}`, `{"a":"\u01c6"}`}, []string{`{"a":"\u01c5"}`}},
		{"characters above U+FFFF", `{"a":[{"equals-ignore-case":"😀"},{"equals-ignore-case":"\ud801\udc00"}]}`, []string{`{"a":"😀"}`, `{"a":"\ud801\udc28"}`}, []string{`{"a":"😁"}`}},
		{"ignore nothing", `{"a":[{"equals-ignore-case":""}]}`, []string{`{"a":""}`}, []string{`{"a":"x"}`}},

		{"or", `{"$or":[{"a":[1]},{"b":[2],"c":[3]}]}`, []string{`{"a":1}`, `{"b":2,"c":3}`}, []string{`{"b":2}`, `{}`}},
		{"or below a field, beside another", `{"d":{"$or":[{"a":[1]},{"b":[2]}],"c":[3]}}`, []string{`{"d":{"a":1,"c":3}}`, `{"d":{"b":2,"c":3}}`}, []string{`{"d":{"a":1}}`, `{"a":1,"d":{"c":3}}`}},
		{"or in or", `{"$or":[{"a":[1],"$or":[{"x":[1]},{"x":[2]}]},{"b":[2]}]}`, []string{`{"a":1,"x":2}`, `{"b":2}`}, []string{`{"a":1}`, `{"x":1}`}},
		{"two ors multiply", `{"$or":[{"a":[1]},{"b":[1]}],"c":{"$or":[{"a":[1]},{"b":[1]}]}}`, []string{`{"a":1,"c":{"b":1}}`, `{"b":1,"c":{"a":1}}`}, []string{`{"a":1,"b":1}`}},
		{"a field behind or overwrites", `{"$or":[{"a":[1]},{"b":[2]}],"a":[3]}`, []string{`{"a":3}`, `{"a":3,"b":2}`}, []string{`{"a":1}`, `{"b":2}`}},
		{"a branch overwrites", `{"a":[3],"$or":[{"a":[1]},{"b":[2]}]}`, []string{`{"a":1}`, `{"a":3,"b":2}`}, []string{`{"a":3}`, `{"b":2}`}},
		{"reserved names are fields outside of or", `{"prefix":{"numeric":[1]}}`, []string{`{"prefix":{"numeric":1}}`}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.about, func(t *testing.T) {
			t.Parallel()
			p, err := compile(tt.pattern)
			if err != nil {
				t.Fatalf("Compile(%s) = %v", tt.pattern, err)
			}
			for want, events := range map[bool][]string{true: tt.yes, false: tt.no} {
				for _, event := range events {
					if got, err := evaluate(t, p, event); err != nil || got != want {
						t.Errorf("Eval(%s, %s) = %v, %v; want %v", tt.pattern, event, got, err, want)
					}
				}
			}
		})
	}
}

func TestBadEvents(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, pattern.MaxDepth)
	tests := []struct {
		name, event string
		want        error
	}{
		{"nothing", ``, pattern.ErrBadJSON},
		{"white space", "  \n", pattern.ErrBadJSON},
		{"an array", `[1]`, pattern.ErrNotObject},
		{"a string", `"{}"`, pattern.ErrNotObject},
		{"a number", `1`, pattern.ErrNotObject},
		{"null", `null`, pattern.ErrNotObject},
		{"no end", `{"a":1`, pattern.ErrBadJSON},
		{"text behind", `{"a":1} x`, pattern.ErrBadJSON},
		{"bracket behind", `{"a":1}}`, pattern.ErrBadJSON},
		{"comma at the end", `{"a":1,}`, pattern.ErrBadJSON},
		{"comma at the end of an array", `{"a":[1,]}`, pattern.ErrBadJSON},
		{"no comma", `{"a":1 "b":2}`, pattern.ErrBadJSON},
		{"no comma in an array", `{"a":[1 2]}`, pattern.ErrBadJSON},
		{"no colon", `{"a" 1}`, pattern.ErrBadJSON},
		{"no value", `{"a":}`, pattern.ErrBadJSON},
		{"no name", `{1:1}`, pattern.ErrBadJSON},
		{"wrong bracket", `{"a":[1}`, pattern.ErrBadJSON},
		{"leading zero", `{"a":01}`, pattern.ErrBadJSON},
		{"leading plus", `{"a":+1}`, pattern.ErrBadJSON},
		{"no digit behind the point", `{"a":1.}`, pattern.ErrBadJSON},
		{"no digit before the point", `{"a":.5}`, pattern.ErrBadJSON},
		{"no exponent", `{"a":1e}`, pattern.ErrBadJSON},
		{"minus alone", `{"a":-}`, pattern.ErrBadJSON},
		{"half a literal", `{"a":tru}`, pattern.ErrBadJSON},
		{"NaN", `{"a":NaN}`, pattern.ErrBadJSON},
		{"control character", "{\"a\":\"\x01\"}", pattern.ErrBadJSON},
		{"control character behind an escape", "{\"a\":\"\\n\x01\"}", pattern.ErrBadJSON},
		{"unknown escape", `{"a":"\x"}`, pattern.ErrBadJSON},
		{"short escape", `{"a":"\u12"}`, pattern.ErrBadJSON},
		{"half an escape", `{"a":"\`, pattern.ErrBadJSON},
		{"no end of a string", `{"a":"x`, pattern.ErrBadJSON},
		{"comment", `{"a":1/**/}`, pattern.ErrBadJSON},
		{"deepest", deep + `1` + strings.Repeat(`}`, pattern.MaxDepth), nil},
		{"too deep", `{"a":` + deep + `1` + strings.Repeat(`}`, pattern.MaxDepth+1), pattern.ErrTooDeep},
		{"too deep arrays", `{"a":` + strings.Repeat(`[`, 1<<17), pattern.ErrTooDeep},
		{"a fault where no pattern looks", `{"z":{"y":[1,{"x":tru}]},"a":1}`, pattern.ErrBadJSON},
	}
	p, err := compile(`{"a":[1]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := evaluate(t, p, tt.event); !errors.Is(err, tt.want) {
				t.Errorf("Eval = error %v, want %v", err, tt.want)
			}
		})
	}
}
