package pattern_test

import (
	"errors"
	"fmt"
	"testing"

	"stormbus/internal/pattern"
)

// complaint is a text that is not a pattern, and what AWS says to it. A line of 0
// means that it gives no location.
type complaint struct {
	pattern, reason string
	line, col       int
	twice           bool
}

func (c complaint) check(t *testing.T) {
	t.Helper()
	_, err := compile(c.pattern)
	var syntax *pattern.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("Compile(%s) = %v, want a *SyntaxError", c.pattern, err)
	}
	got := complaint{c.pattern, syntax.Reason, syntax.Line, syntax.Col, syntax.Twice}
	if got != c {
		t.Errorf("Compile = %+v\nwant %+v", got, c)
	}
	want := c.reason
	if c.line > 0 {
		at := fmt.Sprintf("\n at [Source: (String)\"%s\"; line: %d, column: %d]", c.pattern, c.line, c.col)
		want += at
		if c.twice {
			want += at
		}
	}
	if err.Error() != want {
		t.Errorf("Error = %q\nwant %q", err, want)
	}
}

func check(t *testing.T, complaints []complaint) {
	t.Helper()
	for _, c := range complaints {
		t.Run(c.pattern, func(t *testing.T) {
			t.Parallel()
			c.check(t)
		})
	}
}

// TestCompileErrors holds the faults of patterns that are JSON. The texts and the
// locations were seen by running event-ruler 2.0.1.
func TestCompileErrors(t *testing.T) {
	t.Parallel()
	check(t, []complaint{
		{``, `Filter is not an object`, 1, 1, false},
		{`   `, `Filter is not an object`, 1, 4, false},
		{`[]`, `Filter is not an object`, 1, 2, false},
		{`"x"`, `Filter is not an object`, 1, 2, false},
		{`1`, `Filter is not an object`, 1, 2, false},
		{`null`, `Filter is not an object`, 1, 5, false},
		{`{"a":{"exists":true}}`, `"exists" must be an object or an array`, 1, 20, false},
		{`{"a":[{"exists":1}]}`, `exists match pattern must be either true or false.`, 1, 18, false},
		{`{"a":[{"exists":"true"}]}`, `exists match pattern must be either true or false.`, 1, 18, false},
		{`{"a":[{"numeric":[]}]}`, `Invalid member in numeric match: ]`, 1, 20, false},
		{`{"a":[{"numeric":[1]}]}`, `Invalid member in numeric match: 1`, 1, 20, false},
		{`{"a":[{"numeric":["<"]}]}`, `Value of < must be numeric`, 1, 23, false},
		{`{"a":[{"numeric":[">",1,">",2]}]}`, `Bad numeric range operator: >`, 1, 28, false},
		{`{"a":[{"numeric":[">",1,"<"]}]}`, `Value of < must be numeric`, 1, 29, false},
		{`{"a":[{"numeric":[">",1,"<",2,3]}]}`, `Too many terms in numeric range expression`, 1, 32, false},
		{`{"a":[{"numeric":["=",2,3]}]}`, `Too many elements in numeric expression`, 1, 26, false},
		{`{"a":[{"numeric":["<",2,3]}]}`, `Too many elements in numeric expression`, 1, 26, false},
		{`{"a":[{"numeric":[">",2,3]}]}`, `Bad value in numeric range: 3`, 1, 26, false},
		{`{"a":[{"numeric":[">",2,"<","x"]}]}`, `Value of < must be numeric`, 1, 30, false},
		{`{"a":[{"numeric":[null]}]}`, `Invalid member in numeric match: null`, 1, 23, false},
		{`{"a":[{"numeric":[[]]}]}`, `Invalid member in numeric match: [`, 1, 20, false},
		{`{"a":[{"numeric":[{}]}]}`, `Invalid member in numeric match: {`, 1, 20, false},
		{`{"a":[{"numeric":[">",2],"x":1}]}`, `Too many elements in numeric expression`, 1, 31, false},
		{`{"a":[{"anything-but":[]}]}`, `Inside anything but list, either all values are number or string, mixed type is not supported`, 1, 25, false},
		{`{"a":[{"anything-but":["x",1]}]}`, `Inside anything but list, either all values are number or string, mixed type is not supported`, 1, 30, false},
		{`{"a":[{"anything-but":[null]}]}`, `Inside anything but list, start|null|boolean is not supported.`, 1, 28, true},
		{`{"a":[{"anything-but":[[1]]}]}`, `Inside anything but list, start|null|boolean is not supported.`, 1, 25, true},
		{`{"a":[{"anything-but":[1,[1]]}]}`, `Inside anything but list, start|null|boolean is not supported.`, 1, 27, true},
		{`{"a":[{"anything-but":1,"x":1}]}`, `Too many elements in numeric expression`, 1, 30, false},
		{`{"a":[{"anything-but":{}}]}`, `Anything-But expression name not found`, 1, 25, false},
		{`{"a":[{"anything-but":{"x":1}}]}`, `Unsupported anything-but pattern: x`, 1, 29, false},
		{`{"a":[{"anything-but":{"prefix":"a","x":1}}]}`, `Too many elements in numeric expression`, 1, 42, false},
		{`{"a":[{"anything-but":{"prefix":""}}]}`, `Null prefix/suffix not allowed`, 1, 35, false},
		{`{"a":[{"anything-but":{"prefix":[""]}}]}`, `Null prefix/suffix not allowed`, 1, 36, true},
		{`{"a":[{"anything-but":{"prefix":{}}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 34, false},
		{`{"a":[{"anything-but":{"prefix":null}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 37, false},
		{`{"a":[{"anything-but":{"prefix":[null]}}]}`, `prefix/suffix match pattern must be a string`, 1, 38, true},
		{`{"a":[{"anything-but":{"equals-ignore-case":null}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 49, false},
		{`{"a":[{"anything-but":{"equals-ignore-case":[null]}}]}`, `Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.`, 1, 50, true},
		{`{"a":[{"anything-but":{"equals-ignore-case":{}}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 46, false},
		{`{"a":[{"anything-but":{"wildcard":null}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 39, false},
		{`{"a":[{"anything-but":{"wildcard":1}}]}`, `wildcard match pattern must be a string`, 1, 36, false},
		{`{"a":[{"anything-but":{"wildcard":[1]}}]}`, `wildcard match pattern must be a string`, 1, 37, true},
		{`{"a":[{"anything-but":{"wildcard":{}}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 36, false},
		{`{"a":[{"anything-but":{"wildcard":"a**"}}]}`, `Consecutive wildcard characters at pos 2`, 1, 40, false},
		{`{"a":[{"anything-but":{"wildcard":["b","a**"]}}]}`, `Consecutive wildcard characters at pos 2`, 1, 46, false},
		{`{"a":[{"wildcard":"a**"}]}`, `Consecutive wildcard characters at pos 2`, 1, 24, false},
		{`{"a":[{"wildcard":"a\\b"}]}`, `Invalid escape character at pos 2`, 1, 25, false},
		{`{"a":[{"wildcard":"éa**"}]}`, `Consecutive wildcard characters at pos 4`, 1, 25, false},
		{`{"a":[{"wildcard":"a\\"}]}`, `Invalid escape character at pos 2`, 1, 24, false},
		{`{"a":[{"wildcard":"***"}]}`, `Consecutive wildcard characters at pos 1`, 1, 24, false},
		{`{"a":[{"wildcard":1}]}`, `wildcard match pattern must be a string`, 1, 20, false},
		{`{"a":[{"wildcard":{}}]}`, `wildcard match pattern must be a string`, 1, 20, false},
		{`{"a":[{"anything-but":true}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 27, false},
		{`{"a":[{"anything-but":1e400}]}`, `Cannot compare number : 1e400`, 0, 0, false},
		{`{"a":[{"anything-but":1e-2147483648}]}`, `value exceeds limits`, 0, 0, false},
		{`{"a":[{"anything-but":1e2147483647}]}`, `Cannot compare number : 1e2147483647`, 0, 0, false},
		{`{"a":[{"numeric":["=",1e9999999999]}]}`, `value exceeds limits`, 1, 36, false},
		{`{"a":[{"anything-but":[1e400]}]}`, `Cannot compare number : 1e400`, 1, 29, false},
		{`{"a":[{"anything-but":[1,"x"]}]}`, `Inside anything but list, either all values are number or string, mixed type is not supported`, 1, 30, false},
		{`{"a":[{"anything-but":[1,null]}]}`, `Inside anything but list, start|null|boolean is not supported.`, 1, 30, true},
		{`{"a":[{}]}`, `Match expression name not found`, 1, 9, false},
		{`{"a":[[1]]}`, `Match value must be String, number, true, false, or null`, 1, 8, false},
		{`{"a":[{"x":1}]}`, `Unrecognized match type x`, 1, 13, false},
		{`{"a":[{"prefix":{}}]}`, `Prefix expression name not found`, 1, 19, false},
		{`{"a":[{"prefix":1}]}`, `prefix match pattern must be a string`, 1, 18, false},
		{`{"a":[{"prefix":null}]}`, `prefix match pattern must be a string`, 1, 21, false},
		{`{"a":[{"prefix":{"a":"b"}}]}`, `Unsupported prefix pattern: a`, 1, 23, false},
		{`{"a":[{"suffix":{}}]}`, `Suffix expression name not found`, 1, 19, false},
		{`{"a":[{"suffix":{"a":"b"}}]}`, `Unsupported suffix pattern: a`, 1, 23, false},
		{`{"a":[{"prefix":{"equals-ignore-case":"a","b":1}}]}`, `Only one key allowed in match expression`, 1, 48, false},
		{`{"a":[{"prefix":{"equals-ignore-case":"a"},"b":1}]}`, `Only one key allowed in match expression`, 1, 49, false},
		{`{"a":[{"cidr":1}]}`, `prefix match pattern must be a string`, 1, 16, false},
		{`{"a":[{"cidr":"10.0.0.1/32"}]}`, `IPv4 mask bits must be < 32`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1/x"}]}`, `Malformed CIDR, mask bits must be an integer`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1/-1"}]}`, `Malformed CIDR, mask bits must not be negative`, 0, 0, false},
		{`{"a":[{"cidr":"::1/128"}]}`, `IPv6 mask bits must be < 128`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1"}]}`, `Malformed CIDR, one '/' required`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1/1/2"}]}`, `Malformed CIDR, one '/' required`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1/"}]}`, `Malformed CIDR, one '/' required`, 0, 0, false},
		{`{"a":[{"cidr":"/8"}]}`, `Nonstandard IP address: `, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.256/8"}]}`, `Invalid IP address: 10.0.0.256`, 0, 0, false},
		{`{"a":[{"cidr":"a.0.0.256/8"}]}`, `Nonstandard IP address: a.0.0.256`, 0, 0, false},
		{`{"a":[{"cidr":"dead:beef/8"}]}`, `Invalid IP address: dead:beef`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1/ 8"}]}`, `Malformed CIDR, mask bits must be an integer`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1/99999999999"}]}`, `Malformed CIDR, mask bits must be an integer`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.1/8","x":1}]}`, `Only one key allowed in match expression`, 1, 33, false},
		{`{"a":[{"exactly":1}]}`, `exact match pattern must be a string`, 1, 19, false},
		{`{"a":[{"exactly":"x","b":1}]}`, `Only one key allowed in match expression`, 1, 27, false},
		{`{"$or":1}`, `It must be an Array followed with $or.`, 1, 9, false},
		{`{"$or":[]}`, `There must have at least 2 Objects in $or relationship.`, 1, 10, false},
		{`{"$or":[1]}`, `Only JSON object is allowed in array of $or relationship.`, 1, 10, false},
		{`{"$or":[{"a":[1]}]}`, `There must have at least 2 Objects in $or relationship.`, 1, 19, false},
		{`{"$or":[{"prefix":[1]},{"a":[1]}]}`, `prefix is Ruler reserved fieldName which cannot be used inside $or.`, 1, 20, false},
		{`{"$or":[{},{"a":[1]}]}`, `Empty objects are not allowed`, 1, 11, false},
		{`{"a":{"$or":[{"b":{"=":[1]}},{"c":[1]}]}}`, `= is Ruler reserved fieldName which cannot be used inside $or.`, 1, 25, false},
		{`{"a":[{"x":"\x"}]}`, `Unrecognized match type x`, 1, 13, false},
		{`{"a":"\x"}`, `"a" must be an object or an array`, 1, 7, false},
		{`{"a":"\x","b":1}`, `"a" must be an object or an array`, 1, 7, false},
		{`{"a":[{"cidr":"bad/-1"}]}`, `Malformed CIDR, mask bits must not be negative`, 0, 0, false},
		{`{"a":[{"cidr":"bad/x","x":1}]}`, `Malformed CIDR, mask bits must be an integer`, 0, 0, false},
		{`{"a":[{"cidr":"10.0.0.0/32","x":1}]}`, `IPv4 mask bits must be < 32`, 0, 0, false},
		{`{"a":[{"numeric":["=",1e400,2]}]}`, `Too many elements in numeric expression`, 1, 30, false},
		{`{"a":[{"numeric":["=",1e400],"x":1}]}`, `Cannot compare number : 1e400`, 1, 29, false},
		{`{"a":[{"numeric":[">",1e400,"<",1]}]}`, `Cannot compare number : 1e400`, 1, 35, false},
		{`{"a":[{"numeric":[">",1,"<",1e400]}]}`, `Cannot compare number : 1e400`, 1, 35, false},
		{`{"a":[{"anything-but":[1e400,"x"]}]}`, `Cannot compare number : 1e400`, 1, 29, false},
		{`{"a":[{"anything-but":1e400,"x":1}]}`, `Cannot compare number : 1e400`, 0, 0, false},
		{`{"a":[{"wildcard":"**","x":1}]}`, `Consecutive wildcard characters at pos 1`, 1, 23, false},
		{`{"a":[{"anything-but":{"wildcard":["**",1]}}]}`, `wildcard match pattern must be a string`, 1, 42, true},
		{`{"a":[{"anything-but":{"wildcard":"**","x":1}}]}`, `Consecutive wildcard characters at pos 1`, 1, 39, false},
		{`{"a":[{"anything-but":{"wildcard":"**"},"x":1}]}`, `Consecutive wildcard characters at pos 1`, 1, 39, false},
		{`{"a":[{"anything-but":{"prefix":"x"},"x":1}]}`, `Too many elements in numeric expression`, 1, 43, false},
		{`{"a":[{"anything-but":[1],"x":1}]}`, `Too many elements in numeric expression`, 1, 32, false},
		{`{"a":[{"anything-but":{"prefix":["x"],"x":1}}]}`, `Too many elements in numeric expression`, 1, 44, false},
		{`{"a":[{"anything-but":{"equals-ignore-case":1}}]}`, `Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.`, 1, 46, false},
		{`{"a":[{"anything-but":{"equals-ignore-case":"x","y":1}}]}`, `Too many elements in numeric expression`, 1, 54, false},
		{`{"a":[{"exists":true,"y":1}]}`, `Only one key allowed in match expression`, 1, 27, false},
		{`{"a":[{"equals-ignore-case":"x","y":1}]}`, `Only one key allowed in match expression`, 1, 38, false},
		{`{"a":[{"suffix":"x","y":1}]}`, `Only one key allowed in match expression`, 1, 26, false},
		{`{"a":[{"suffix":{"equals-ignore-case":1}}]}`, `equals-ignore-case match pattern must be a string`, 1, 40, false},
		{`{"a":[{"suffix":{"equals-ignore-case":"a"},"y":1}]}`, `Only one key allowed in match expression`, 1, 49, false},
		{`{"a":[{"numeric":1}]}`, `Value of numeric must be an array.`, 1, 19, false},
		{`{"a":[{"numeric":"x"}]}`, `Value of numeric must be an array.`, 1, 19, false},
		{`{"a":[{"numeric":["<>"]}]}`, `Unrecognized numeric range operator: <>`, 1, 24, false},
		{`{"a":[{"numeric":["=","x"]}]}`, `Value of equals must be numeric`, 1, 24, false},
		{`{"a":[{"numeric":[">",1,"=",2]}]}`, `Bad numeric range operator: =`, 1, 28, false},
		{`{"a":[{"numeric":[">",1,null,2]}]}`, `Bad value in numeric range: null`, 1, 29, false},
		{`{"a":[{"numeric":[">",1,[],2]}]}`, `Bad value in numeric range: [`, 1, 26, false},
		{`{"a":[{"numeric":[">",1,"<",[]]}]}`, `Value of < must be numeric`, 1, 30, false},
		{`{"a":[{"numeric":[">",[]]}]}`, `Value of > must be numeric`, 1, 24, false},
		{`{"a":[{"numeric":[">",1,"<=",1]}]}`, `Bottom must be less than top`, 1, 32, false},
		{`{"a":[{"numeric":["<=",1,">",1]}]}`, `Too many elements in numeric expression`, 1, 27, false},
		{`{"a":[{"numeric":["<",1,"x"]}]}`, `Too many elements in numeric expression`, 1, 26, false},
		{`{"a":[{"numeric":["=",1,"x"]}]}`, `Too many elements in numeric expression`, 1, 26, false},
		{`{"a":[{"numeric":[true]}]}`, `Invalid member in numeric match: true`, 1, 23, false},
		{`{"a":[{"numeric":["",1]}]}`, `Unrecognized numeric range operator: `, 1, 23, false},
		{`{"a":[{"anything-but":"x"} , 1 , {"bad":1}]}`, `Unrecognized match type bad`, 1, 42, false},
		{`{"a":[{"":1}]}`, `Unrecognized match type `, 1, 12, false},
		{`{"a":[{"regexp":"x"}]}`, `Unrecognized match type regexp`, 1, 18, false},
		{`{"$or":{"a":[1]}}`, `It must be an Array followed with $or.`, 1, 9, false},
		{`{"a":[1],"$or":[]}`, `There must have at least 2 Objects in $or relationship.`, 1, 18, false},
		{`{"$or":[[],{}]}`, `Only JSON object is allowed in array of $or relationship.`, 1, 10, false},
		{`{"$or":[{"a":[]},1]}`, `Empty arrays are not allowed`, 1, 16, false},
		{`{"a":[{"exists":null}]}`, `exists match pattern must be either true or false.`, 1, 21, false},
		{`{"a":[{"exists":{}}]}`, `exists match pattern must be either true or false.`, 1, 18, false},
		{`{"a":[{"exists":[true]}]}`, `exists match pattern must be either true or false.`, 1, 18, false},
		{`{"é":1}`, `"é" must be an object or an array`, 1, 7, false},
		{`{"a":[{"anything-but":{"prefix":{"equals-ignore-case":"x"}}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 34, false},
		{`{"a":[{"anything-but":{"suffix":""}}]}`, `Null prefix/suffix not allowed`, 1, 35, false},
		{`{"a":[{"anything-but":{"suffix":true}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 37, false},
		{`{"a":[{"anything-but":{"wildcard":true}}]}`, `Value of anything-but must be an array or single string/number value.`, 1, 39, false},
		{`{"a":[{"anything-but":{"cidr":"1"}}]}`, `Unsupported anything-but pattern: cidr`, 1, 32, false},
		{`{"a":[{"anything-but":{"exists":true}}]}`, `Unsupported anything-but pattern: exists`, 1, 37, false},
		{`{"a":[{"x":"y`, `Unrecognized match type x`, 1, 13, false},
		{`[1`, `Filter is not an object`, 1, 2, false},
		{`"abc`, `Filter is not an object`, 1, 2, false},
		{`"\x`, `Filter is not an object`, 1, 2, false},
		{"{\n  \"source\": [\"x\"],\n  \"detail\": {\"a\": [{\"numeric\": [\"<\", \"5\"]}]}\n}", `Value of < must be numeric`, 3, 39, false},
		{`{"é😀":[{"prefix":1}]}`, `prefix match pattern must be a string`, 1, 20, false},
	})
}
