package wire

import (
	"regexp"
	"strings"
)

// dot is what a dot stands for in Java.
const dot = `[^\n\r\x{85}\x{2028}\x{2029}]`

// Go's regular expressions do not look around, as some of the models' do. Those
// are written here as two expressions: the text must match the one as a whole,
// and must not begin with the other if there is one.
var lookaround = map[string][2]string{
	`^(?!\s*$).+`:                                 {dot + `+`, `\s*$`},
	`(?!\s*$).+`:                                  {dot + `+`, `\s*$`},
	`[0-9A-Za-z\.\-_]*(?<!\.)`:                    {`[0-9A-Za-z\.\-_]*`, dot + `*\.$`},
	`^[0-9A-Za-z\.\-_]*(?<!\.)$`:                  {`[0-9A-Za-z\.\-_]*`, dot + `*\.$`},
	`(?!^[0-9]+$)([a-zA-Z0-9-_]+)`:                {`[a-zA-Z0-9-_]+`, `[0-9]+$`},
	`((?!^\d+$)^[0-9a-zA-Z-_]+$)`:                 {`[0-9a-zA-Z-_]+`, `[0-9]+$`},
	`(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)`:   {`[_a-zA-Z0-9][^$]*`, `system\.`},
	`(?!aws\.)[A-Za-z0-9][\.\-_A-Za-z0-9]*`:       {`[A-Za-z0-9][\.\-_A-Za-z0-9]*`, `aws\.`},
	`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`:   {`[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`, `[a-z0-9-]*--`},
	`^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$`:      {`[a-zA-Z0-9_\-\.]+`, `[0-9]*$`},
	`(?!\s*$).+|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*)`: {dot + `+`, `\s*$`},
	`(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w_-]+(\[(\d+|\*)\])*)*)`: {
		`[/\.\-_A-Za-z0-9]` + dot + `*|\$(\.[\w_-]+(\[(\d+|\*)\])*)*`, `aws\.`,
	},
	// It may look anywhere, and of "aws." all but the first letter is good.
	`.*(?=[/\.\-_A-Za-z0-9]+)((?!aws\.).*)|(\$(\.[\w/_-]+(\[(\d+|\*)\])*)*).*`: {
		dot + `*[/\.\-_A-Za-z0-9]` + dot + `*|\$` + dot + `*`, ``,
	},
}

// What Java spells differently. Two characters of UTF-16 are one of Unicode.
var (
	javaSpelling = strings.NewReplacer(
		`\uD800\uDC00-\uDBFF\uDFFF`, `\x{10000}-\x{10FFFF}`,
		`\p{Print}`, `[[:print:]]`,
		`(?![\s\S]).*`, ``, // the end of the text, which must be there anyway
	)
	javaUnicode = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)
)

// compilePattern makes a matcher of a model's pattern, a Java regular
// expression that must match the whole text. It panics if it cannot, which a
// test over all models excludes.
func compilePattern(pattern string) func(string) bool {
	parts, looks := lookaround[pattern]
	if !looks {
		return compileJava(pattern).MatchString
	}
	whole := compileJava(parts[0])
	if parts[1] == "" {
		return whole.MatchString
	}
	not := regexp.MustCompile(`\A(?:` + parts[1] + `)`)
	return func(text string) bool { return whole.MatchString(text) && !not.MatchString(text) }
}

func compileJava(pattern string) *regexp.Regexp {
	pattern = javaUnicode.ReplaceAllString(javaSpelling.Replace(pattern), `\x{$1}`)
	return regexp.MustCompile(`\A(?:` + pattern + `)\z`)
}
