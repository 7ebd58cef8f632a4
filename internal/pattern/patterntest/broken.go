package patterntest

import (
	"fmt"
	"strings"
)

// Broken returns a text that is nearly a pattern. Most are not valid: of some the
// JSON is spoilt, of others an operator has an operand that it does not take.
func (r *Random) Broken() string {
	switch r.IntN(4) {
	case 0:
		return r.spoilt(r.Pattern())
	case 1:
		return r.spoilt(`{"a":[` + r.wrong() + `]}`)
	case 2:
		return fmt.Sprintf(`{%s:%s,"b":["x"]}`, r.oneOf(`"a"`, `"$or"`, `"prefix"`), r.operand(0))
	}
	text := `{"a":[` + r.entry() + "," + r.wrong() + `]}`
	if r.IntN(4) == 0 {
		text = `{"$or":[` + text + `,{` + r.operator() + `:` + r.operand(1) + `}]}`
	}
	return text
}

// spoilt returns a text with a character more, less, or another one.
func (r *Random) spoilt(text string) string {
	at := r.IntN(len(text) + 1)
	end := at
	if r.IntN(3) > 0 && at < len(text) {
		end++
	}
	more := ""
	if r.IntN(3) > 0 {
		more = r.oneOf(`{`, `}`, `[`, `]`, `"`, `,`, `:`, `\`, `/`, `*`, ` `, "\t", "\n", "\x01", "\x7f", `0`, `1`, `.`, `-`, `+`, `e`, `E`, `t`, `n`, `u`, `N`, `$`, `'`, `#`, `é`, `😀`)
	}
	return strings.ToValidUTF8(text[:at]+more+text[end:], "")
}

func (r *Random) operator() string {
	return r.oneOf(
		`"prefix"`, `"suffix"`, `"equals-ignore-case"`, `"wildcard"`, `"anything-but"`, `"numeric"`, `"cidr"`, `"exists"`, `"exactly"`,
		`"anything-but"`, `"numeric"`, `"regexp"`, `"EXISTS"`, `"$or"`, `""`, `"a"`, `"="`,
	)
}

// wrong is an operator with an operand that is often none of it.
func (r *Random) wrong() string {
	if r.IntN(8) == 0 {
		return r.operand(0)
	}
	text := r.operator() + ":" + r.operand(0)
	if r.IntN(6) == 0 {
		text += "," + r.operator() + ":" + r.operand(1)
	}
	return "{" + text + "}"
}

// operand is any value of JSON, often one that some operator takes.
func (r *Random) operand(depth int) string {
	switch n := r.IntN(12); {
	case n < 3 && depth < maxDepth:
		items := make([]string, r.IntN(5))
		for i := range items {
			items[i] = r.operand(depth + 1)
		}
		return "[" + strings.Join(items, ",") + "]"
	case n < 5 && depth < maxDepth:
		fields := make([]string, r.IntN(3))
		for i := range fields {
			fields[i] = r.operator() + ":" + r.operand(depth+1)
		}
		return "{" + strings.Join(fields, ",") + "}"
	case n == 5:
		return r.oneOf("true", "false", "null")
	case n == 6:
		return r.number()
	case n == 7:
		return r.oneOf("1e400", "-1e400", "2e308", "1e-400", "0.1000000000000000055511151231257827", "4.9e-324", "1e999999999999")
	case n == 8:
		return r.oneOf(`"<"`, `"<="`, `">"`, `">="`, `"="`, `"=="`, `""`)
	case n == 9:
		return r.oneOf(`"a**b"`, `"**"`, `"a\\b"`, `"a\\"`, `"\\\\*"`, `"é**"`, `"😀\\x"`, `"*"`)
	case n == 10:
		return r.oneOf(
			`"10.0.0.0/33"`, `"10.0.0.0/32"`, `"10.0.0.0/8"`, `"10.0.0.0/+8"`, `"10.0.0.0/08"`, `"10.0.0/8"`, `"10.0.0.256/8"`, `"::/128"`, `"::/-1"`,
			`"/"`, `"//"`, `"::1/0"`, `":/8"`, `":::/8"`, `"g::/8"`, `"::ffff:1.2.3.4/100"`, `"::ffff:a00:1/8"`, `"::ffff:a00:1/100"`, `"10.0.0.0/8/"`, `"10.0.0.0//8"`, `"10.0.0.0/x"`,
		)
	}
	return r.text()
}

// Globs returns a pattern with one field that has a few wildcards of few letters.
func (r *Random) Globs() string {
	list := make([]string, 1+r.IntN(3))
	for i := range list {
		list[i] = `"` + r.stars() + `"`
	}
	if all := strings.Join(list, ","); r.IntN(3) == 0 {
		return `{"a":[{"anything-but":{"wildcard":[` + all + `]}}]}`
	}
	for i, s := range list {
		list[i] = `{"wildcard":` + s + `}`
		if r.IntN(6) == 0 {
			list[i] = `{"anything-but":{"wildcard":` + s + `}}`
		}
	}
	return `{"a":[` + strings.Join(list, ",") + `]}`
}

func (r *Random) stars() string {
	var b strings.Builder
	star := false
	for range 1 + r.IntN(9) {
		if star = !star && r.IntN(3) == 0; star {
			b.WriteByte('*')
		} else {
			b.WriteString(r.oneOf("a", "a", "b", "ab", "é", `\\*`, `\\\\`))
		}
	}
	return b.String()
}
