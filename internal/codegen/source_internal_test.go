package codegen

import (
	"testing"
)

func TestPythonString(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SeatsHeld":     `"SeatsHeld"`,
		`say "hi" \ it`: `"say \x22hi\x22 \\ it"`,
		"a\nb\x00\x7f":  `"a\nb\x00\x7f"`,
		"é🎫\u2028":      `"\u00e9\U0001f3ab\u2028"`,
		"{x} %s":        `"{x} %s"`,
	} {
		if got := pythonString(text); got != want {
			t.Errorf("pythonString(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestDocText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`ends """ here`:       "ends ''' here",
		`\N{DASH} \`:          "/N{DASH} /",
		"two\n  lines\u202ex": "two lines x",
	} {
		if got := docText(text); got != want {
			t.Errorf("docText(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][3]string{ // class, function, field
		"SeatsHeld":  {"SeatsHeld", "seats_held", "seats_held"},
		"seats held": {"SeatsHeld", "seats_held", "seats_held"},
		"HTTPFailed": {"HTTPFailed", "http_failed", "http_failed"},
		"3d":         {"N3d", "n3d", "n3d"},
		"a-b":        {"AB", "a_b", "a_b"},
		"é":          {"N", "", "field"},
		"str":        {"Str", "str", "str_"},
		"model_dump": {"ModelDump", "model_dump", "model_dump_"},
		"__init__":   {"Init", "init", "init"},
	} {
		if got := [3]string{className(name), snake(name), fieldName(name)}; got != want {
			t.Errorf("the names of %q are %q, want %q", name, got, want)
		}
	}
	n := newNames("Any")
	for _, c := range [][2]string{{"Any", "Any_2"}, {"any", "any_3"}, {"class", "class_"}, {"class", "class_2"}, {"None", "None_"}} {
		if got := n.give(c[0]); got != c[1] {
			t.Errorf("give(%s) = %s, want %s", c[0], got, c[1])
		}
	}
}
