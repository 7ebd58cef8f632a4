package pattern

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"
)

// comparable returns the value of a JSON number if it can be compared with
// others: if it is finite and is written with no more precision than a float64
// keeps, that is, if it equals the shortest decimal of its float64. The account
// number 9007199254740993 is not comparable.
//
// Where the shortest decimal has one digit, the closest one with two digits will
// do as well, because that is what Java prints: 4.9e-324 is comparable.
func comparable(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return 0, false
	}
	if isShort(text) {
		return f, true
	}
	var buf [32]byte
	shortest := strconv.AppendFloat(buf[:0], f, 'e', -1, 64)
	if sameDecimal(text, string(shortest)) {
		return f, true
	}
	if bytes.IndexByte(shortest, '.') >= 0 {
		return f, false
	}
	return f, sameDecimal(text, string(strconv.AppendFloat(buf[:0], f, 'e', 1, 64)))
}

// isShort reports whether a number has no exponent and so few digits that a
// float64 keeps them all: up to 15, every decimal is the shortest of its float64.
func isShort(text string) bool {
	digits := 0
	for _, c := range []byte(text) {
		if c == 'e' || c == 'E' {
			return false
		}
		if isDigit(c) {
			digits++
		}
	}
	return digits <= 15
}

// sameDecimal reports whether two JSON numbers have exactly the same value.
func sameDecimal(a, b string) bool {
	negA, intA, fracA, expA := splitNumber(a)
	negB, intB, fracB, expB := splitNumber(b)
	da, pa := significant(intA, fracA, expA)
	db, pb := significant(intB, fracB, expB)
	if da.len() == 0 || db.len() == 0 {
		return da.len() == db.len()
	}
	if negA != negB || pa != pb || da.len() != db.len() {
		return false
	}
	for i := range da.len() {
		if da.at(i) != db.at(i) {
			return false
		}
	}
	return true
}

// splitNumber takes a JSON number apart.
func splitNumber(s string) (negative bool, whole, fraction string, exponent int64) {
	s, negative = strings.CutPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		// A number whose exponent does not fit is zero or not finite; the
		// latter has been refused, and zero needs no exponent.
		exponent, _ = strconv.ParseInt(s[i+1:], 10, 64)
		s = s[:i]
	}
	whole, fraction, _ = strings.Cut(s, ".")
	return negative, whole, fraction, exponent
}

// digits is a run of decimal digits that is interrupted by a point.
type digits struct{ whole, fraction string }

func (d digits) len() int { return len(d.whole) + len(d.fraction) }

func (d digits) at(i int) byte {
	if i < len(d.whole) {
		return d.whole[i]
	}
	return d.fraction[i-len(d.whole)]
}

// significant strips zeros at both ends and returns with the digits the power
// of ten of the first one.
func significant(whole, fraction string, exponent int64) (digits, int64) {
	if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
		n := len(whole)
		whole = strings.TrimRight(whole, "0")
		exponent += int64(n - len(whole))
	}
	power := exponent + int64(len(whole))
	if trimmed := strings.TrimLeft(whole, "0"); trimmed != "" || whole == "" {
		power -= int64(len(whole) - len(trimmed))
		whole = trimmed
	} else {
		power -= int64(len(whole))
		whole = ""
	}
	if whole == "" {
		n := len(fraction)
		fraction = strings.TrimLeft(fraction, "0")
		power -= int64(n - len(fraction))
	}
	return digits{whole, fraction}, power
}

// numberSet holds numbers to be equal to: by text or by value.
type numberSet struct {
	texts  textSet
	values []float64 // sorted
}

func (s *numberSet) add(text string) {
	s.texts.add(text)
	if f, ok := comparable(text); ok {
		i, found := slices.BinarySearch(s.values, f)
		if !found {
			s.values = slices.Insert(s.values, i, f)
		}
	}
}

func (s *numberSet) holds(v *value) bool {
	if v.kind != kindNumber {
		return false
	}
	if s.texts.has(v.text) {
		return true
	}
	f, ok := v.number()
	if !ok {
		return false
	}
	_, found := slices.BinarySearch(s.values, f)
	return found
}
