package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // of the script
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path"
	"strings"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/function/python"
)

//go:embed syntax.py
var syntaxScript string

// askTime bounds how long an interpreter may take to answer.
const askTime = 20 * time.Second

// syntax finds the errors in Python files that an interpreter reports when it
// compiles them. What was good once is not compiled again.
type syntax struct {
	// interpreters are those that functions run on; it may wait for them.
	interpreters func(ctx context.Context) ([]python.Interpreter, error)
	good         map[compiled]bool
}

// compiled names a source text and who compiled it.
type compiled struct {
	digest  [sha256.Size]byte
	runtime string
}

// source is one Python file to check.
type source struct {
	path    string // from the project's folder
	runtime string // such as python3.13
	file    *bundled
}

// check returns the errors of sources, by path. A file that no interpreter is
// there for has none.
func (s *syntax) check(ctx context.Context, sources []source) (map[string]Problem, error) {
	batches := map[string][]source{}
	good := make(map[compiled]bool, len(sources))
	for _, one := range sources {
		key := compiled{one.file.digest, one.runtime}
		if s.good[key] {
			good[key] = true
			continue
		}
		batches[one.runtime] = append(batches[one.runtime], one)
	}
	found := map[string]Problem{}
	for runtime, batch := range batches {
		interpreter, err := s.interpreter(ctx, runtime)
		if err != nil {
			return nil, err
		}
		if interpreter == "" {
			continue
		}
		problems, err := compile(ctx, interpreter, batch)
		if err != nil {
			return nil, err
		}
		for _, p := range problems {
			found[p.File] = p
		}
		for _, one := range batch {
			if _, bad := found[one.path]; !bad {
				good[compiled{one.file.digest, runtime}] = true
			}
		}
	}
	s.good = good
	return found, nil
}

// interpreter returns what the functions of a runtime run on; it is empty if
// that is not Python, or not there, which up says itself.
func (s *syntax) interpreter(ctx context.Context, runtime string) (string, error) {
	want, ok := python.ParseName(runtime)
	if !ok {
		return "", nil
	}
	list, err := s.interpreters(ctx)
	if err != nil {
		return "", err
	}
	chosen, err := python.Choose(list, want)
	if errors.Is(err, python.ErrNone) {
		return "", nil
	}
	return chosen.Path, err
}

// compile lets an interpreter compile files, and returns what it complains of.
func compile(ctx context.Context, interpreter string, batch []source) ([]Problem, error) {
	in := make([][2]string, len(batch))
	for i, one := range batch {
		in[i] = [2]string{one.path, base64.StdEncoding.EncodeToString(one.file.content)}
	}
	var rows [][]any
	// Without site packages: nothing but the compiler is needed.
	if err := ask(ctx, interpreter, syntaxScript, in, &rows, "-I", "-S"); err != nil {
		return nil, fmt.Errorf("check the syntax: %w", err)
	}
	return syntaxProblems(rows)
}

// ask runs a script that reads in as JSON, and decodes what it prints into out.
func ask(ctx context.Context, interpreter, script string, in, out any, flags ...string) error {
	sent, err := json.Marshal(in)
	if err != nil {
		return err
	}
	ctx, cancel := clock.WithTimeout(ctx, clock.Real(), askTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, append(flags, "-c", script)...)
	cmd.Stdin = bytes.NewReader(sent)
	var said bytes.Buffer
	cmd.Stderr = &said
	printed, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", interpreter, err, strings.TrimSpace(said.String()))
	}
	if err := json.Unmarshal(printed, out); err != nil {
		return fmt.Errorf("%s answered %q: %w", interpreter, printed, err)
	}
	return nil
}

func syntaxProblems(rows [][]any) ([]Problem, error) {
	problems := make([]Problem, 0, len(rows))
	for _, row := range rows {
		var p Problem
		if len(row) == 5 {
			name, _ := row[0].(string)
			line, _ := row[1].(float64)
			column, _ := row[2].(float64)
			p = Problem{File: path.Clean(name), Line: int(line), Column: int(column), Message: fmt.Sprintf("%s: %s", row[3], row[4])}
		}
		if p.File == "" {
			return nil, fmt.Errorf("check the syntax: the interpreter answered %v", row)
		}
		problems = append(problems, p)
	}
	return problems, nil
}
