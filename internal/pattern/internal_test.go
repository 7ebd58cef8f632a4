package pattern

import (
	"bytes"
	"math/rand"
	"strconv"
	"testing"
	"unicode"
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

func TestComparable(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"0": true, "-0": true, "0.000": true, "0e400": true, "5": true, "5.00": true, "1e2": true, "100e-2": true,
		"4.9E-324": true, "1.7976931348623157E308": true, "9007199254740992": true, "123456789012345680": true,
		"0.1": true, "0.10000000000000000": true, "1e22": true,
		"9007199254740993": false, "1e309": false, "-1e309": false, "1e-400": false, "1.7976931348623158e308": false,
		"12345678901234567890": false, "0.1000000000000000055511151231257827": false, "499999999999.99997": false,
		"2.0e422": false, "1e99999999999999999999": false,
	} {
		if _, got := comparable(text); got != want {
			t.Errorf("comparable(%s) = %v, want %v", text, got, want)
		}
	}
}
