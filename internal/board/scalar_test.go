package board

import "testing"

// TestNumbers: numbers are written as every reader of YAML takes them.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want string }{
		{"1", "1"},
		{"-7", "-7"},
		{"+1", "1"},
		{"0x1F", "31"},
		{"0o17", "15"},
		{"0b11", "3"},
		{"1_000", "1000"},
		{"18446744073709551615", "18446744073709551615"},
		{"1.5", "1.5"},
		{"-0.25", "-0.25"},
		{"1e3", "1.0e+3"},
		{"1.5E3", "1.5e+3"},
		{"1e-7", "1.0e-7"},
		{"-1e+21", "-1.0e+21"},
		{".5", "0.5"},
		{"5.", "5.0"},
		{".inf", ".inf"},
		{"-.inf", "-.inf"},
		{".nan", ".nan"},
		{"True", "true"},
		{"FALSE", "false"},
	} {
		text := []byte("events:\n  E:\n    example: {n: " + tt.text + "}\n")
		f := mustParse(t, "storm.yaml", text)
		if got, want := string(f.Format()), "events:\n  E:\n    example: {n: "+tt.want+"}\n"; got != want {
			t.Errorf("%s is written as\n%s\nwant\n%s", tt.text, got, want)
		}
		if tt.text != ".nan" { // is not the same as itself
			checkFormat(t, f, text)
		}
	}
}
