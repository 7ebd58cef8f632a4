package pattern_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/pattern"
)

func explain(tb testing.TB, text, event string) *pattern.Explanation {
	tb.Helper()
	p, err := pattern.Compile([]byte(text), pattern.Classic, pattern.Limits{})
	if err != nil {
		tb.Fatalf("Compile(%s) = %v", text, err)
	}
	e, err := pattern.Explain(p, &pattern.Doc{Data: []byte(event)})
	if err != nil {
		tb.Fatalf("Explain(%s, %s) = %v", text, event, err)
	}
	return e
}

func render(tb testing.TB, e *pattern.Explanation) string {
	tb.Helper()
	var b strings.Builder
	if err := e.WriteText(&b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// TestNearestMiss has a row for every reason and every hint.
func TestNearestMiss(t *testing.T) {
	t.Parallel()
	type near struct {
		Reason pattern.Reason
		Hint   pattern.Hint
		Text   string
	}
	const missing, wrong, value = pattern.MissingPath, pattern.WrongType, pattern.ValueDiffers
	tests := []struct {
		about, pattern, event string
		want                  near
	}{
		{"key in another case", `{"detail":{"Seat":[1]}}`, `{"detail":{"seat":1}}`, near{missing, pattern.HintCaseOfKey, `the event has detail.seat: keys have case`}},
		{"further in", `{"tenant":[1]}`, `{"detail":{"tenant":1}}`, near{missing, pattern.HintNesting, `the event has detail.tenant`}},
		{"further out", `{"detail":{"detail":{"x":[1]}}}`, `{"detail":{"x":1}}`, near{missing, pattern.HintNesting, `the event has detail.x`}},
		{"one name between", `{"detail":{"id":[1]}}`, `{"detail":{"order":{"id":1}}}`, near{missing, pattern.HintNesting, `the event has detail.order.id`}},
		{"another spelling", `{"DetailType":["x"]}`, `{"version":"0","detail-type":"x"}`, near{missing, pattern.HintOtherPath, `the event has detail-type`}},
		{"another parent", `{"detail":{"user":{"id":[1]}}}`, `{"id":1,"detail":{"customer":{"id":1}}}`, near{missing, pattern.HintNesting, `the event has detail.customer.id`}},
		{"of the same part of the event", `{"detail":{"id":[1]}}`, `{"id":1,"detail":{"order":{"id":1}}}`, near{missing, pattern.HintNesting, `the event has detail.order.id`}},
		{"short names are not similar", `{"detail":{"x":[1]}}`, `{"detail":{"y":1}}`, near{missing, pattern.HintParent, `detail has y`}},
		{"JSON in another string", `{"detail":{"status":[1]}}`, `{"Records":[{"body":"{\"detail\":{\"status\":1}}"}]}`, near{missing, pattern.HintElsewhere, `Records.body is a string that holds JSON with detail.status; a pattern does not look into strings`}},
		{"similar name", `{"detail":{"seat":[1]}}`, `{"detail":{"seats":1,"sent":{"x":2}}}`, near{missing, pattern.HintOtherPath, `the event has detail.seats`}},
		{"nothing similar", `{"detail":{"customer":[1]}}`, `{"detail":{"x":1,"y":[{"z":1}]}}`, near{missing, pattern.HintParent, `detail has x, y`}},
		{"nothing at all", `{"source":[1]}`, `{}`, near{missing, pattern.HintParent, `the event has nothing in it`}},
		{"below a value", `{"detail":{"a":{"customer":[1]}}}`, `{"detail":{"a":7}}`, near{missing, pattern.HintParent, `detail.a is a value and has nothing in it`}},
		{"JSON in a string", `{"detail":{"body":{"x":[1]}}}`, `{"detail":{"body":"{\"x\":1}"}}`, near{missing, pattern.HintJSONInString, `detail.body is a string that holds JSON; a pattern does not look into strings: publish it as an object`}},
		{"a string that is no JSON", `{"detail":{"body":{"xylo":[1]}}}`, `{"detail":{"body":"{x}"}}`, near{missing, pattern.HintParent, `detail.body is a value and has nothing in it`}},
		{"dots in keys", `{"a":{"b.C":[1]}}`, `{"a.b":{"c":1}}`, near{missing, pattern.HintCaseOfKey, `the event has a.b.c: keys have case`}},

		{"nothing to exclude", `{"detail":{"ab":[{"anything-but":"x"}]}}`, `{"detail":{"yz":1}}`, near{missing, pattern.HintParent, `detail has yz; anything-but needs a value`}},
		{"nothing to exclude or to accept", `{"detail":{"ab":[{"anything-but":"x"},7]}}`, `{"detail":{"yz":1}}`, near{missing, pattern.HintParent, `detail has yz`}},
		{"an object", `{"a":[{"exists":true}]}`, `{"a":{"b":1}}`, near{wrong, pattern.HintContainer, `there is an object, and a pattern asks for the values in it, such as a.b`}},
		{"an object without values", `{"a":["x"]}`, `{"a":{}}`, near{wrong, pattern.HintContainer, `there is an object, and a pattern asks for the values in it; it has none`}},
		{"an empty array", `{"a":["x"]}`, `{"a":[[]]}`, near{wrong, pattern.HintContainer, `there is an empty array, which has no value`}},
		{"a string, not a number", `{"a":[5]}`, `{"a":"5.0"}`, near{wrong, pattern.HintType, `"5.0" is a string, not a number: write "5.0" in the pattern, with quotation marks`}},
		{"a number, not a string", `{"a":["5"]}`, `{"a":5}`, near{wrong, pattern.HintType, `5 is a number, not a string: write 5 in the pattern, without quotation marks`}},
		{"a string, not a boolean", `{"a":[true]}`, `{"a":"true"}`, near{wrong, pattern.HintType, `"true" is a string, not a boolean: write "true" in the pattern, with quotation marks`}},
		{"a boolean, not null", `{"a":[null]}`, `{"a":false}`, near{wrong, pattern.HintType, `false is a boolean, not null`}},
		{"null, not a string", `{"a":[{"prefix":"n"}]}`, `{"a":null}`, near{wrong, pattern.HintType, `null is not a string`}},
		{"a string, not a number of a range", `{"a":[{"numeric":[">",1]}]}`, `{"a":"5"}`, near{wrong, pattern.HintType, `"5" is a string, not a number: numeric does not look into strings`}},
		{"Python's spelling of a boolean", `{"a":["True"]}`, `{"a":true}`, near{wrong, pattern.HintType, `true is a boolean, not a string: write true in the pattern, without quotation marks`}},
		{"a number with a prefix", `{"a":[{"prefix":"1"}]}`, `{"a":12}`, near{wrong, pattern.HintType, `12 is a number, not a string`}},
		{"too many digits for a range", `{"a":[{"numeric":[">",0]}]}`, `{"a":9007199254740993}`, near{wrong, pattern.HintPrecision, `9007199254740993 has more digits than can be compared`}},
		{"too many digits in the pattern", `{"a":[9007199254740993]}`, `{"a":9007199254740992}`, near{value, pattern.HintPrecision, `9007199254740993 has more digits than can be compared: only the same text matches`}},

		{"case", `{"a":["other","held"]}`, `{"a":"Held"}`, near{value, pattern.HintCase, `"Held" differs from "held" in case only`}},
		{"case of a prefix", `{"a":[{"prefix":"Seat"}]}`, `{"a":"seats"}`, near{value, pattern.HintCase, `"seats" does not begin with "Seat": it differs in case, {"prefix": {"equals-ignore-case": "Seat"}} matches`}},
		{"white space", `{"a":["seat held"]}`, `{"a":"seat  held "}`, near{value, pattern.HintSpace, `"seat  held " differs from "seat held" in white space only`}},
		{"one character", `{"a":["paymant","x"]}`, `{"a":["y","payment"]}`, near{value, pattern.HintEdit, `"payment" differs from "paymant" in 1 character`}},
		{"one of few characters", `{"a":["C"]}`, `{"a":"A"}`, near{value, pattern.HintEdit, `"A" is not "C"`}},
		{"a star in a text", `{"a":["shop.*"]}`, `{"a":"shop.orders"}`, near{value, pattern.HintOperator, `"shop.orders" is not "shop.*": * is a character here, and {"wildcard": "shop.*"} matches`}},
		{"a star in a prefix", `{"a":[{"prefix":"shop.*"}]}`, `{"a":"shop.orders"}`, near{value, pattern.HintOperator, `"shop.orders" does not begin with "shop.*", only with "shop.": * is a character here, leave it out: {"prefix": "shop."}`}},
		{"a star in a suffix", `{"a":[{"suffix":"*.png"}]}`, `{"a":"x.png"}`, near{value, pattern.HintOperator, `"x.png" does not end with "*.png", only with ".png": * is a character here, leave it out: {"suffix": ".png"}`}},
		{"a regular expression", `{"a":["^o-[0-9]+$"]}`, `{"a":"o-1"}`, near{value, pattern.HintOperator, `"o-1" is not "^o-[0-9]+$": patterns have no regular expressions, but prefix, suffix and wildcard`}},
		{"a regular expression that fits not", `{"a":["^o-[0-9]+$"]}`, `{"a":"o-x"}`, near{value, pattern.HintEdit, `"o-x" is not "^o-[0-9]+$"`}},
		{"case of a suffix", `{"a":[{"suffix":".PNG"}]}`, `{"a":"x.png"}`, near{value, pattern.HintCase, `"x.png" does not end with ".PNG": it differs in case, {"suffix": {"equals-ignore-case": ".PNG"}} matches`}},
		{"encoded twice", `{"a":["x"]}`, `{"a":"\"x\""}`, near{value, pattern.HintEdit, `"\"x\"" is not "x": the value itself has quotation marks, was it encoded as JSON twice?`}},
		{"an accent", `{"a":["Zürich"]}`, `{"a":"Zu\u0308rich"}`, near{value, pattern.HintEdit, "\"Zu\u0308rich\" differs from \"Zürich\" in 2 characters: an accent stands as a character of its own, behind its letter"}},
		{"long texts", `{"a":["` + strings.Repeat("x", 200) + `ab"]}`, `{"a":"` + strings.Repeat("x", 200) + `"}`, near{value, pattern.HintEdit, `the text differs from character 201 on: nothing more, not "ab"`}},
		{"what does not show", `{"a":["x"]}`, `{"a":"\u001b\u202e😀\u200d\udb40\udc01"}`, near{value, pattern.HintEdit, `"\u001b\u202e😀\u200d\udb40\udc01" is not "x"`}},
		{"many characters", `{"a":["abcdef"]}`, `{"a":"uvwxyz"}`, near{value, pattern.HintEdit, `"uvwxyz" is not "abcdef"`}},
		{"another boolean", `{"a":[true]}`, `{"a":false}`, near{value, pattern.HintEdit, `false is not true`}},
		{"ignore case", `{"a":[{"equals-ignore-case":"ABD"}]}`, `{"a":"abc"}`, near{value, pattern.HintEdit, `"abc" is not "abd" in any case`}},
		{"prefix", `{"a":[{"prefix":"orders/"}]}`, `{"a":"order-7"}`, near{value, pattern.HintPrefix, `"order-7" does not begin with "orders/", only with "order"`}},
		{"prefix without case", `{"a":[{"prefix":{"equals-ignore-case":"Orders/"}}]}`, `{"a":"ORDER-7"}`, near{value, pattern.HintPrefix, `"ORDER-7" does not begin with "orders/", only with "order"`}},
		{"suffix", `{"a":[{"suffix":".png"}]}`, `{"a":"x.ping"}`, near{value, pattern.HintSuffix, `"x.ping" does not end with ".png", only with "ng"`}},
		{"half a character", `{"a":[{"suffix":"xé"}]}`, `{"a":"xã\u00a9"}`, near{value, pattern.HintSuffix, `"xã©" does not end with "xé"`}},
		{"wildcard, first piece", `{"a":[{"wildcard":"a*b"}]}`, `{"a":"xb"}`, near{value, pattern.HintWildcard, `"xb" does not begin with "a"`}},
		{"wildcard, middle piece", `{"a":[{"wildcard":"a*b*c"}]}`, `{"a":"axc"}`, near{value, pattern.HintWildcard, `"axc" has no "b" behind "a"`}},
		{"wildcard, last piece", `{"a":[{"wildcard":"a*b*c"}]}`, `{"a":"axbx"}`, near{value, pattern.HintWildcard, `"axbx" does not end with "c" behind "axb"`}},
		{"wildcard without a star", `{"a":[{"wildcard":"ab"}]}`, `{"a":"abc"}`, near{value, pattern.HintWildcard, `"abc" goes on behind "ab"`}},
		{"above", `{"a":[{"numeric":[">",0,"<=",10]}]}`, `{"a":12}`, near{value, pattern.HintNumber, `12 is 2 above 10`}},
		{"below", `{"a":[{"numeric":[">",0,"<=",10]}]}`, `{"a":-0.5}`, near{value, pattern.HintNumber, `-0.5 is 0.5 below 0`}},
		{"on the bound", `{"a":[{"numeric":["<",10]}]}`, `{"a":10}`, near{value, pattern.HintNumber, `10 is the bound itself, which is excluded`}},
		{"the closest number", `{"a":[10,1e3]}`, `{"a":998}`, near{value, pattern.HintNumber, `998 differs from 1000 by 2`}},
		{"equal numbers", `{"a":[{"numeric":["=",10]}]}`, `{"a":9}`, near{value, pattern.HintNumber, `9 differs from 10 by 1`}},
		{"the largest difference", `{"a":[1e308]}`, `{"a":-1e308}`, near{value, pattern.HintNumber, `-1e308 differs from 1e+308 by +Inf`}},
		{"outside of a network", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"11.0.0.1"}`, near{value, pattern.HintNetwork, `"11.0.0.1" is outside: it shares 7 of 8 bits`}},
		{"another IP version", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"::1"}`, near{value, pattern.HintNetwork, `"::1" is an address of the other IP version`}},
		{"no address", `{"a":[{"cidr":"10.0.0.0/8"}]}`, `{"a":"x"}`, near{value, pattern.HintNetwork, `"x" is not an IP address`}},

		{"forbidden", `{"a":[{"anything-but":["x","y"]}]}`, `{"a":"x"}`, near{pattern.Forbidden, pattern.HintForbidden, `"x" is excluded`}},
		{"forbidden prefix", `{"a":[{"anything-but":{"prefix":["a","k"]}}]}`, `{"a":"kk"}`, near{pattern.Forbidden, pattern.HintForbidden, `"kk" is excluded by the prefix "k"`}},
		{"must be absent", `{"a":[{"exists":false}]}`, `{"a":[null]}`, near{pattern.MustBeAbsent, pattern.HintPresent, `there is null, which is a value`}},
		{"must be absent in the element", `{"a":{"b":[1],"c":[{"exists":false}]}}`, `{"a":[{"b":1,"c":3},{"b":4}]}`, near{pattern.MustBeAbsent, pattern.HintPresent, `there is 3`}},
		{"other element", `{"a":{"b":[1],"c":[2]}}`, `{"a":[{"b":1,"c":3},{"b":4,"c":2}]}`, near{pattern.ArrayElement, pattern.HintElement, `holds in a[1], but the clauses that hold agree on a[0]: all must hold in the same element`}},
		{"other element, further in", `{"a":{"b":{"c":[1],"d":[2]}}}`, `{"a":[{"b":[{"c":1},{"d":2}]}]}`, near{pattern.ArrayElement, pattern.HintElement, `holds in a[0].b[1], but the clauses that hold agree on a[0].b[0]: all must hold in the same element`}},
		{"absent or another value", `{"a":{"b":[1],"c":[7,{"exists":false}]}}`, `{"a":[{"b":1,"c":5}]}`, near{value, pattern.HintNumber, `5 differs from 7 by 2`}},
	}
	for _, tt := range tests {
		t.Run(tt.about, func(t *testing.T) {
			t.Parallel()
			e := explain(t, tt.pattern, tt.event)
			for _, c := range e.Branches[0].Clauses {
				if c.Held {
					continue
				}
				got := near{Reason: c.Reason}
				if c.Near != nil {
					got.Hint, got.Text = c.Near.Hint, c.Near.Text
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("Explain(%s, %s) (-want +got):\n%s", tt.pattern, tt.event, diff)
				}
				return
			}
			t.Errorf("Explain(%s, %s) has no clause that failed", tt.pattern, tt.event)
		})
	}
}

// TestExplainNotes says what is wrong with an event or a pattern as a whole.
func TestExplainNotes(t *testing.T) {
	t.Parallel()
	const wanted = `{"source":["shop"],"detail":{"total":[5]}}`
	tests := []struct{ about, pattern, event, want string }{
		{"entries", wanted, `{"Entries":[{"Source":"shop","DetailType":"x","Detail":"{\"total\":5}"}]}`, "the input of PutEvents"},
		{"an entry", wanted, `{"Source":"shop","DetailType":"x","Detail":"{\"total\":5}"}`, "the input of PutEvents"},
		{"only the detail", wanted, `{"total":5}`, "give the whole event"},
		{"below a name", wanted, `{"event":{"source":"shop","detail-type":"x"}}`, "what stands at event: give only that"},
		{"records", wanted, `{"Records":[{"messageId":"1"}]}`, "the Records that a function gets"},
		{"a rule", `{"EventPattern":{"source":["shop"]}}`, `{"source":"shop"}`, "what stands at EventPattern: give only that"},
		{"a filter of a pipe", `{"body":{"total":[5]}}`, `{"Entries":[]}`, ""},
		{"a field of that name", `{"pattern":{"a":[1]}}`, `{"pattern":{"a":2}}`, ""},
		{"an event", wanted, `{"source":"shops","detail":{}}`, ""},
		{"an event without a detail", `{"source":["shop"]}`, `{"source":"shops"}`, ""},
		{"nothing", wanted, `{}`, ""},
		{"a match", `{"detail":[{"exists":false}]}`, `{"total":5}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.about, func(t *testing.T) {
			t.Parallel()
			notes := strings.Join(explain(t, tt.pattern, tt.event).Notes, "; ")
			if tt.want == "" && notes != "" || !strings.Contains(notes, tt.want) {
				t.Errorf("Explain(%s, %s) notes %q, want %q", tt.pattern, tt.event, notes, tt.want)
			}
			r, err := pattern.WhyNot(named(t, "r", tt.pattern, "s", tt.pattern), &pattern.Doc{Data: []byte(tt.event)}, 9)
			if err != nil {
				t.Fatal(err)
			}
			if of := strings.Join(r.Notes, "; "); tt.about != "a rule" && of != notes {
				t.Errorf("WhyNot(%s, %s) notes %q, want %q", tt.pattern, tt.event, of, notes)
			}
		})
	}
}

// TestExplainOtherValues shows the values of a list once, beside the closest one.
func TestExplainOtherValues(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"a":["x","y","x","z"]}`:                       `"x" is not "abc" (also there: "y", "z"); wanted`,
		`{"a":["x","x"]}`:                               `"x" is not "abc"; wanted`,
		`{"a":[1,2,3,4,5,6]}`:                           `1 is a number, not a string (also there: 2, 3, 4 and 2 more); wanted`,
		`{"a":[1,1,1,1,1,1,1,1,1,1,2]}`:                 `1 is a number, not a string (and 3 more values); wanted`,
		`{"a":["abd","x","x","x","x","x","x","x",1,2]}`: `"abd" differs from "abc" in 1 character (also there: "x" and 2 more); wanted`,
	} {
		if got := render(t, explain(t, `{"a":["abc"]}`, event)); !strings.Contains(got, want) {
			t.Errorf("explanation of %s = %s, want %s", event, got, want)
		}
	}
}

// TestExplainAbsent says what is there where exists:false holds.
func TestExplainAbsent(t *testing.T) {
	t.Parallel()
	for event, want := range map[string]string{
		`{"a":{"b":1}}`: "✔ a  absent: there is an object, which is not a value\n",
		`{"a":[]}`:      "✔ a  absent: there is an empty array, which is not a value\n",
		`{"b":1}`:       "✔ a  absent\n",
	} {
		if got := render(t, explain(t, `{"a":[{"exists":false}]}`, event)); !strings.Contains(got, want) {
			t.Errorf("explanation of %s = %s, want %s", event, got, want)
		}
	}
}

// TestExplanation holds what a person and a program are told, whole.
func TestExplanation(t *testing.T) {
	t.Parallel()
	const text = `{"source":["cinema"],"detail":{"seats":["B1","b1"],"$or":[{"paid":[true]},{"items":{"sku":["x"],"n":[2]}}]}}`
	const event = `{"source":"cinema","detail":{"seats":["A1","C2"],"items":[{"sku":"x","n":1},{"sku":"y","n":2}]}}`
	e := explain(t, text, event)
	if diff := cmp.Diff(wantText, render(t, e)); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	got, err := json.MarshalIndent(e, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wantJSON, string(got)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	matched := explain(t, text, `{"source":"cinema","detail":{"seats":"b1","items":[{"sku":"y","n":1},{"sku":"x","n":2}]}}`)
	if diff := cmp.Diff(wantMatch, render(t, matched)); diff != "" {
		t.Errorf("text of a match (-want +got):\n%s", diff)
	}
}

const wantText = `no match: 2 of 4 clauses held in the closest of 2 branches

  detail.$or[1]: 2 of 4 clauses held
  ✔ detail.items.n    2 at detail.items[1].n
  ✗ detail.items.sku  other array element: holds in detail.items[0], but the clauses that hold agree on detail.items[1]: all must hold in the same element; wanted "x"
  ✗ detail.seats      value differs: "A1" differs from "B1" in 1 character (also there: "C2"); wanted "B1", "b1"
  ✔ source            "cinema"

  detail.$or[0]: 1 of 3 clauses held
  ✗ detail.paid   missing path: detail has seats, items; wanted true
  ✗ detail.seats  value differs: "A1" differs from "B1" in 1 character (also there: "C2"); wanted "B1", "b1"
  ✔ source        "cinema"
`

const wantJSON = `{
 "matched": false,
 "branches": [
  {
   "choice": [
    "detail.$or[1]"
   ],
   "held": 2,
   "of": 4,
   "clauses": [
    {
     "path": "detail.items.n",
     "held": true,
     "reason": "held",
     "wanted": [
      "2"
     ],
     "found": [
      {
       "at": "detail.items[1].n",
       "value": "2"
      },
      {
       "at": "detail.items[0].n",
       "value": "1"
      }
     ]
    },
    {
     "path": "detail.items.sku",
     "held": false,
     "reason": "arrayElement",
     "wanted": [
      "\"x\""
     ],
     "found": [
      {
       "at": "detail.items[0].sku",
       "value": "\"x\""
      },
      {
       "at": "detail.items[1].sku",
       "value": "\"y\""
      }
     ],
     "near": {
      "hint": "element",
      "path": "detail.items[0].sku",
      "text": "holds in detail.items[0], but the clauses that hold agree on detail.items[1]: all must hold in the same element"
     }
    },
    {
     "path": "detail.seats",
     "held": false,
     "reason": "valueDiffers",
     "wanted": [
      "\"B1\"",
      "\"b1\""
     ],
     "found": [
      {
       "at": "detail.seats",
       "value": "\"A1\""
      },
      {
       "at": "detail.seats",
       "value": "\"C2\""
      }
     ],
     "near": {
      "hint": "edit",
      "entry": "\"B1\"",
      "distance": 1,
      "text": "\"A1\" differs from \"B1\" in 1 character"
     }
    },
    {
     "path": "source",
     "held": true,
     "reason": "held",
     "wanted": [
      "\"cinema\""
     ],
     "found": [
      {
       "at": "source",
       "value": "\"cinema\""
      }
     ]
    }
   ],
   "arrays": [
    {
     "path": "detail.items",
     "index": 1
    }
   ]
  },
  {
   "choice": [
    "detail.$or[0]"
   ],
   "held": 1,
   "of": 3,
   "clauses": [
    {
     "path": "detail.paid",
     "held": false,
     "reason": "missingPath",
     "wanted": [
      "true"
     ],
     "near": {
      "hint": "parent",
      "path": "detail",
      "text": "detail has seats, items"
     }
    },
    {
     "path": "detail.seats",
     "held": false,
     "reason": "valueDiffers",
     "wanted": [
      "\"B1\"",
      "\"b1\""
     ],
     "found": [
      {
       "at": "detail.seats",
       "value": "\"A1\""
      },
      {
       "at": "detail.seats",
       "value": "\"C2\""
      }
     ],
     "near": {
      "hint": "edit",
      "entry": "\"B1\"",
      "distance": 1,
      "text": "\"A1\" differs from \"B1\" in 1 character"
     }
    },
    {
     "path": "source",
     "held": true,
     "reason": "held",
     "wanted": [
      "\"cinema\""
     ],
     "found": [
      {
       "at": "source",
       "value": "\"cinema\""
      }
     ]
    }
   ]
  }
 ]
}`

const wantMatch = `match: one of 2 branches

  detail.$or[1]: 4 of 4 clauses held
  ✔ detail.items.n    2 at detail.items[1].n
  ✔ detail.items.sku  "x" at detail.items[1].sku
  ✔ detail.seats      "b1"
  ✔ source            "cinema"
`

// TestExplainVectors explains every public vector.
func TestExplainVectors(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"localstack.jsonl", "ruler.jsonl"} {
		for _, v := range vectors(t, file) {
			if p, err := compile(v.Pattern); err == nil {
				if got, want := checkExplanation(t, p, []byte(v.Event)), v.Expect == "match"; got != want {
					t.Errorf("%s: Explain(%s, %s) says match: %v, want %v", v.ID, v.Pattern, v.Event, got, want)
				}
			}
		}
	}
}

// TestExplainHostile holds the size of explanations of what was made to be large
// and slow, and that they say that they were cut.
func TestExplainHostile(t *testing.T) {
	t.Parallel()
	const maxSize = 1 << 20
	for _, tt := range hostile() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := compile(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			e, err := pattern.Explain(p, &pattern.Doc{Data: []byte(tt.event)})
			if _, evalErr := p.Eval(&pattern.Doc{Data: []byte(tt.event)}); !errors.Is(err, evalErr) {
				t.Fatalf("Explain = error %v, Eval = error %v", err, evalErr)
			}
			if err != nil {
				return
			}
			text, err := json.Marshal(e)
			if err != nil || len(text) > maxSize || len(render(t, e)) > maxSize {
				t.Errorf("explanation of %d bytes, error %v; want at most %d bytes", len(text), err, maxSize)
			}
		})
	}
	var many, long strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, `"k%d":%d,`, i, i)
		fmt.Fprintf(&long, `"v%d",`, i)
	}
	e := explain(t, `{"detail":{"seat":[`+long.String()+`"w"]},"source":["cinema"]}`, `{`+many.String()+`"detail":{"seat":"xyz"}}`)
	c := e.Branches[0].Clauses
	if len(e.Notes) != 2 || c[0].MoreWanted != 4993 || len(c[0].Wanted) != 8 {
		t.Errorf("notes %q, %d entries left out, %d shown; want 2 notes, 4993 and 8", e.Notes, c[0].MoreWanted, len(c[0].Wanted))
	}
	e = explain(t, `{"`+strings.Repeat("a.", 1<<15)+`b":[1]}`, `{"`+strings.Repeat("a.", 1<<15)+`b":2}`)
	if text, err := json.Marshal(e); err != nil || len(text) > 2000 || e.Branches[0].Clauses[0].Reason != pattern.ValueDiffers {
		t.Errorf("a long path: %d bytes, error %v; want at most 2000", len(text), err)
	}
	nested := strings.Repeat(`{"$or":[`, 200) + `{"a":[1]}` + strings.Repeat(`,{"b":[1]}]}`, 200)
	if got := explain(t, nested, `{"a":2}`).Branches[0].Choice; len(got) != 17 || got[0] != "…" || got[16] != "$or[0]" {
		t.Errorf("200 choices are shown as %q, want a mark and 16 choices", got)
	}
	var ors []string
	for i := range 20 {
		ors = append(ors, fmt.Sprintf(`{"k%d":[%d]}`, i, i+1))
	}
	e = explain(t, `{"$or":[`+strings.Join(ors, ",")+`]}`, `{"k7":7,"k12":13.5}`)
	if len(e.Branches) != 8 || e.More != 12 || e.Branches[0].Choice[0] != "$or[12]" {
		t.Errorf("%d branches and %d more, the closest %q; want 8, 12, $or[12]", len(e.Branches), e.More, e.Branches[0].Choice)
	}
	if got := render(t, e); !strings.Contains(got, "and 12 more branches") {
		t.Errorf("text does not say that it was cut:\n%s", got)
	}
}

// TestExplainEnvelope explains with the fields that a publish call has in hand.
func TestExplainEnvelope(t *testing.T) {
	t.Parallel()
	p, err := compile(`{"source":["cinema"],"replay-name":["r"],"resources":["x"],"detail":{"Seat":[1]}}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, env := range []pattern.Envelope{{Source: "Cinema"}, {Source: "Cinema", ReplayName: "R", Resources: []string{"y"}}} {
		e, err := pattern.Explain(p, &pattern.Doc{Env: &env, Data: []byte(`{"seat":1}`)})
		if err != nil {
			t.Fatal(err)
		}
		got := render(t, e)
		for _, want := range []string{`"Cinema" differs from "cinema" in case only`, `the event has detail.seat: keys have case`} {
			if !strings.Contains(got, want) {
				t.Errorf("Explain says\n%swant %q in it", got, want)
			}
		}
	}
	if _, err := pattern.Explain(p, &pattern.Doc{Data: []byte(`[]`)}); !errors.Is(err, pattern.ErrNotObject) {
		t.Errorf("Explain of an array = error %v, want %v", err, pattern.ErrNotObject)
	}
}

func BenchmarkExplain(b *testing.B) {
	p, err := compile(`{"source":["cinema"],"detail":{"seat":[{"exists":true}],"total":[{"numeric":["<=",10]}]}}`)
	if err != nil {
		b.Fatal(err)
	}
	doc := &pattern.Doc{Data: []byte(`{"source":"cinema","detail":{"seats":["A1"],"total":12}}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pattern.Explain(p, doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkExplainHostile(b *testing.B) {
	for _, tt := range hostile() {
		b.Run(tt.name, func(b *testing.B) {
			p, err := compile(tt.pattern)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := pattern.Explain(p, &pattern.Doc{Data: []byte(tt.event)}); err != nil && !errors.Is(err, pattern.ErrUndecided) {
					b.Fatal(err)
				}
			}
		})
	}
}
