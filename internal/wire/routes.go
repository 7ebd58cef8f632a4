package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// routes finds the operation of a REST service by method and path. It is a tree
// of path segments: a constant segment goes before a label, and a label before
// a greedy one.
type routes struct {
	constant map[string]*routes
	label    *routes
	greedy   *routes
	leaves   []leaf
}

// leaf is an operation at the end of a path.
type leaf struct {
	method string
	labels []string   // names of the labels on the way, in order
	query  url.Values // constant query: what the request must have
	op     *operation
}

// add adds an operation by its path template, such as
// /2015-03-31/functions/{FunctionName}/versions.
func (t *routes) add(op *operation) error {
	path, query, _ := strings.Cut(op.model.URI, "?")
	l := leaf{method: op.model.Method, op: op}
	var err error
	if l.query, err = url.ParseQuery(query); err != nil {
		return fmt.Errorf("path %s: %w", op.model.URI, err)
	}
	for _, segment := range segments(path) {
		name, isLabel := strings.CutPrefix(segment, "{")
		if !isLabel {
			if t.constant == nil {
				t.constant = map[string]*routes{}
			}
			if t.constant[segment] == nil {
				t.constant[segment] = &routes{}
			}
			t = t.constant[segment]
			continue
		}
		name, closed := strings.CutSuffix(name, "}")
		name, isGreedy := strings.CutSuffix(name, "+")
		if !closed || name == "" {
			return fmt.Errorf("path %s: segment %q is neither constant nor a label", op.model.URI, segment)
		}
		l.labels = append(l.labels, name)
		next := &t.label
		if isGreedy {
			next = &t.greedy
		}
		if *next == nil {
			*next = &routes{}
		}
		t = *next
	}
	t.leaves = append(t.leaves, l)
	// The more a leaf demands, the earlier it is asked.
	slices.SortStableFunc(t.leaves, func(a, b leaf) int { return len(b.query) - len(a.query) })
	return nil
}

// segments splits a path. A slash at its end makes no difference.
func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// find returns the operation that r asks for and the values of its labels.
func (t *routes) find(r *http.Request) (*operation, map[string]string) {
	l, values := t.match(r, segments(r.URL.EscapedPath()), nil)
	if l == nil {
		return nil, nil
	}
	labels := make(map[string]string, len(values))
	for i, name := range l.labels {
		value, err := url.PathUnescape(values[i])
		if err != nil {
			return nil, nil
		}
		labels[name] = value
	}
	return l.op, labels
}

func (t *routes) match(r *http.Request, path, values []string) (*leaf, []string) {
	if len(path) == 0 {
		return t.leafFor(r), values
	}
	// A constant segment of a template has nothing that would be escaped
	// differently by different clients.
	name, err := url.PathUnescape(path[0])
	if err != nil {
		return nil, nil
	}
	if next := t.constant[name]; next != nil {
		if l, values := next.match(r, path[1:], values); l != nil {
			return l, values
		}
	}
	if t.label != nil && path[0] != "" {
		if l, values := t.label.match(r, path[1:], append(values, path[0])); l != nil {
			return l, values
		}
	}
	if t.greedy != nil {
		for n := 1; n <= len(path); n++ {
			if l, values := t.greedy.match(r, path[n:], append(values, strings.Join(path[:n], "/"))); l != nil {
				return l, values
			}
		}
	}
	return nil, nil
}

// leafFor returns the leaf for the request's method and query.
func (t *routes) leafFor(r *http.Request) *leaf {
	for i := range t.leaves {
		if l := &t.leaves[i]; l.method == r.Method && (len(l.query) == 0 || hasAll(r.URL.Query(), l.query)) {
			return l
		}
	}
	return nil
}

// hasAll reports whether have contains all of want. A name without a value in
// want stands for any value.
func hasAll(have, want url.Values) bool {
	for name, values := range want {
		got, ok := have[name]
		if !ok {
			return false
		}
		for _, v := range values {
			if v != "" && !slices.Contains(got, v) {
				return false
			}
		}
	}
	return true
}
