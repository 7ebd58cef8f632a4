package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"stormbus/internal/pattern"
)

// standardInput is the argument that stands for it.
const standardInput = "-"

// maxDocument bounds what is read from one file or from standard input.
const maxDocument = 16 << 20

// document reads a JSON document that is given as an argument: the text itself,
// which begins with a bracket; @ or file:// and the name of a file; the name of a
// file; or - for standard input. A document that was printed as a JSON string, as
// the AWS CLI prints one field of an answer, is taken out of it. An error has the
// exit code for usage and names the flag.
func (e Env) document(flag, arg string) ([]byte, error) {
	if arg = strings.TrimPrefix(arg, "\uFEFF"); isJSON(arg) {
		return unquoted([]byte(arg)), nil
	}
	text, err := e.file(strings.TrimPrefix(strings.TrimPrefix(arg, "file://"), "@"))
	switch {
	case err == nil:
		return unquoted(text), nil
	case strings.ContainsAny(arg, "{\n"):
		return nil, withCode(exitUsage, "%s %s: is neither JSON nor a file%s", flag, shorten(oneLine(arg)), below(pattern.JSONHint([]byte(arg))))
	case errors.Is(err, fs.ErrNotExist):
		return nil, withCode(exitUsage, "%s %s: no such file; want JSON that begins with {, a file, or - for standard input", flag, arg)
	}
	return nil, withCode(exitUsage, "%s %s: %w", flag, arg, err)
}

// isJSON reports whether an argument is meant as a document and not as the name
// of one.
func isJSON(arg string) bool {
	trimmed := strings.TrimLeft(arg, " \t\r\n")
	return strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, `"{`)
}

// unquoted returns the object that a JSON string holds, and any other text as it
// is.
func unquoted(text []byte) []byte {
	var inner string
	if bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte(`"`)) && json.Unmarshal(text, &inner) == nil && isJSON(inner) {
		return []byte(inner)
	}
	return text
}

// shorten leaves out the end of a long text.
func shorten(text string) string {
	const shown = 60
	if runes := []rune(text); len(runes) > shown {
		return string(runes[:shown]) + "…"
	}
	return text
}

// file reads a file, or standard input. A byte order mark is left out.
func (e Env) file(name string) ([]byte, error) {
	in := e.Stdin
	if name != standardInput {
		f, err := os.Open(name)
		if err != nil {
			return nil, unwrapPath(err)
		}
		defer f.Close()
		in = f
	} else if in == nil {
		return nil, errors.New("there is no standard input")
	}
	text, err := io.ReadAll(io.LimitReader(in, maxDocument+1))
	if err != nil {
		return nil, unwrapPath(err)
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("more than %d MB", maxDocument>>20)
	}
	return bytes.TrimPrefix(text, []byte("\uFEFF")), nil
}

// unwrapPath leaves out the path of an error, where the message names it already.
func unwrapPath(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}
