package wire

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"stormbus/internal/shape"
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
	// parameters and headers are required members of the input. Where several
	// operations have the same path, they tell them apart.
	parameters, headers []string
	op                  *operation
}

// route is an operation that was found, with the values of its labels.
type route struct {
	op     *operation
	labels map[string]string
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
	l.require(op)
	t.leaves = append(t.leaves, l)
	// The more a leaf demands, the earlier it is asked.
	slices.SortStableFunc(t.leaves, func(a, b leaf) int {
		return cmp.Or(len(b.query)-len(a.query), b.required()-a.required())
	})
	return nil
}

// require notes which members of the input must be in the query string and in
// headers.
func (l *leaf) require(op *operation) {
	in := op.service.model.Shape(op.model.Input)
	if in == nil {
		return
	}
	for i := range in.Members {
		switch m := &in.Members[i]; {
		case !m.Required:
		case m.Location == shape.QueryString:
			l.parameters = append(l.parameters, m.Wire())
		case m.Location == shape.Header:
			l.headers = append(l.headers, m.Wire())
		}
	}
}

func (l *leaf) required() int { return len(l.parameters) + len(l.headers) }

// hasRequired reports whether all that l requires is there.
func (l *leaf) hasRequired(r *http.Request, query url.Values) bool {
	return !slices.ContainsFunc(l.parameters, func(name string) bool { return !query.Has(name) }) &&
		!slices.ContainsFunc(l.headers, func(name string) bool { return r.Header.Get(name) == "" })
}

// keySegments splits a path of S3, in which every slash of a key counts.
func keySegments(path string) []string {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil
	}
	bucket, key, _ := strings.Cut(path, "/")
	if key == "" {
		return []string{bucket}
	}
	return append([]string{bucket}, strings.Split(key, "/")...)
}

// segments splits a path. A slash at its end makes no difference.
func segments(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// find returns the operation that r asks for at a path, and the values of its
// labels. The zero route is none.
func (t *routes) find(r *http.Request, path []string) route {
	l, values := t.match(r, path, nil)
	if l == nil {
		return route{}
	}
	labels := make(map[string]string, len(values))
	for i, name := range l.labels {
		value, err := url.PathUnescape(values[i])
		if err != nil {
			return route{}
		}
		labels[name] = value
	}
	return route{l.op, labels}
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

// leafFor returns the leaf for the request's method and query. What the path
// template itself demands goes first. If every such leaf requires more that is
// not there, it is the one that requires least: its operation tells what is
// missing.
func (t *routes) leafFor(r *http.Request) *leaf {
	var query url.Values
	var least *leaf
	for i := range t.leaves {
		l := &t.leaves[i]
		if l.method != r.Method {
			continue
		}
		if least != nil && len(l.query) < len(least.query) {
			break
		}
		if query == nil && (len(l.query) > 0 || len(l.parameters) > 0) {
			query = r.URL.Query()
		}
		if !hasAll(query, l.query) {
			continue
		}
		if l.hasRequired(r, query) {
			return l
		}
		least = l
	}
	return least
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
