package board

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// quoteJSON is s in quotes, with the escapes of JSON.
func quoteJSON(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}
