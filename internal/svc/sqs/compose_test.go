package sqs

import "testing"

func TestForbiddenRune(t *testing.T) {
	t.Parallel()
	const long = "abcdefghijklmnopqrstuvwxyz"
	for _, tc := range []struct {
		text string
		want rune
		bad  bool
	}{
		{"\t", 0, false},
		{"\n", 0, false},
		{"\r", 0, false},
		{" ", 0, false},
		{"\x7f", 0, false},
		{"\u0080", 0, false},
		{"ä", 0, false},
		{"世", 0, false},
		{"😀", 0, false},
		{"\uFFFD", 0, false},
		{"\x00", 0, true},
		{"\x01", 1, true},
		{"\x0b", 0x0b, true},
		{"\x1f", 0x1f, true},
		{"\uFFFE", 0xFFFE, true},
		{"\uFFFF", 0xFFFF, true},
		{"\xff", 0xff, true},
		{"\xc3", 0xc3, true},
		{"\x80", 0x80, true},
	} {
		// At any place of the eight bytes that are looked at together.
		for before := range 17 {
			for after := range 17 {
				s := long[:before] + tc.text + long[:after]
				got, bad := forbiddenRune(s)
				if bad != tc.bad || got != tc.want {
					t.Fatalf("forbiddenRune(%q) = %q, %t, want %q, %t", s, got, bad, tc.want, tc.bad)
				}
			}
		}
	}
}
