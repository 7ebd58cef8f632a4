package board

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// trapWords are what readers of older YAML take for something else than text.
var trapWords = []string{"yes", "no", "on", "off", "true", "false", "null"}

// plainForm is text that every reader of YAML takes for text, wherever it
// stands: in a block, in braces, as a key.
var plainForm = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./()-]*( [A-Za-z0-9_./()-]+)*$`)

// quote is s as a YAML string, in quotes. They are those of JSON, which every
// reader of YAML knows.
func quote(s string) string {
	text := strconv.Quote(s)
	if !strings.Contains(text, `\`) {
		return text
	}
	return quoteJSON(s)
}

// plain is s as a YAML string, without quotes where that is safe.
func plain(s string) string {
	if plainForm.MatchString(s) && !slices.Contains(trapWords, strings.ToLower(s)) {
		return s
	}
	return quote(s)
}

// figure is the text of a number or a truth value as readers of YAML 1.1 and 1.2 and
// of JSON all take it: 1e3, 0o17 and 1_000 are something else to some of them.
func figure(tag, text string) string {
	switch tag {
	case "!!bool":
		return strings.ToLower(text)
	case "!!int":
		var whole any
		n := &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: text}
		if err := n.Load(&whole); err != nil {
			return text
		}
		switch whole.(type) {
		case int, int64, uint64:
			return fmt.Sprint(whole)
		}
		return text // more digits than a word holds
	case "!!float":
		return float(text)
	}
	return text
}

// float writes a number with a point, and a sign before its exponent.
func float(text string) string {
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(strings.ReplaceAll(text, "_", "")), "e")
	sign := ""
	mantissa = strings.TrimPrefix(mantissa, "+")
	if rest, minus := strings.CutPrefix(mantissa, "-"); minus {
		sign, mantissa = "-", rest
	}
	if strings.Trim(mantissa, "0123456789.") != "" || mantissa == "" {
		return text // infinite, or no number
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	made := sign + orElse(whole, "0") + "." + orElse(fraction, "0")
	if !hasExponent {
		return made
	}
	if !strings.HasPrefix(exponent, "-") {
		exponent = "+" + strings.TrimPrefix(exponent, "+")
	}
	return made + "e" + exponent
}

// quoteJSON is s in quotes, with the escapes of JSON.
func quoteJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	text := strings.TrimSuffix(b.String(), "\n")
	return strings.ReplaceAll(text, "\u0085", `\u0085`) // a line end to YAML, and not to JSON
}
