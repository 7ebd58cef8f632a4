package schema

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Formats are the formats of strings that are known.
var formatNames = []string{"uuid", "uri", "date-time", "date", "email"}

var (
	uuidForm     = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`)
	uriForm      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*:[^\s]+$`)
	emailForm    = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)
	dateTimeForm = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$`)
)

// knowsFormat reports whether a format of strings is checked.
func knowsFormat(format string) bool { return slices.Contains(formatNames, format) }

// hasFormat reports whether a text is of a format. The generated Python judges
// the same way.
func hasFormat(format, text string) bool {
	switch format {
	case "uuid":
		return uuidForm.MatchString(text)
	case "uri":
		return uriForm.MatchString(text)
	case "email":
		return emailForm.MatchString(text)
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	case "date-time":
		if !dateTimeForm.MatchString(text) {
			return false
		}
		_, err := time.Parse(time.RFC3339, strings.ToUpper(text))
		return err == nil
	}
	return true
}
