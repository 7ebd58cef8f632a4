package board

import (
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// width is how many columns a map or list in one line may reach.
const width = 100

// Format returns the file in the one canonical form: sections and fields in the
// order of the grammar, items by name, one blank line between sections, and
// every comment where it was. Formatting twice is the same as once.
//
// Items of sections that several people change at once have one field per line;
// other maps and lists take one line where they fit and have neither comments
// nor texts for people in them.
func (f *File) Format() []byte {
	w := &writer{}
	if f.root == nil { // nothing but comments
		for line := range strings.SplitSeq(strings.TrimSpace(f.text), "\n") {
			w.comment(0, strings.TrimSpace(line))
		}
	} else {
		w.comment(0, f.document.HeadComment)
		if f.document.HeadComment != "" {
			w.WriteString("\n")
		}
		w.board(f.root)
		if f.document.FootComment != "" {
			w.blank()
			w.comment(0, f.document.FootComment)
		}
	}
	return []byte(w.String())
}

// writer writes a file.
type writer struct{ strings.Builder }

// entry is one key of a map with its value.
type entry struct {
	key, value *yaml.Node
	rule       rule
}

// board writes the sections.
func (w *writer) board(root *yaml.Node) {
	for _, e := range ordered(root, head) {
		w.entry(0, e)
	}
	for i := range sections {
		s := &sections[i]
		key, value := pairOf(root, s.name)
		if key == nil {
			continue
		}
		if w.Len() > 0 {
			w.blank()
		}
		w.section(key, value, s)
	}
}

// blank makes sure that the last line is blank.
func (w *writer) blank() {
	if text := w.String(); !strings.HasSuffix(text, "\n\n") {
		w.WriteString("\n")
	}
}

func (w *writer) section(key, value *yaml.Node, s *section) {
	w.comment(0, key.HeadComment)
	w.WriteString(s.name + ":")
	if isEmpty(value) {
		w.WriteString(" {}")
		w.endOfLine(key, value)
	} else {
		w.endOfLine(key, value)
		items := entries(value)
		slices.SortFunc(items, func(a, b entry) int { return strings.Compare(a.key.Value, b.key.Value) })
		for _, e := range items {
			w.item(e, s)
		}
	}
	w.foot(0, key, value)
}

// item writes one item of a section.
func (w *writer) item(e entry, s *section) {
	e.rule = rule{kind: record, fields: s.fields}
	if s.wide && !isEmpty(e.value) {
		w.block(2, e)
		return
	}
	w.entry(2, e)
}

// entry writes a key and its value, in one line if that fits.
func (w *writer) entry(indent int, e entry) {
	text, fits := flow(e.value, e.rule)
	if e.value.Kind != yaml.ScalarNode {
		used := indent + utf8.RuneCountInString(plain(e.key.Value)) + 2 + utf8.RuneCountInString(text)
		if !isEmpty(e.value) && (!fits || used > width) {
			w.block(indent, e)
			return
		}
	}
	w.comment(indent, e.key.HeadComment)
	w.indent(indent)
	w.WriteString(plain(e.key.Value) + ": " + text)
	w.endOfLine(e.key, e.value)
	w.foot(indent, e.key, e.value)
}

// block writes a key, and its value in the lines below.
func (w *writer) block(indent int, e entry) {
	w.comment(indent, e.key.HeadComment)
	w.indent(indent)
	w.WriteString(plain(e.key.Value) + ":")
	w.endOfLine(e.key, e.value)
	w.below(indent+2, e.value, e.rule)
	w.foot(indent, e.key, e.value)
}

// below writes the entries of a map or the elements of a list.
func (w *writer) below(indent int, n *yaml.Node, r rule) {
	if n.Kind == yaml.MappingNode {
		for _, e := range inOrder(n, r) {
			w.entry(indent, e)
		}
		return
	}
	for _, child := range n.Content {
		w.element(indent, child, r)
	}
}

// element writes an element of a list.
func (w *writer) element(indent int, n *yaml.Node, r rule) {
	w.comment(indent, n.HeadComment)
	w.indent(indent)
	w.WriteString("- ")
	text, fits := flow(n, r)
	if n.Kind == yaml.ScalarNode || isEmpty(n) || fits && indent+2+utf8.RuneCountInString(text) <= width {
		w.WriteString(text)
		w.endOfLine(n)
		w.foot(indent, n)
		return
	}
	// The first line of the element follows the hyphen.
	var inner writer
	inner.below(indent+2, n, r)
	w.WriteString(strings.TrimLeft(inner.String(), " "))
	w.foot(indent, n)
}

func (w *writer) indent(n int) { w.WriteString(strings.Repeat(" ", n)) }

// comment writes the lines of a comment.
func (w *writer) comment(indent int, text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			w.indent(indent)
		}
		w.WriteString(line + "\n")
	}
}

// endOfLine writes what is behind a value in its line, and ends the line.
func (w *writer) endOfLine(nodes ...*yaml.Node) {
	for _, n := range nodes {
		if n.LineComment != "" {
			w.WriteString(" " + strings.ReplaceAll(n.LineComment, "\n", " "))
		}
	}
	w.WriteString("\n")
}

// foot writes the comments after a value. The blank line keeps them from
// becoming the comment of what follows.
func (w *writer) foot(indent int, nodes ...*yaml.Node) {
	for _, n := range nodes {
		if n.FootComment != "" {
			w.comment(indent, n.FootComment)
			w.WriteString("\n")
		}
	}
}

// flow is n in one line. It does not fit if there are comments or texts for
// people in it.
func flow(n *yaml.Node, r rule) (text string, fits bool) {
	if isEmpty(n) && n.Kind != yaml.ScalarNode {
		return map[bool]string{true: "{}", false: "[]"}[n.Kind == yaml.MappingNode], true
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return scalar(n, r), r.kind != prose && r.kind != glossary
	case yaml.SequenceNode:
		return flowList(n, r)
	}
	fits = true
	var parts []string
	for _, e := range inOrder(n, r) {
		inner, ok := flow(e.value, e.rule)
		fits = fits && ok && !hasComments(e.key) && !hasComments(e.value)
		parts = append(parts, plain(e.key.Value)+": "+inner)
	}
	return "{" + strings.Join(parts, ", ") + "}", fits
}

func flowList(n *yaml.Node, r rule) (text string, fits bool) {
	fits = true
	parts := make([]string, len(n.Content))
	for i, child := range n.Content {
		inner, ok := flow(child, r)
		fits = fits && ok && !hasComments(child)
		parts[i] = inner
	}
	return "[" + strings.Join(parts, ", ") + "]", fits
}

// scalar is one value.
func scalar(n *yaml.Node, r rule) string {
	switch {
	case isNull(n) && r.kind == record:
		return "{}"
	case isNull(n):
		return "null"
	case n.Tag != "!!str":
		return figure(n.Tag, n.Value)
	case r.kind == prose || r.kind == glossary:
		return quote(n.Value)
	}
	return plain(n.Value)
}

// inOrder gives the entries of a map in the order of its rule: that of the
// grammar, by name, or the author's.
func inOrder(n *yaml.Node, r rule) []entry {
	switch r.kind {
	case record:
		return ordered(n, r.fields)
	case glossary:
		all := entries(n)
		slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.key.Value, b.key.Value) })
		for i := range all {
			all[i].rule = rule{kind: prose}
		}
		return all
	}
	all := entries(n)
	for i := range all {
		all[i].rule = r
		if r.kind == schema && all[i].key.Value == "about" && all[i].value.Kind == yaml.ScalarNode && childOf(n, "type") != nil {
			all[i].rule = rule{kind: prose}
		}
	}
	return all
}

// ordered gives the entries that have a rule, in the order of the rules.
func ordered(n *yaml.Node, rules []rule) []entry {
	var all []entry
	for _, r := range rules {
		if key, value := pairOf(n, r.name); key != nil {
			all = append(all, entry{key, value, r})
		}
	}
	return all
}

func entries(n *yaml.Node) []entry {
	all := make([]entry, 0, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		all = append(all, entry{key: n.Content[i], value: n.Content[i+1]})
	}
	return all
}

func pairOf(n *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// isEmpty reports whether n is null, {} or [].
func isEmpty(n *yaml.Node) bool { return isNull(n) || n.Kind != yaml.ScalarNode && len(n.Content) == 0 }

// hasComments reports whether there is a comment at n or below.
func hasComments(n *yaml.Node) bool {
	return n.HeadComment != "" || n.LineComment != "" || n.FootComment != "" || slices.ContainsFunc(n.Content, hasComments)
}
