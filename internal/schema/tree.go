package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxSize is the size in bytes of the largest document that is read, as in
// AWS's schema registry, and ten times over.
const MaxSize = 1 << 20

// maxDepth is how deep a document may be nested.
const maxDepth = 255

// node is one JSON value with its place: encoding/json alone forgets the order
// of members and where they stood.
type node struct {
	value   any // string, json.Number, bool or nil; of an object and an array: '{', '['
	members []member
	items   []*node
	pointer string // RFC 6901
	line    int    // from 1
}

type member struct {
	name  string
	value *node
}

const (
	isObject = json.Delim('{')
	isArray  = json.Delim('[')
)

func (n *node) get(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// wrong is an error at the node.
func (n *node) wrong(format string, args ...any) error {
	return &Fault{Pointer: n.pointer, Line: n.line, Message: fmt.Sprintf(format, args...)}
}

// Fault is what is wrong with a document, and where.
type Fault struct {
	Document string
	Pointer  string // RFC 6901; "" for the whole
	Line     int    // from 1
	Message  string
}

// Error gives the fault in one line, as editors understand it.
func (f *Fault) Error() string {
	where := fmt.Sprintf("%s:%d: ", f.Document, f.Line)
	if f.Pointer != "" {
		where += f.Pointer + ": "
	}
	return where + f.Message
}

type treeReader struct {
	decoder *json.Decoder
	text    []byte
	counted int64 // up to here lines were counted
	line    int
}

// readTree reads the one JSON value of a document.
func readTree(text []byte) (*node, error) {
	r := &treeReader{decoder: json.NewDecoder(bytes.NewReader(text)), text: text, line: 1}
	r.decoder.UseNumber()
	root := &node{line: 1}
	if len(text) > MaxSize {
		return nil, root.wrong("the document has %d bytes, more than %d", len(text), MaxSize)
	}
	if !utf8.Valid(text) {
		return nil, root.wrong("the document is not UTF-8")
	}
	token, err := r.token()
	if err == nil {
		root, err = r.node(token, "", 0)
	}
	if err != nil {
		return nil, err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, (&node{line: r.lineAt(r.decoder.InputOffset())}).wrong("something follows the JSON document")
	}
	return root, nil
}

func (r *treeReader) token() (json.Token, error) {
	token, err := r.decoder.Token()
	if err == nil {
		return token, nil
	}
	at := r.decoder.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = syntax.Offset
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, (&node{line: r.lineAt(at)}).wrong("the JSON ends too early")
	}
	return nil, (&node{line: r.lineAt(at)}).wrong("this is no JSON: %v", err)
}

func (r *treeReader) lineAt(offset int64) int {
	offset = min(offset, int64(len(r.text)))
	if offset > r.counted {
		r.line += bytes.Count(r.text[r.counted:offset], []byte("\n"))
		r.counted = offset
	}
	return r.line
}

func (r *treeReader) node(token json.Token, pointer string, depth int) (*node, error) {
	n := &node{value: token, pointer: pointer, line: r.lineAt(r.decoder.InputOffset())}
	if depth > maxDepth {
		return nil, n.wrong("the document is nested deeper than %d", maxDepth)
	}
	switch token {
	case isObject:
		return n, r.members(n, depth)
	case isArray:
		return n, r.items(n, depth)
	}
	return n, nil
}

func (r *treeReader) members(n *node, depth int) error {
	names := map[string]bool{}
	for {
		token, err := r.token()
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return nil // the closing brace
		}
		if token, err = r.token(); err != nil {
			return err
		}
		value, err := r.node(token, n.pointer+"/"+escape(name), depth+1)
		if err != nil {
			return err
		}
		if names[name] {
			return value.wrong("the name is there twice")
		}
		names[name] = true
		n.members = append(n.members, member{name: name, value: value})
	}
}

func (r *treeReader) items(n *node, depth int) error {
	for {
		token, err := r.token()
		if err != nil {
			return err
		}
		if token == json.Delim(']') {
			return nil
		}
		item, err := r.node(token, fmt.Sprintf("%s/%d", n.pointer, len(n.items)), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

// escape is a name as a token of a JSON pointer.
func escape(name string) string { return pointerEscapes.Replace(name) }
