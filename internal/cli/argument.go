package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
)

// standardInput is the argument that stands for it.
const standardInput = "-"

// maxDocument bounds what is read from one file or from standard input.
const maxDocument = 16 << 20

// document reads a JSON document that is given as an argument: the text itself,
// which begins with a bracket; @ and the name of a file; the name of a file; or -
// for standard input. An error has the exit code for usage and names the flag.
func (e Env) document(flag, arg string) ([]byte, error) {
	trimmed := strings.TrimLeft(arg, " \t\r\n")
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		return []byte(arg), nil
	}
	text, err := e.file(strings.TrimPrefix(arg, "@"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, withCode(exitUsage, "%s %s: no such file; want JSON that begins with {, a file, or - for standard input", flag, arg)
	}
	if err != nil {
		return nil, withCode(exitUsage, "%s %s: %w", flag, arg, err)
	}
	return text, nil
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
