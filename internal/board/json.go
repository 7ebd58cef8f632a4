package board

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"
)

var errNotJSON = errors.New("the value is not JSON")

// fromJSON is a JSON value as a part of a file, with the author's order of
// fields. It does not go through YAML, which reads some texts of JSON otherwise.
func fromJSON(value json.RawMessage) (*yaml.Node, error) {
	if !json.Valid(value) {
		return nil, errNotJSON
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	n, err := nodeFrom(d)
	if err != nil {
		return nil, errNotJSON
	}
	return n, nil
}

// nodeFrom reads one value. At the end of a map or a list it is nil.
func nodeFrom(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	scalar := func(tag, value string) (*yaml.Node, error) {
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: figure(tag, value)}, nil
	}
	switch t := token.(type) {
	case string:
		return newText(t), nil
	case json.Number:
		if strings.ContainsAny(t.String(), ".eE") {
			return scalar("!!float", t.String())
		}
		return scalar("!!int", t.String())
	case bool:
		return scalar("!!bool", map[bool]string{true: "true", false: "false"}[t])
	case nil:
		return scalar("!!null", "null")
	case json.Delim:
		made := newMap()
		switch t {
		case ']', '}':
			return nil, nil
		case '[':
			made.Kind, made.Tag = yaml.SequenceNode, "!!seq"
		}
		for {
			child, err := nodeFrom(d)
			if err != nil || child == nil {
				return made, err
			}
			made.Content = append(made.Content, child)
		}
	}
	return nil, io.ErrUnexpectedEOF
}

// toJSON is a value as JSON, with the author's order of fields.
func toJSON(n *yaml.Node) json.RawMessage { return appendJSON(nil, n) }

func appendJSON(b []byte, n *yaml.Node) []byte {
	switch {
	case n.Kind == yaml.MappingNode:
		b = append(b, '{')
		for i, e := range entries(n) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, quoteJSON(e.key.Value)...)
			b = appendJSON(append(b, ':'), e.value)
		}
		return append(b, '}')
	case n.Kind == yaml.SequenceNode:
		b = append(b, '[')
		for i, element := range n.Content {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, element)
		}
		return append(b, ']')
	case isNull(n):
		return append(b, "null"...)
	case n.Tag != "!!str" && json.Valid([]byte(n.Value)):
		return append(b, n.Value...)
	}
	return append(b, quoteJSON(n.Value)...)
}

// isJSON reports whether [toJSON] of n says all that n says, but for comments: a
// date or a number such as .5 is none of JSON's values.
func isJSON(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode {
		return n.Tag == "!!str" || isNull(n) || json.Valid([]byte(n.Value))
	}
	for _, child := range n.Content {
		if !isJSON(child) {
			return false
		}
	}
	return true
}

// keptPair is a key of a map with its value, as they stand in a file: with their
// comments, and with what JSON cannot say.
type keptPair struct {
	Key   *keptNode `json:"key"`
	Value *keptNode `json:"value"`
}

type keptNode struct {
	Kind    yaml.Kind   `json:"kind"`
	Tag     string      `json:"tag,omitempty"`
	Value   string      `json:"value,omitempty"`
	Head    string      `json:"head,omitempty"`
	Line    string      `json:"line,omitempty"`
	Foot    string      `json:"foot,omitempty"`
	Content []*keptNode `json:"content,omitempty"`
}

// keepPair keeps a pair if JSON would lose something of it, else it is nil.
func keepPair(key, value *yaml.Node) *keptPair {
	if key == nil || !hasComments(key) && !hasComments(value) && isJSON(value) {
		return nil
	}
	return &keptPair{Key: keepNode(key), Value: keepNode(value)}
}

func keepNode(n *yaml.Node) *keptNode {
	k := &keptNode{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Head: n.HeadComment, Line: n.LineComment, Foot: n.FootComment}
	for _, child := range n.Content {
		k.Content = append(k.Content, keepNode(child))
	}
	return k
}

// node is what was kept. A log that was written by hand may lack it.
func (k *keptNode) node() *yaml.Node {
	if k == nil {
		return newMap()
	}
	n := &yaml.Node{Kind: k.Kind, Tag: k.Tag, Value: k.Value, HeadComment: k.Head, LineComment: k.Line, FootComment: k.Foot}
	for _, child := range k.Content {
		n.Content = append(n.Content, child.node())
	}
	return n
}
