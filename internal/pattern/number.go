package pattern

import (
	"bytes"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// comparable returns the value of a JSON number if it can be compared with
// others: if it is finite and is written with no more precision than a float64
// keeps, that is, if it equals the shortest decimal of its float64. The account
// number 9007199254740993 is not comparable.
//
// Where the shortest decimal has one digit, the closest one with two digits will
// do as well, because that is what Java prints: 4.9e-324 is comparable.
func comparable(text string) (float64, bool) {
	if isShort(text) {
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	}
	d, power := significant(splitNumber(text))
	f, ok := value64(text, d, power)
	if !ok {
		return 0, false
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

// What the significant digits of a comparable number may be. The powers of ten
// are those of [significant]: of 0.1, it is 0.
const (
	maxDigits    = 17
	largest      = "17976931348623157"
	largestPower = 309
	normal       = "22250738585072014" // of the least number with all 53 bits
	normalPower  = -307
	leastPower   = -323
)

// value64 returns the float64 of a number that may be comparable, and false for
// one that is not. It never leaves the hard cases to strconv: numbers with many
// digits, or beyond what float64 holds in full, take it so long that an event
// full of them would cost a second.
func value64(text string, d digits, power int64) (float64, bool) {
	switch {
	case d.len() == 0:
		return 0, true
	case d.len() > maxDigits, power < leastPower, power > largestPower, power == largestPower && d.String() > largest:
		return 0, false
	case power > normalPower, power == normalPower && d.String() >= normal:
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	}
	f := tiny(d, power)
	if text[0] == '-' {
		f = -f
	}
	return f, true
}

// fives returns the powers of five that tiny needs, once it needs them.
var fives = sync.OnceValue(func() []*big.Int {
	out := []*big.Int{big.NewInt(1)}
	for len(out) <= maxDigits-leastPower {
		out = append(out, new(big.Int).Mul(out[len(out)-1], big.NewInt(5)))
	}
	return out
})

// tiny returns the float64 of a number that is less than any with all 53 bits: the
// nearest multiple of 2^-1074, the even one if two are equally near.
func tiny(d digits, power int64) float64 {
	n, err := strconv.ParseUint(d.String(), 10, 64)
	if err != nil {
		panic("pattern: tiny wants up to 17 digits: " + err.Error())
	}
	// n times 10^-e is n times 2^(1074-e) times 2^-1074, divided by 5^e.
	e := int64(d.len()) - power
	count := new(big.Int).SetUint64(n)
	count.Lsh(count, uint(1074-e))
	unit := fives()[e]
	rest := new(big.Int)
	count.QuoRem(count, unit, rest)
	bits := count.Uint64()
	if c := rest.Lsh(rest, 1).Cmp(unit); c > 0 || c == 0 && bits&1 == 1 {
		bits++
	}
	return math.Float64frombits(bits)
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
	da, pa := significant(splitNumber(a))
	db, pb := significant(splitNumber(b))
	if da.len() == 0 || db.len() == 0 {
		return da.len() == db.len()
	}
	if a[0] == '-' != (b[0] == '-') || pa != pb || da.len() != db.len() {
		return false
	}
	for i := range da.len() {
		if da.at(i) != db.at(i) {
			return false
		}
	}
	return true
}

// maxExponent is beyond what any number of digits can make up for.
const maxExponent = 1 << 40

// splitNumber takes a JSON number apart, and leaves out its sign.
func splitNumber(s string) (whole, fraction string, exponent int64) {
	s = strings.TrimPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		// One that does not fit is the nearest one that does.
		exponent, _ = strconv.ParseInt(s[i+1:], 10, 64)
		exponent = max(min(exponent, maxExponent), -maxExponent)
		s = s[:i]
	}
	whole, fraction, _ = strings.Cut(s, ".")
	return whole, fraction, exponent
}

// digits is a run of decimal digits that is interrupted by a point.
type digits struct{ whole, fraction string }

func (d digits) len() int { return len(d.whole) + len(d.fraction) }

func (d digits) String() string { return d.whole + d.fraction }

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
