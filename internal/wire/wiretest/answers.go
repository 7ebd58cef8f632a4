package wiretest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// parseAnswer reads a body so that its values can be referred to; it is nil if
// the body is neither JSON nor XML. Of XML it is what the outermost element holds.
func parseAnswer(body []byte) any {
	var answer any
	if json.Unmarshal(body, &answer) == nil {
		return answer
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := d.Token()
		if err != nil {
			return nil
		}
		if _, ok := token.(xml.StartElement); ok {
			if answer, err = parseElement(d); err != nil {
				return nil
			}
			return answer
		}
	}
}

// parseElement reads up to the end of an element: its text, or its children by
// name. Each child is a list, of one mostly: see step.
func parseElement(d *xml.Decoder) (any, error) {
	children := map[string]any{}
	var text strings.Builder
	for {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.CharData:
			text.Write(token)
		case xml.StartElement:
			child, err := parseElement(d)
			if err != nil {
				return nil, err
			}
			list, _ := children[token.Name.Local].([]any)
			children[token.Name.Local] = append(list, child)
		case xml.EndElement:
			if len(children) == 0 {
				return text.String(), nil
			}
			return children, nil
		}
	}
}

var (
	reference  = regexp.MustCompile(`\$\{([^}]*)\}`)
	repetition = regexp.MustCompile(`^(\d+)\*(.*)$`)
)

// substitute puts in what was answered earlier.
func substitute(text string, answers map[string]any) (string, error) {
	escape := func(s string) string { return s }
	if strings.Contains(text, "application/x-www-form-urlencoded") {
		escape = url.QueryEscape
	}
	var problem error
	out := reference.ReplaceAllStringFunc(text, func(ref string) string {
		path := ref[2 : len(ref)-1]
		if m := repetition.FindStringSubmatch(path); m != nil {
			n, err := strconv.Atoi(m[1])
			problem = errors.Join(problem, err)
			return strings.Repeat(m[2], n)
		}
		v, ok := look(answers, path)
		if !ok {
			problem = fmt.Errorf("%s was not answered before", ref)
			return ref
		}
		return escape(fmt.Sprint(v))
	})
	return out, problem
}

// look follows a path of names and numbers. A name means the only element of a
// list, as XML has them.
func look(answers map[string]any, path string) (v any, ok bool) {
	v = answers
	for name := range strings.SplitSeq(path, ".") {
		if v, ok = step(v, name); !ok {
			return nil, false
		}
	}
	if list, isList := v.([]any); isList && len(list) == 1 {
		v = list[0]
	}
	return v, true
}

func step(v any, name string) (any, bool) {
	switch in := v.(type) {
	case map[string]any:
		v, ok := in[name]
		return v, ok
	case []any:
		if i, err := strconv.Atoi(name); err == nil {
			if i < 0 || i >= len(in) {
				return nil, false
			}
			return in[i], true
		}
		if len(in) == 1 {
			return step(in[0], name)
		}
	}
	return nil, false
}
