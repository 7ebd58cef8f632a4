package pattern

import (
	"bytes"
	"cmp"
	"math"
	"math/big"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf16"
)

// TestSpellings holds what fold.holds relies on: neither spelling of a character
// begins or ends with the other one.
func TestSpellings(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		l, u := lower(r), upper(r)
		if bytes.Equal(l, u) {
			continue
		}
		if bytes.HasPrefix(l, u) || bytes.HasPrefix(u, l) || bytes.HasSuffix(l, u) || bytes.HasSuffix(u, l) {
			t.Errorf("%U: %q and %q overlap", r, l, u)
		}
	}
}

// TestComparePaths holds the order of paths against that of their UTF-16 units.
func TestComparePaths(t *testing.T) {
	t.Parallel()
	const seed = 17
	rnd := rand.New(rand.NewSource(seed))
	path := func() string {
		var b strings.Builder
		for range rnd.Intn(4) {
			b.WriteString([]string{"a", ".", "é", "\uD7FF", "\uE000", "\uFFFD", "😀", "😁", "\U0010FFFF"}[rnd.Intn(9)])
		}
		return b.String()
	}
	for range 20000 {
		a, b := path(), path()
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := comparePaths(a, b); cmp.Compare(got, 0) != want {
			t.Fatalf("seed %d: comparePaths(%q, %q) = %d, want %d", seed, a, b, got, want)
		}
	}
}

// TestShortNumbers holds what isShort says of decimals with up to 15 digits.
func TestShortNumbers(t *testing.T) {
	t.Parallel()
	const seed = 15
	rnd := rand.New(rand.NewSource(seed))
	for range 20000 {
		text := strconv.FormatInt(rnd.Int63n(1_000_000_000_000_000), 10)
		if cut := rnd.Intn(len(text)); cut > 0 {
			text = text[:cut] + "." + text[cut:]
		} else if rnd.Intn(2) == 0 && len(text) < 15 {
			text = "0." + text
		}
		if !isShort(text) {
			t.Fatalf("seed %d: isShort(%s) = false", seed, text)
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Fatal(err)
		}
		if shortest := strconv.FormatFloat(f, 'e', -1, 64); !sameDecimal(text, shortest) {
			t.Errorf("seed %d: %s is not %s", seed, text, shortest)
		}
	}
}

// TestComparableBig compares what is said of random numbers with big decimals: a
// number is comparable if it is the shortest decimal of its float64, or the one
// that Java prints.
func TestComparableBig(t *testing.T) {
	t.Parallel()
	const seed = 16
	rnd := rand.New(rand.NewSource(seed))
	yes := 0
	for range 20000 {
		f := math.Float64frombits(rnd.Uint64())
		switch rnd.Intn(4) {
		case 0:
			f = math.Float64frombits(rnd.Uint64() >> (12 + rnd.Intn(52))) // less than any with all bits
		case 1:
			f = math.Ldexp(float64(rnd.Int63n(1<<53)), 971-rnd.Intn(4)) // the largest
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		text := strconv.FormatFloat(f, []byte("ef")[rnd.Intn(2)], []int{-1, -1, 16, 17, rnd.Intn(20)}[rnd.Intn(5)], 64)
		parsed, err := strconv.ParseFloat(text, 64)
		want := err == nil && !math.IsInf(parsed, 0)
		if want {
			exact, ok := new(big.Rat).SetString(text)
			if !ok {
				t.Fatal(text)
			}
			want = exact.Cmp(rational(t, parsed, -1)) == 0 || len(shortestDigits(parsed)) == 1 && exact.Cmp(rational(t, parsed, 1)) == 0
		}
		got, ok := comparable(text)
		if ok != want || ok && got != parsed {
			t.Errorf("seed %d: comparable(%s) = %v, %v; want %v, %v", seed, text, got, ok, parsed, want)
		}
		if want {
			yes++
		}
	}
	if yes < 2000 {
		t.Errorf("only %d numbers are comparable: the test says little", yes)
	}
}

// rational is the value of a float64 written with so many digits behind the point.
func rational(t *testing.T, f float64, digits int) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'e', digits, 64))
	if !ok {
		t.Fatal(f)
	}
	return r
}

func shortestDigits(f float64) string {
	mantissa, _, _ := strings.Cut(strconv.FormatFloat(math.Abs(f), 'e', -1, 64), "e")
	return strings.Replace(mantissa, ".", "", 1)
}

func TestComparable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0": true, "-0": true, "0.000": true, "0e400": true, "5": true, "5.00": true, "1e2": true, "100e-2": true,
		"4.9E-324": true, "1.7976931348623157E308": true, "9007199254740992": true, "123456789012345680": true,
		"0.1": true, "0.10000000000000000": true, "1e22": true,
		"9007199254740993": false, "1e309": false, "-1e309": false, "1e-400": false, "1.7976931348623158e308": false,
		"12345678901234567890": false, "0.1000000000000000055511151231257827": false, "499999999999.99997": false,
		"2.0e422": false, "1e99999999999999999999": false, "-1e-99999999999999999999": false,
		"0e99999999999999999999": true, "2.2250738585072014e-308": true, "2.2250738585072011e-308": false,
		"-2.225073858507201e-308": true, "2.2250738585072012e-308": false, "1e-310": true, "3e-324": false,
		"1.7976931348623157e308": true, "0.0000000000000000001": true,
	} {
		if _, got := comparable(text); got != want {
			t.Errorf("comparable(%s) = %v, want %v", text, got, want)
		}
	}
}
