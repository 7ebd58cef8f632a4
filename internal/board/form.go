package board

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"stormbus/internal/cron"
)

// Each form says what is wrong with a text, in words that follow "is not
// legal: ", or "" if nothing is.

const maxName = 128 // characters of a detail-type, and so of every name

// itemName is the form of names: short, printable, and with a letter or a digit
// in it, because folders and modules are named after them.
func itemName(s string) string {
	switch {
	case s == "":
		return "it is empty"
	case utf8.RuneCountInString(s) > maxName:
		return "it is longer than " + strconv.Itoa(maxName) + " characters"
	case strings.TrimSpace(s) != s:
		return "it begins or ends with a space"
	case slices.Contains(trapWords, strings.ToLower(s)):
		return "some readers of YAML take it for a truth value or for nothing; choose another name"
	case Slug(s) == "":
		return "it has no letter or digit of the ASCII alphabet, so no folder can be named after it"
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return "it has a character that cannot be printed"
		}
	}
	return ""
}

// eventName is the form of event names, which become detail-types.
func eventName(s string) string { return itemName(s) }

var ruleNameForm = regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`)

// ruleName is the form of reaction names, which become names of rules.
func ruleName(s string) string {
	if wrong := itemName(s); wrong != "" {
		return wrong
	}
	if !ruleNameForm.MatchString(s) {
		return "a rule is named after it, so it has letters, digits and .-_ only, at most 64"
	}
	return ""
}

// slugForm is the form of a system's name.
func slugForm(s string) string {
	if s == "" || Slug(s) != s {
		return "it has small letters, digits and single hyphens only, as in " + quote(orElse(Slug(s), "cinema"))
	}
	return ""
}

var busNameForm = regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,256}$`)

func busForm(s string) string {
	if !busNameForm.MatchString(s) {
		return "the name of a bus has letters, digits and .-_ only, at most 256"
	}
	return ""
}

const servicePlace = "{service}"

func sourceForm(s string) string {
	switch rest := strings.Replace(s, servicePlace, "", 1); {
	case rest == s:
		return "it lacks the place for the service's name, " + servicePlace
	case strings.ContainsAny(rest, "{}"):
		return "it has braces beside those of " + servicePlace
	case strings.HasPrefix(s, "aws."):
		return "sources that begin with aws. are AWS's own"
	}
	return ""
}

var routePattern = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) (/|(/([A-Za-z0-9._~-]+|\{[A-Za-z_][A-Za-z0-9_]*\+?\}))+)$`)

func routeForm(s string) string {
	if !routePattern.MatchString(s) {
		return `it is a method and a path, as in "POST /tickets/{id}/scan"`
	}
	return ""
}

func scheduleForm(s string) string {
	if _, err := cron.Parse(s, cron.Options{}); err != nil {
		return `it is a rate or a cron expression, as in "rate(5 minutes)" or "cron(0 18 ? * MON-FRI *)"`
	}
	return ""
}

// maxAttempts is the largest number of retries that a target may have.
const maxAttempts = 185

func attemptsForm(s string) string {
	if n, err := strconv.Atoi(s); err != nil || n > maxAttempts {
		return "at most " + strconv.Itoa(maxAttempts) + " retries are made"
	}
	return ""
}

func ageForm(s string) string {
	if d, err := time.ParseDuration(s); err != nil || d < time.Minute || d > 24*time.Hour || d%time.Second != 0 {
		return "it is a time from 1m to 24h, as in 90m"
	}
	return ""
}

var ruleIDPattern = regexp.MustCompile(`^[A-Z]{3}-[0-9]{1,2}$`)

func ruleIDForm(s string) string {
	if !ruleIDPattern.MatchString(s) {
		return "it is the id of a rule, as in DED-1"
	}
	return ""
}

func dateForm(s string) string {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return `it is a day, as in "2025-01-14"`
	}
	return ""
}

func stepForm(s string) string {
	if n, err := strconv.Atoi(s); err != nil || n < 1 || n > 8 {
		return "there are steps 1 to 8"
	}
	return ""
}

var fieldNameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

func fieldForm(s string) string {
	if !fieldNameForm.MatchString(s) {
		return "a field has letters, digits and _ only, and begins with no digit"
	}
	return ""
}

// pathForm is the form of files beside the board: below its folder, whatever
// the system's separator.
func pathForm(s string) string {
	if s == "" || strings.HasPrefix(s, "/") || strings.ContainsAny(s, "\\:\x00") || slices.Contains(strings.Split(s, "/"), "..") {
		return "it is the path of a file below the board's folder, with /"
	}
	return ""
}

// Slug is the name of the folder, module or resource that is named after a
// name: small letters and digits, with single hyphens between words.
// "Box Office" and "BoxOffice" both are "box-office". It is empty if the name
// has neither ASCII letters nor digits.
func Slug(name string) string {
	var b strings.Builder
	var last rune // what a letter must look back at
	for i, r := range name {
		switch {
		case r > unicode.MaxASCII || r == '\'':
			continue // as if it were not there
		case isUpper(r):
			if isLowerOrDigit(last) || isUpper(last) && nextIsLower(name[i+1:]) {
				b.WriteByte('-')
			}
			b.WriteRune(r + 'a' - 'A')
		case isLowerOrDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
		last = r
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' })
	return strings.Join(words, "-")
}

func isLowerOrDigit(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }
func isUpper(r rune) bool        { return r >= 'A' && r <= 'Z' }

func nextIsLower(rest string) bool { return rest != "" && rest[0] >= 'a' && rest[0] <= 'z' }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
