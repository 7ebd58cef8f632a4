package wire

import (
	"testing"

	"stormbus/internal/shape/catalog"
)

// TestAllPatternsCompile holds for every model, also of services that do not
// exist yet: a pattern is only compiled when a request needs it.
func TestAllPatternsCompile(t *testing.T) {
	t.Parallel()
	n := 0
	for _, m := range catalog.Models() {
		for _, s := range m.Shapes {
			if s.Pattern != "" {
				n++
				compilePattern(s.Pattern)("") // panics if it cannot be compiled
			}
		}
	}
	if n < 300 {
		t.Errorf("the models have %d patterns: there must be more", n)
	}
}

// What Java answers was asked of Java.
func TestPatternsThatLookAround(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`, "12", false},
		{`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`, "12a", true},
		{`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`, "", false},
		{`((?!^\d+$)^[0-9a-zA-Z-_]+$)`, "1", false},
		{`((?!^\d+$)^[0-9a-zA-Z-_]+$)`, "v1", true},
		{`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`, "system.x", false},
		{`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`, "systems", true},
		{`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`, "a$", false},
		{`(?!aws\.)[A-Za-z0-9][\.\-_A-Za-z0-9]*`, "aws.s3", false},
		{`(?!aws\.)[A-Za-z0-9][\.\-_A-Za-z0-9]*`, "aws", true},
		{`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`, "a-b", true},
		{`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`, "a--b", false},
		{`^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$`, "1.2", true},
		{`^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$`, "12", false},
		{`(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)`, "shop", true},
		{`(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)`, "aws.s3", false},
		{`(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)`, "$.a[0]", true},
		{`(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)`, "", false},
		{`.*(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*).*`, "aws.", true},
		{`.*(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*).*`, " ", false},
		{`\S([\s\S]*\S)?(?![\s\S]).*`, "a b", true},
		{`\S([\s\S]*\S)?(?![\s\S]).*`, "a ", false},
		{`\p{Print}+`, "a b", true},
		{`\p{Print}+`, "ä", false},
		{`[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*`, "a\U0001F600\n", true},
		{`[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*`, "\x01", false},
	}
	for _, test := range tests {
		if got := compilePattern(test.pattern)(test.text); got != test.want {
			t.Errorf("pattern %s on %q = %t, want %t", test.pattern, test.text, got, test.want)
		}
	}
}
