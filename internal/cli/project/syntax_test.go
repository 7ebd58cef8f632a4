package project

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/function/python"
	testpython "stormbus/test/python"
)

func sourceOf(name, text string) source {
	return source{path: name, runtime: "python3.12", file: &bundled{path: name, content: []byte(text), digest: sha256.Sum256([]byte(text))}}
}

func TestSyntax(t *testing.T) {
	t.Parallel()
	asked := 0
	interpreter := python.Interpreter{Path: testpython.Any(t), Version: python.Version{Major: 3, Minor: 12}}
	s := &syntax{interpreters: func(context.Context) ([]python.Interpreter, error) {
		asked++
		return []python.Interpreter{interpreter}, nil
	}}
	good := sourceOf("services/a/handlers/good.py", "import nothing_that_is_there\nraise SystemExit('never run')\n")
	sources := []source{
		good,
		sourceOf("services/a/handlers/bad.py", "def handle(event):\n    return (1,\n"),
		sourceOf("services/a/handlers/tab.py", "if True:\n\tx = 1\n        y = 2\n"),
		sourceOf("services/a/handlers/null.py", "x = 1\x00\n"),
		sourceOf("services/a/handlers/latin.py", "x = '\xff'\n"),
		sourceOf("services/a/handlers/deep.py", "x = "+strings.Repeat("(", 5000)+strings.Repeat(")", 5000)+"\n"),
	}
	got, err := s.check(t.Context(), sources)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range sources {
		if p, bad := got[one.path]; bad != (one.path != good.path) {
			t.Errorf("%s: %v", one.path, p)
		}
	}
	// Since Python 3.10 the place is that of the bracket.
	if p := got["services/a/handlers/bad.py"]; p.Line < 2 || p.Column < 1 || !strings.HasPrefix(p.Message, "SyntaxError: ") {
		t.Errorf("problem = %+v", p)
	}
	// What was good is not compiled again; what was bad is.
	before := asked
	if got, err := s.check(t.Context(), []source{good}); err != nil || len(got) != 0 || asked != before {
		t.Errorf("check again = %v, %v, asked %d times more", got, err, asked-before)
	}
	again, err := s.check(t.Context(), sources)
	if diff := cmp.Diff(got, again); err != nil || diff != "" {
		t.Errorf("check again = %v (-first +again):\n%s", err, diff)
	}
}

func TestSyntaxWithoutInterpreter(t *testing.T) {
	t.Parallel()
	bad := sourceOf("a.py", "(")
	s := &syntax{interpreters: func(context.Context) ([]python.Interpreter, error) { return nil, nil }}
	if got, err := s.check(t.Context(), []source{bad}); err != nil || len(got) != 0 {
		t.Errorf("check without interpreter = %v, %v", got, err)
	}
	s.interpreters = func(context.Context) ([]python.Interpreter, error) { return nil, context.Canceled }
	if _, err := s.check(t.Context(), []source{bad}); !errors.Is(err, context.Canceled) {
		t.Errorf("check = %v, want context.Canceled", err)
	}
	s.interpreters = func(context.Context) ([]python.Interpreter, error) {
		return []python.Interpreter{{Path: "/bin/false", Version: python.Version{Major: 3, Minor: 12}}}, nil
	}
	if _, err := s.check(t.Context(), []source{bad}); err == nil {
		t.Error("an interpreter that fails is no error")
	}
}
