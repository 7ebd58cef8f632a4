package pattern

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// miss is how one value failed one entry.
type miss struct {
	Near
	reason Reason
	weight float64 // how close it came: 0 is not at all, 1 would have held
}

// compare says how a value failed an entry of a clause.
func (b *branches) compare(e listEntry, v *value) miss {
	m := b.compareTest(e.tests[0], v)
	m.Entry = cut(e.raw)
	return m
}

func (b *branches) compareTest(t test, v *value) miss {
	switch t := t.(type) {
	case none:
		return excluded(t, v)
	case isKind:
		return compareKind(valueKind(t), v)
	case *numberSet:
		return compareNumber(t, v)
	case numberRange:
		return compareRange(t, v)
	}
	if v.kind != kindString {
		texts, literal := t.(*textSet)
		alike := sameText(t, v) || literal && strings.EqualFold(texts.list[0], v.show())
		m := wrongType("a string", v, alike)
		if literal && alike {
			m.Text += fmt.Sprintf(": write %s in the pattern, without quotation marks", v.show())
		}
		return m
	}
	switch t := t.(type) {
	case *textSet:
		return b.compareText(t.list[0], string(v.text))
	case edge:
		return compareEdge(t, v)
	case *fold:
		return b.compareFold(t, v)
	case *glob:
		return compareGlob(t, v)
	case network:
		return compareNetwork(t, v)
	}
	return miss{reason: ValueDiffers}
}

// excluded says which part of an anything-but names the value.
func excluded(n none, v *value) miss {
	text := v.show() + " is excluded"
	i := slices.IndexFunc(n, func(t test) bool { return t.holds(v) })
	if e, ok := n[i].(edge); ok {
		text += fmt.Sprintf(" by the %s %s", e.where.noun(), quote(string(e.text)))
	}
	return miss{Near: Near{Hint: HintForbidden, Text: text}, reason: Forbidden, weight: 0.3}
}

// noun names the part in a sentence.
func (w foldWhere) noun() string {
	switch w {
	case foldPrefix:
		return "prefix"
	case foldSuffix:
		return "suffix"
	default:
		return "text"
	}
}

// wrongType says that a value is of another type than an entry wants. Written
// alike are "5" and 5, and "true" and true.
func wrongType(wanted string, v *value, alike bool) miss {
	text := fmt.Sprintf("%s is %s, not %s", v.show(), v.kind.noun(), wanted)
	if v.kind == kindNull {
		text = "null is not " + wanted
	}
	m := miss{Near: Near{Hint: HintType, Text: text}, reason: WrongType, weight: 0.2}
	if alike {
		m.weight = alikeWeight
	}
	return m
}

// alikeWeight is how close a value comes that is written as another type only.
const alikeWeight = 0.7

// noun names a kind of value in a sentence.
func (k valueKind) noun() string {
	switch k {
	case kindString:
		return "a string"
	case kindNumber:
		return "a number"
	case kindTrue, kindFalse:
		return "a boolean"
	default:
		return "null"
	}
}

// sameText reports whether a string test would hold if the value were a string.
func sameText(t test, v *value) bool {
	text := v.text
	if v.kind != kindNumber {
		text = []byte(v.show())
	}
	return t.holds(&value{kind: kindString, text: text})
}

func compareKind(k valueKind, v *value) miss {
	want := value{kind: k}
	if k != kindNull && (v.kind == kindTrue || v.kind == kindFalse) {
		return miss{
			Near:   Near{Hint: HintEdit, Text: fmt.Sprintf("%s is not %s", v.show(), want.show())},
			reason: ValueDiffers, weight: 0.4,
		}
	}
	m := wrongType(k.noun(), v, v.kind == kindString && string(v.text) == want.show())
	return m.orQuoted(v)
}

// orQuoted adds how a pattern asks for a string that looks like another type.
func (m miss) orQuoted(v *value) miss {
	if m.weight == alikeWeight {
		m.Text += fmt.Sprintf(": write %s in the pattern, with quotation marks", v.show())
	}
	return m
}

// compareNumber compares with one number.
func compareNumber(s *numberSet, v *value) miss {
	if m, ok := notComparable(v, s.holds); ok {
		return m.orQuoted(v)
	}
	f, _ := v.number()
	want := s.texts.list[0]
	w, ok := comparable(want)
	if !ok {
		return miss{
			Near:   Near{Hint: HintPrecision, Text: cut(want) + " has more digits than can be compared: only the same text matches"},
			reason: ValueDiffers, weight: 0.1,
		}
	}
	return offBy(v, math.Abs(f-w), fmt.Sprintf("differs from %s by %s", decimal(w), decimal(math.Abs(f-w))))
}

// compareRange says by how much a number lies outside of a range.
func compareRange(r numberRange, v *value) miss {
	if m, ok := notComparable(v, r.holds); ok {
		if m.weight == alikeWeight {
			m.Text += ": numeric does not look into strings"
		}
		return m
	}
	f, _ := v.number()
	switch {
	case r.low == r.high:
		return offBy(v, math.Abs(f-r.low), fmt.Sprintf("differs from %s by %s", decimal(r.low), decimal(math.Abs(f-r.low))))
	case f < r.low:
		return offBy(v, r.low-f, fmt.Sprintf("is %s below %s", decimal(r.low-f), decimal(r.low)))
	case f > r.high:
		return offBy(v, f-r.high, fmt.Sprintf("is %s above %s", decimal(f-r.high), decimal(r.high)))
	}
	return offBy(v, 0, "is the bound itself, which is excluded")
}

func offBy(v *value, distance float64, how string) miss {
	f, _ := v.number()
	if math.IsInf(distance, 0) { // the difference of two numbers need not be one
		distance = math.MaxFloat64
	}
	return miss{
		Near:   Near{Hint: HintNumber, Distance: distance, Text: v.show() + " " + how},
		reason: ValueDiffers, weight: 0.4 + 0.5/(1+distance/max(1, math.Abs(f))),
	}
}

// decimal writes a number for people.
func decimal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// notComparable answers for values that are no numbers or have too many digits.
func notComparable(v *value, holds func(v *value) bool) (miss, bool) {
	if v.kind != kindNumber {
		_, err := strconv.ParseFloat(string(v.text), 64)
		alike := v.kind == kindString && err == nil && holds(&value{kind: kindNumber, text: v.text})
		return wrongType("a number", v, alike), true
	}
	if _, ok := v.number(); ok {
		return miss{}, false
	}
	return miss{
		Near:   Near{Hint: HintPrecision, Text: v.show() + " has more digits than can be compared"},
		reason: WrongType, weight: 0.3,
	}, true
}

// compareText compares two different texts.
func (b *branches) compareText(want, got string) miss {
	m := miss{reason: ValueDiffers}
	m.Text = fmt.Sprintf("%s is not %s", quote(got), quote(want))
	switch {
	case strings.EqualFold(want, got):
		m.Hint, m.weight = HintCase, 0.95
		m.Text = fmt.Sprintf("%s differs from %s in case only", quote(got), quote(want))
	case withoutSpace(want) == withoutSpace(got):
		m.Hint, m.weight = HintSpace, 0.95
		m.Text = fmt.Sprintf("%s differs from %s in white space only", quote(got), quote(want))
	case b.operator(want, got, &m):
	case got == strconv.Quote(want):
		m.Hint, m.weight = HintEdit, 0.9
		m.Distance = 2
		m.Text += ": the value itself has quotation marks, was it encoded as JSON twice?"
	default:
		m.Hint = HintEdit
		n, ok := b.distance(want, got)
		if !ok {
			return b.compareLong(want, got, m)
		}
		m.Distance = float64(n)
		m.weight = 0.9 * (1 - float64(n)/float64(max(len(want), len(got), 1)))
		if n <= fewEdits && 2*n <= max(utf8.RuneCountInString(want), utf8.RuneCountInString(got)) {
			m.Text = fmt.Sprintf("%s differs from %s in %s", quote(got), quote(want), plural(n, "character"))
			if strings.ContainsFunc(want+got, isAccent) {
				m.Text += ": an accent stands as a character of its own, behind its letter"
			}
		}
	}
	m.weight = max(m.weight, 0)
	return m
}

// compareLong says where two texts part that are too long to be compared in any
// other way, and to be shown.
func (b *branches) compareLong(want, got string, m miss) miss {
	n := common([]byte(want), []byte(got), foldWhole)
	if n == 0 || !b.spend(n/64) {
		return m
	}
	m.weight = 0.9 * float64(n) / float64(max(len(want), len(got)))
	m.Text = fmt.Sprintf("the text differs from character %d on: %s, not %s",
		utf8.RuneCountInString(want[:n])+1, rest(got[n:]), rest(want[n:]))
	return m
}

// rest shows what is left of a text.
func rest(text string) string {
	if text == "" {
		return "nothing more"
	}
	return quote(text)
}

// looksRegular says that a text is meant as a regular expression.
var looksRegular = regexp.MustCompile(`^\^|\$$|\.[*+]|\[.+\]|\\[dws]|.\|.`)

// operator reports whether a text would fit as a wildcard or as a regular
// expression, which it is not, and says so.
func (b *branches) operator(want, got string, m *miss) bool {
	if len(want) > maxCompared || len(got) > maxLooked*maxCompared || !b.spend(len(got)) {
		return false
	}
	if g, _, _ := newGlob(want); g != nil && len(g.pieces) > 1 && g.holds(&value{kind: kindString, text: []byte(got)}) {
		m.Hint, m.weight = HintOperator, 0.9
		m.Text += fmt.Sprintf(`: * is a character here, and {"wildcard": %s} matches`, quote(want))
		return true
	}
	if !looksRegular.MatchString(want) || !b.spend(len(want)*len(got)) {
		return false
	}
	r, err := regexp.Compile(want)
	if err != nil || !r.MatchString(got) {
		return false
	}
	m.Hint, m.weight = HintOperator, 0.9
	m.Text += ": patterns have no regular expressions, but prefix, suffix and wildcard"
	return true
}

// isAccent reports whether a character is shown on the one before it.
func isAccent(r rune) bool { return unicode.Is(unicode.Mn, r) }

// fewEdits is up to how many different characters look like a slip.
const fewEdits = 2

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "ch") {
		noun += "e"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// compareEdge says how much of a prefix or a suffix is there.
func compareEdge(e edge, v *value) miss {
	n := common(e.text, v.text, e.where)
	folded := newFold(string(e.text), e.where)
	if folded.holds(&value{kind: kindString, text: v.text}) {
		want := quote(string(e.text))
		text := fmt.Sprintf("%s does not %s with %s: it differs in case, {%q: {%q: %s}} matches",
			v.show(), e.where.verb(), want, e.where.noun(), "equals-ignore-case", want)
		return miss{Near: Near{Hint: HintCase, Text: text}, reason: ValueDiffers, weight: 0.95}
	}
	m := edgeMiss(n, string(e.text), e.where, v)
	if plain := (edge{bytes.Trim(e.text, "*"), e.where}); len(plain.text) < len(e.text) && plain.holds(v) {
		m.Hint, m.weight = HintOperator, 0.9
		m.Text += fmt.Sprintf(": * is a character here, leave it out: {%q: %s}", e.where.noun(), quote(string(plain.text)))
	}
	return m
}

// verb says what a value does that holds.
func (w foldWhere) verb() string {
	if w == foldSuffix {
		return "end"
	}
	return "begin"
}

// edgeMiss says that n bytes of a text are at the edge of a value.
func edgeMiss(n int, text string, where foldWhere, v *value) miss {
	hint, part := HintPrefix, text[:n]
	if where == foldSuffix {
		hint, part = HintSuffix, text[len(text)-n:]
	}
	how := fmt.Sprintf("%s does not %s with %s", v.show(), where.verb(), quote(text))
	if n > 0 {
		how += ", only with " + quote(part)
	}
	return miss{
		Near:   Near{Hint: hint, Distance: float64(utf8.RuneCountInString(part)), Text: how},
		reason: ValueDiffers, weight: 0.1 + 0.8*float64(n)/float64(max(len(text), 1)),
	}
}

// common returns how many bytes of a text are at the edge of another one, in
// whole characters.
func common(text, of []byte, where foldWhere) int {
	n := 0
	for n < len(text) && n < len(of) {
		if where == foldSuffix && text[len(text)-1-n] != of[len(of)-1-n] || where != foldSuffix && text[n] != of[n] {
			break
		}
		n++
	}
	for n > 0 && n < len(text) && !utf8.RuneStart(text[boundary(n, len(text), where)]) {
		n--
	}
	return n
}

// boundary returns the offset of the character that begins where n bytes at the
// edge end.
func boundary(n, size int, where foldWhere) int {
	if where == foldSuffix {
		return size - n
	}
	return n
}

// compareFold compares a value with an operand without regard to case.
func (b *branches) compareFold(f *fold, v *value) miss {
	text := f.text()
	if f.where == foldWhole {
		m := b.compareText(text, string(bytes.ToLower(v.text)))
		m.Text = fmt.Sprintf("%s is not %s in any case", v.show(), quote(text))
		return m
	}
	folded := bytes.ToLower(v.text)
	return edgeMiss(common([]byte(text), folded, f.where), text, f.where, v)
}

// text returns the operand in lower case.
func (f *fold) text() string {
	var out []byte
	for _, c := range f.chars {
		out = append(out, c.lower...)
	}
	return string(out)
}

// compareGlob says where a value leaves a wildcard.
func compareGlob(g *glob, v *value) miss {
	last := len(g.pieces) - 1
	at := 0
	for i, piece := range g.pieces {
		how := ""
		switch {
		case i == 0 && !bytes.HasPrefix(v.text, piece):
			how = "does not begin with " + quote(string(piece))
		case i == 0 && last == 0 && len(piece) < len(v.text):
			how = "goes on behind " + quote(string(piece))
		case i == 0:
			at = len(piece)
		case i == last && (len(v.text)-at < len(piece) || !bytes.HasSuffix(v.text, piece)):
			how = "does not end with " + quote(string(piece)) + behind(v.text, at)
		case i < last && !bytes.Contains(v.text[at:], piece):
			how = "has no " + quote(string(piece)) + behind(v.text, at)
		case i < last:
			at += bytes.Index(v.text[at:], piece) + len(piece)
		}
		if how != "" {
			return miss{
				Near: Near{
					Hint: HintWildcard, Distance: float64(utf8.RuneCount(v.text[:at])),
					Text: v.show() + " " + how,
				},
				reason: ValueDiffers, weight: 0.1 + 0.8*float64(i)/float64(last+1),
			}
		}
	}
	return miss{reason: ValueDiffers}
}

// behind says where the search for a piece of a wildcard began.
func behind(text []byte, at int) string {
	if at == 0 {
		return ""
	}
	return " behind " + quote(string(text[:at]))
}

// compareNetwork says by how many bits an address lies outside of a network.
func compareNetwork(n network, v *value) miss {
	m := miss{reason: ValueDiffers, Near: Near{Hint: HintNetwork}}
	addr, ok := v.address()
	switch {
	case !ok:
		m.Text = v.show() + " is not an IP address"
	case addr.BitLen() != n.Addr().BitLen():
		m.Text = fmt.Sprintf("%s is an address of the other IP version", v.show())
		m.weight = 0.1
	default:
		a, b := n.Addr().AsSlice(), addr.AsSlice()
		same := 0
		for same < n.Bits() && (a[same/8]^b[same/8])>>(7-same%8)&1 == 0 {
			same++
		}
		m.Distance = float64(n.Bits() - same)
		m.Text = fmt.Sprintf("%s is outside: it shares %d of %s", v.show(), same, plural(n.Bits(), "bit"))
		m.weight = 0.2 + 0.6*float64(same)/float64(n.Bits())
	}
	return m
}
