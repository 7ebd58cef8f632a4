package board

import (
	"slices"
	"strings"
)

// irregular are past participles that do not end in -ed.
var irregular = []string{
	"begun", "bought", "broken", "brought", "built", "chosen", "cut", "done", "drawn", "driven", "fallen", "found", "given", "gone",
	"grown", "held", "hidden", "hit", "kept", "known", "laid", "left", "lent", "lost", "made", "met", "overdue", "overrun", "paid",
	"put", "read", "reset", "run", "seen", "sent", "set", "shown", "shut", "sold", "spent", "split", "spoken", "stolen", "sunk",
	"taken", "taught", "thrown", "told", "understood", "undone", "withdrawn", "won", "worn", "written",
}

// IsPast reports whether a name has a word in the past tense, as events have.
func IsPast(name string) bool {
	for word := range strings.SplitSeq(Slug(name), "-") {
		if strings.HasSuffix(word, "ed") && len(word) > 3 || slices.Contains(irregular, word) {
			return true
		}
	}
	return false
}
