package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Errors that concern the document and not a pattern. [Pattern.Eval] and
// [Snapshot.Match] return them, possibly wrapped.
var (
	// ErrNotObject says that the document is JSON but not an object.
	ErrNotObject = errors.New("event is not a JSON object")
	// ErrBadJSON says that the document is not JSON.
	ErrBadJSON = errors.New("event is not valid JSON")
	// ErrTooDeep says that the document is nested deeper than [MaxDepth].
	ErrTooDeep = errors.New("event is nested too deep")
)

// ErrUndecided says that the step budget was used up before it was known
// whether the document matches. Only documents that were made to be slow get
// there.
var ErrUndecided = errors.New("step budget of the pattern used up")

// SyntaxError says why a text is not a pattern. Reason is AWS's wording, without
// the "Event pattern is not valid. Reason: " that the service puts before it.
type SyntaxError struct {
	Reason string
	Line   int    // 1-based; 0 if AWS gives no location with this error
	Col    int    // 1-based, in UTF-16 units, just behind what had been read
	Twice  bool   // AWS repeats the location of this error
	Source string // the pattern, verbatim
}

// Error returns the reason, and below it the location if there is one.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	at := fmt.Sprintf("\n at %s]", location(e.Source, e.Line, e.Col))
	if e.Twice {
		at += at
	}
	return e.Reason + at
}

// location is how a place in a pattern is written, up to the closing bracket.
func location(source string, line, col int) string {
	return fmt.Sprintf(`[Source: (String)%s; line: %d, column: %d`, quoteSource(source), line, col)
}

// maxSource is how much of a pattern AWS repeats in a location, in UTF-16 units.
const maxSource = 500

// quoteSource is how AWS repeats a pattern: verbatim, but for control characters
// other than line breaks, and not to the end of a long one.
func quoteSource(source string) string {
	var b strings.Builder
	units := 0
	b.WriteByte('"')
	for _, r := range source {
		before := units
		units += max(utf16.RuneLen(r), 1)
		switch {
		case before >= maxSource:
		case units > maxSource: // half of a character
			b.WriteByte('?')
		case unicode.IsControl(r) && r != '\n' && r != '\r':
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	if units > maxSource {
		fmt.Fprintf(&b, "[truncated %d chars]", units-maxSource)
	}
	return b.String()
}

// lineColumn turns an offset into a line and a column, both 1-based. A column
// counts UTF-16 units.
func lineColumn(source []byte, offset int) (line, col int) {
	line, col = 1, 1
	for i := 0; i < offset && i < len(source); {
		r, n := utf8.DecodeRune(source[i:])
		switch {
		case r == '\n', r == '\r' && !strings.HasPrefix(string(source[i:min(i+2, len(source))]), "\r\n"):
			line, col = line+1, 1
		case r > 0xFFFF:
			col += 2
		default:
			col++
		}
		i += n
	}
	return line, col
}
