package deploy_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"stormbus/internal/cli/aws"
)

// functions are the names of all functions.
func (s *server) functions() []string {
	s.tb.Helper()
	var names []string
	for marker := ""; ; {
		var out struct {
			Functions  []struct{ FunctionName string }
			NextMarker string
		}
		path := "/2015-03-31/functions/"
		if marker != "" {
			path += "?Marker=" + marker
		}
		s.rest(&out, path)
		for _, f := range out.Functions {
			names = append(names, f.FunctionName)
		}
		if marker = out.NextMarker; marker == "" {
			return names
		}
	}
}

// rest reads a path of Lambda's; what is not there stays empty.
func (s *server) rest(out any, path string) {
	s.tb.Helper()
	err := s.Client.REST(s.tb.Context(), "lambda", http.MethodGet, path, nil, out)
	if e, ok := errors.AsType[*aws.Error](err); err != nil && !(ok && e.Status == http.StatusNotFound) {
		s.tb.Fatal(err)
	}
}

func text(tb testing.TB, v any) string {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// sorted is a policy with its statements by id: their order says nothing.
func sorted(tb testing.TB, policy string) string {
	tb.Helper()
	if policy == "" {
		return ""
	}
	var p struct{ Statement []map[string]any }
	if err := json.Unmarshal([]byte(policy), &p); err != nil {
		tb.Fatal(err)
	}
	slices.SortFunc(p.Statement, func(a, b map[string]any) int { return strings.Compare(a["Sid"].(string), b["Sid"].(string)) })
	return text(tb, p)
}
