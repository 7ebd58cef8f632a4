package board

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// migrations bring the tree of a file from a version to the next one: the first
// from 0, which is a file that does not say its version, to 1. They keep comments.
var migrations = [Version]func(root *yaml.Node){
	0: fromDraft,
}

// versionKey is the field that says the version of a file's format.
const versionKey = "storm"

// Fix brings a file of an older version, or a draft as people write it in a
// workshop, to the current version, in canonical form. A file that needs nothing of
// that is returned as it is. What Fix cannot mend is told as by [Parse]; so is a file
// of a version that is not known yet.
func Fix(name string, text []byte) ([]byte, error) {
	p := &parser{file: name}
	document := p.load(text)
	untabbed := withoutTabs(text)
	if p.problems.err() != nil && !bytes.Equal(text, untabbed) {
		p = &parser{file: name}
		document = p.load(untabbed)
	} else {
		untabbed = text
	}
	if err := p.problems.err(); err != nil {
		return nil, err
	}
	if document == nil {
		return text, nil // there is nothing yet that could have a version
	}
	root := document.Content[0]
	version := versionOf(root)
	if root.Kind == yaml.MappingNode && version < Version {
		for ; version < Version; version++ {
			migrations[version](root)
		}
		setVersion(root)
	} else if bytes.Equal(text, untabbed) {
		_, err := Parse(name, text)
		return text, err
	}
	p.fixing = true
	p.top(root)
	if err := p.problems.err(); err != nil {
		return nil, err
	}
	fixed := (&File{name: name, document: document, root: root}).Format()
	if _, err := Parse(name, fixed); err != nil {
		return nil, err
	}
	return fixed, nil
}

// versionOf is the version that a file says it has, or 0.
func versionOf(root *yaml.Node) int {
	n := valueOf(root, versionKey)
	if n == nil || isNull(n) {
		return 0
	}
	version, err := strconv.Atoi(n.Value)
	if err != nil {
		return Version // it is no number, which is told as an error
	}
	return version
}

func setVersion(root *yaml.Node) {
	made := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(Version)}
	if valueOf(root, versionKey) != nil {
		setNode(root, versionKey, made)
		return
	}
	root.Content = slices.Insert(root.Content, 0, newText(versionKey), made)
}

// withoutTabs indents with two spaces where there are tabs.
func withoutTabs(text []byte) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	for i, line := range lines {
		rest := strings.TrimLeft(line, " \t")
		lines[i] = strings.ReplaceAll(line[:len(line)-len(rest)], "\t", "  ") + rest
	}
	return []byte(strings.Join(lines, ""))
}

// fromDraft makes maps of sections that are lists: of names, of maps with a name
// each, or of maps of one name to its fields.
func fromDraft(root *yaml.Node) {
	for i := range sections {
		n := valueOf(root, sections[i].name)
		if n == nil || n.Kind != yaml.SequenceNode {
			continue
		}
		made := newMap()
		takeComments(made, n)
		made.Line, made.Column = n.Line, n.Column
		for _, element := range n.Content {
			key, value := named(element)
			if key == nil {
				return // the parser tells that this is no list of names
			}
			made.Content = append(made.Content, key, value)
		}
		*n = *made
	}
}

// named is an element of a list as a name and fields. It is nil if the element has
// no name.
func named(n *yaml.Node) (key, value *yaml.Node) {
	switch {
	case n.Kind == yaml.ScalarNode && !isNull(n):
		return n, newMap()
	case n.Kind != yaml.MappingNode:
		return nil, nil
	}
	if key, name := pairOf(n, "name"); name != nil && name.Kind == yaml.ScalarNode {
		_ = unset(n, "name") // it is there
		name.HeadComment = joined(n.HeadComment, key.HeadComment, name.HeadComment)
		name.FootComment = joined(key.FootComment, name.FootComment)
		n.HeadComment = ""
		return name, n
	}
	if len(n.Content) == 2 {
		key, value := n.Content[0], n.Content[1]
		key.HeadComment = joined(n.HeadComment, key.HeadComment)
		key.FootComment = joined(key.FootComment, n.FootComment)
		return key, value
	}
	return nil, nil
}

// joined are comments one below the other.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), "\n")
}

// version checks that the file is of a version that can be read. What else is
// wrong with a file of a newer one is not for this program to say.
func (p *parser) version(root *yaml.Node) bool {
	n := valueOf(root, versionKey)
	if n == nil || n.Tag != "!!int" || n.Value == strconv.Itoa(Version) {
		return true
	}
	remedy := fmt.Sprintf("this stormbus reads version %d; use a newer stormbus", Version)
	if versionOf(root) < Version {
		remedy = fmt.Sprintf("this stormbus reads version %d; run `stormbus board fix`", Version)
	}
	p.add(n, versionKey, "the version "+n.Value+" of the format is not known", remedy)
	return false
}
