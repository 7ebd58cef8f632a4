package pattern_test

import (
	"strings"
	"testing"
)

// TestSyntaxErrors holds the faults of texts that are not JSON, seen like those of
// TestCompileErrors.
func TestSyntaxErrors(t *testing.T) {
	t.Parallel()
	check(t, []complaint{
		{`{`, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"; line: 1, column: 1])`, 1, 2, false},
		{`{"a"`, `Unexpected end-of-input within/between Object entries`, 1, 5, false},
		{`{"a":`, `Unexpected end-of-input within/between Object entries`, 1, 6, false},
		{`{"a":[`, `Unexpected end-of-input: expected close marker for Array (start marker at [Source: (String)"{"a":["; line: 1, column: 6])`, 1, 7, false},
		{`{"a":[1`, `Unexpected end-of-input: expected close marker for Array (start marker at [Source: (String)"{"a":[1"; line: 1, column: 6])`, 1, 8, false},
		{`{"a":[1]`, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":[1]"; line: 1, column: 1])`, 1, 9, false},
		{`{a:1}`, `Unexpected character ('a' (code 97)): was expecting double-quote to start field name`, 1, 2, false},
		{`{'a':1}`, `Unexpected character (''' (code 39)): was expecting double-quote to start field name`, 1, 2, false},
		{`{"a":[tru]}`, `Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[01]}`, `Invalid numeric value: Leading zeroes not allowed`, 1, 8, false},
		{`{"a":[1.]}`, `Unexpected character (']' (code 93)) in numeric value: Decimal point not followed by a digit`, 1, 8, false},
		{`{"a":[-]}`, `Unexpected character (']' (code 93)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value`, 1, 8, false},
		{`{"a":[1e]}`, `Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a digit`, 1, 8, false},
		{`{"a":["\x"]}`, `Unrecognized character escape 'x' (code 120)`, 1, 9, false},
		{`{"a":["\u12"]}`, `Unexpected character ('"' (code 34)): expected a hex-digit for character escape sequence`, 1, 12, false},
		{`{"a":["abc]}`, `Unexpected end-of-input: was expecting closing quote for a string value`, 1, 13, false},
		{`{"a":[1,]}`, `Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 9, false},
		{`{"a":[,1]}`, `Unexpected character (',' (code 44)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[1 2]}`, `Unexpected character ('2' (code 50)): was expecting comma to separate Array entries`, 1, 9, false},
		{`{"a" [1]}`, `Unexpected character ('[' (code 91)): was expecting a colon to separate field name and value`, 1, 6, false},
		{`{"a":[1],}`, `Unexpected character ('}' (code 125)): was expecting double-quote to start field name`, 1, 10, false},
		{`{"a":[1] "b":[2]}`, `Unexpected character ('"' (code 34)): was expecting comma to separate Object entries`, 1, 10, false},
		{`{"a":[}`, `Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)"{"a":[}"; line: 1, column: 6])`, 1, 7, false},
		{`{"a":]}`, `Unexpected character (']' (code 93)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 6, false},
		{`{"a":[NaN]}`, "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 1, 10, false},
		{`{"a":[+1]}`, "Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow numbers to have plus signs: enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow", 1, 8, false},
		{`{"a":[.5]}`, `Unexpected character ('.' (code 46)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[1}`, `Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)"{"a":[1}"; line: 1, column: 6])`, 1, 8, false},
		{`nul`, `Unrecognized token 'nul': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 1, false},
		{`tru`, `Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 1, false},
		{`this is`, `Unrecognized token 'this': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 1, false},
		{`<x>`, `Unexpected character ('<' (code 60)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 1, false},
		{`@`, `Unexpected character ('@' (code 64)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 1, false},
		{`{"a":[1x]}`, `Unexpected character ('x' (code 120)): was expecting comma to separate Array entries`, 1, 8, false},
		{`{"a":["x"y]}`, `Unexpected character ('y' (code 121)): was expecting comma to separate Array entries`, 1, 10, false},
		{`{"a":[truex]}`, `Unrecognized token 'truex': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[1.x]}`, `Unexpected character ('x' (code 120)) in numeric value: Decimal point not followed by a digit`, 1, 8, false},
		{`{"a":[1ex]}`, `Unexpected character ('x' (code 120)) in numeric value: Exponent indicator not followed by a digit`, 1, 8, false},
		{`{"a":[-x]}`, `Unexpected character ('x' (code 120)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value`, 1, 8, false},
		{`{"a":[00]}`, `Invalid numeric value: Leading zeroes not allowed`, 1, 8, false},
		{`{"a":[{"x":tru}]}`, `Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 12, false},
		{`{"a":[{"prefix":"\x"}]}`, `Unrecognized character escape 'x' (code 120)`, 1, 19, false},
		{`{"a":tru}`, `Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 6, false},
		{`{,"a":[1]}`, `Unexpected character (',' (code 44)): was expecting double-quote to start field name`, 1, 2, false},
		{`{"a":[1],,"b":[1]}`, `Unexpected character (',' (code 44)): was expecting double-quote to start field name`, 1, 10, false},
		{`{"a":[1,,2]}`, `Unexpected character (',' (code 44)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 9, false},
		{`{"a"}`, `Unexpected character ('}' (code 125)): was expecting a colon to separate field name and value`, 1, 5, false},
		{`{"a",}`, `Unexpected character (',' (code 44)): was expecting a colon to separate field name and value`, 1, 5, false},
		{`{1:2}`, `Unexpected character ('1' (code 49)): was expecting double-quote to start field name`, 1, 2, false},
		{`{"a":[1]]`, `Unexpected close marker ']': expected '}' (for Object starting at [Source: (String)"{"a":[1]]"; line: 1, column: 1])`, 1, 9, false},
		{`{"a":[1:2]}`, `Unexpected character (':' (code 58)): was expecting comma to separate Array entries`, 1, 8, false},
		{`{"a\q":[1]}`, `Unrecognized character escape 'q' (code 113)`, 1, 5, false},
		{`{"a":[é]}`, `Unrecognized token 'é': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[nullé]}`, `Unrecognized token 'nullé': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[null-]}`, `Unexpected character ('-' (code 45)): was expecting comma to separate Array entries`, 1, 11, false},
		{`{"a":[null_]}`, `Unrecognized token 'null_': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[null"x"]}`, `Unexpected character ('"' (code 34)): was expecting comma to separate Array entries`, 1, 11, false},
		{`{"a":[null$]}`, `Unexpected character ('$' (code 36)): was expecting comma to separate Array entries`, 1, 11, false},
		{`{"a":[nu-ll]}`, `Unrecognized token 'nu': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[n]}`, `Unrecognized token 'n': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[x.y]}`, `Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[Infinity]}`, "Non-standard token 'Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 1, 15, false},
		{`{"a":[-Infinity]}`, "Non-standard token '-Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 1, 16, false},
		{`{"a":[INF]}`, `Unrecognized token 'INF': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
		{`{"a":[-INF]}`, "Non-standard token '-INF': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 1, 11, false},
		{`{"a":[+INF]}`, "Non-standard token '+INF': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow", 1, 11, false},
		{`{"a":[-01]}`, `Invalid numeric value: Leading zeroes not allowed`, 1, 9, false},
		{`{"a":[-.5]}`, `Unexpected character ('.' (code 46)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 8, false},
		{`{"a":[1.5.5]}`, `Unexpected character ('.' (code 46)): was expecting comma to separate Array entries`, 1, 10, false},
		{`{"a":[1e+]}`, `Unexpected character (']' (code 93)) in numeric value: Exponent indicator not followed by a digit`, 1, 8, false},
		{`{"a":[1e5x]}`, `Unexpected character ('x' (code 120)): was expecting comma to separate Array entries`, 1, 10, false},
		{`{"a":[12"x"]}`, `Unexpected character ('"' (code 34)): was expecting comma to separate Array entries`, 1, 9, false},
		{`{"a":[1.`, `Unexpected character ('.' (code 46)) in numeric value: Decimal point not followed by a digit`, 1, 8, false},
		{`{"a":[1e`, `Unexpected end-of-inputexpected a digit for number exponent`, 1, 9, false},
		{`{"a":[-`, `Unexpected end-of-inputNo digit following sign`, 1, 8, false},
		{`{"a":["`, `Unexpected end-of-input: was expecting closing quote for a string value`, 1, 8, false},
		{`{"a":["x`, `Unexpected end-of-input: was expecting closing quote for a string value`, 1, 9, false},
		{`{"a":["\`, `Unexpected end-of-input in character escape sequence`, 1, 9, false},
		{`{"a":["\u`, `Unexpected end-of-input in character escape sequence`, 1, 10, false},
		{`{"a":["\u00`, `Unexpected end-of-input in character escape sequence`, 1, 12, false},
		{`{"`, `Unexpected end-of-input in field name`, 1, 3, false},
		{`{"a\`, `Unexpected end-of-input in character escape sequence`, 1, 5, false},
		{`{"a":t`, `Unrecognized token 't': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 6, false},
		{`{"a":tru`, `Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 6, false},
		{`{"a":[1],`, `Unexpected end-of-input within/between Object entries`, 1, 10, false},
		{`{"a":[1] `, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":[1] "; line: 1, column: 1])`, 1, 10, false},
		{`{ `, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{ "; line: 1, column: 1])`, 1, 3, false},
		{`{"a":[1,`, `Unexpected end-of-input within/between Array entries`, 1, 9, false},
		{`{"a":[{"x"`, `Unexpected end-of-input within/between Object entries`, 1, 11, false},
		{`{"a":[{"prefix":"y`, `Unexpected end-of-input: was expecting closing quote for a string value`, 1, 19, false},
		{`{"a":[{"prefix":"y"`, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":[{"prefix":"y""; line: 1, column: 7])`, 1, 20, false},
		{`{"a":[{`, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":[{"; line: 1, column: 7])`, 1, 8, false},
		{`{"a":{"b`, `Unexpected end-of-input in field name`, 1, 9, false},
		{`{"a":{`, `Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"a":{"; line: 1, column: 6])`, 1, 7, false},
		{`{"a":[{"numeric":["=",`, `Unexpected end-of-input within/between Array entries`, 1, 23, false},
		{`tru e`, `Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 1, false},
		{`-`, `Unexpected end-of-inputNo digit following sign`, 1, 2, false},
		{`01`, `Invalid numeric value: Leading zeroes not allowed`, 1, 2, false},
		{`1.`, `Unexpected character ('.' (code 46)) in numeric value: Decimal point not followed by a digit`, 1, 2, false},
		{`}`, `Unexpected close marker '}': no open Object to close`, 1, 1, false},
		{`1x`, `Unexpected character ('x' (code 120)): Expected space separating root-level values`, 1, 2, false},
		{`{"a":[0.x]}`, `Unexpected character ('x' (code 120)) in numeric value: Decimal point not followed by a digit`, 1, 9, false},
		{`{"a":[-0e+x]}`, `Unexpected character ('x' (code 120)) in numeric value: Exponent indicator not followed by a digit`, 1, 11, false},
		{`{"a":[-12e-x]}`, `Unexpected character ('x' (code 120)) in numeric value: Exponent indicator not followed by a digit`, 1, 10, false},
		{`{"a":[10.x]}`, `Unexpected character ('x' (code 120)) in numeric value: Decimal point not followed by a digit`, 1, 9, false},
		{"{\"a\":[nul\u200d]}", "Unrecognized token 'nul\u200d': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 1, 7, false},
		{"{\"a\":[\u0301]}", "Unexpected character ('\u0301' (code 769 / 0x301)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')", 1, 7, false},
		{`{"a":[x😀y]}`, `Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`, 1, 7, false},
	})
}

// TestLocation holds how a location repeats the pattern: control characters are
// escaped, and of a long pattern the first 500 UTF-16 units are shown. The texts
// were seen by running event-ruler 2.0.1.
func TestLocation(t *testing.T) {
	t.Parallel()
	const illegal = `Illegal character ((CTRL-CHAR, code 1)): only regular white space (\r, \n, \t) is allowed between tokens`
	long := strings.Repeat("x", 600)
	for text, want := range map[string]string{
		"{\"a\"\n\x01:1}":                illegal + "\n at [Source: (String)\"{\"a\"\n\\u0001:1}\"; line: 2, column: 2]",
		"{\"a\":[true\x01]}":             illegal + "\n at [Source: (String)\"{\"a\":[true\\u0001]}\"; line: 1, column: 12]",
		"{\x01}":                         illegal + "\n at [Source: (String)\"{\\u0001}\"; line: 1, column: 3]",
		"{\"a\":[\t\n\r{\"prefix\":1}]}": "prefix match pattern must be a string\n at [Source: (String)\"{\"a\":[\\u0009\n\r{\"prefix\":1}]}\"; line: 3, column: 12]",
		"{\"a\":[nul\x7f]}": "Unrecognized token 'nul\x7f': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')" +
			"\n at [Source: (String)\"{\"a\":[nul\\u007F]}\"; line: 1, column: 7]",
		`{"a":["` + long + `",{"prefix":1}]}`: "prefix match pattern must be a string\n at [Source: (String)\"{\"a\":[\"" +
			long[:493] + "\"[truncated 123 chars]; line: 1, column: 621]",
	} {
		if _, err := compile(text); err == nil || err.Error() != want {
			t.Errorf("Compile(%q) = %q\nwant %q", text, err, want)
		}
	}
}
