package wiretest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"stormbus/internal/wire/wiretest"
)

// echo answers with what it was asked.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("X-Amzn-Requestid", "hidden")
	w.Header().Set("X-Asked", r.Method+" "+r.Host+r.URL.String()+" "+r.Header.Get("X-Sent"))
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(body)
})

func TestRun(t *testing.T) {
	t.Parallel()
	wiretest.Run(t, echo, "testdata/*.txtar")
}

func TestTranscript(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want, problem string }{
		{
			name: "hidden and redacted",
			in: "-- a.request --\nPOST /x?y\nX-Sent: 1-5759e988-bd862e3fe1be46a994272793\n\n" +
				`{"id":"8e3c0b7a-6f0e-4d5e-9d53-0d6f4a9a3c11","at":"2026-11-23T10:00:00Z"}` + "\n",
			want: "202\nX-Asked: POST localhost:4566http://localhost:4566/x?y <trace>\n\n" +
				"{\n  \"id\": \"<uuid>\",\n  \"at\": \"<time>\"\n}\n",
		},
		{
			name: "earlier answers",
			in: "-- a.request --\nPOST /\n\n{\"list\":[{\"x\":7}]}\n" +
				"-- b.request --\nPOST /${a.list.0.x}\n\n${a.list.0.x}\n",
			want: "202\nX-Asked: POST localhost:4566http://localhost:4566/7 \n\n7\n",
		},
		{
			name: "earlier answers in XML, in a form",
			in: "-- a.request --\nPOST /\n\n<R><x>7</x><m><h>a+b</h></m><m><h>c</h></m></R>\n" +
				"-- b.request --\nPOST /\nContent-Type: application/x-www-form-urlencoded\n\nx=${a.x}&h=${a.m.0.h}&i=${a.m.1.h}&n=${3*ab}\n",
			want: "202\nX-Asked: POST localhost:4566http://localhost:4566/ \n\nx=7&h=a%2Bb&i=c&n=ababab\n",
		},
		{name: "one of many", in: "-- a.request --\nPOST /\n\n<R><m><h>1</h></m><m/></R>\n-- b.request --\nGET /${a.m.h}\n", problem: "${a.m.h} was not"},
		{name: "unknown reference", in: "-- a.request --\nGET /${b.x}\n", problem: "${b.x} was not answered before"},
		{name: "no path", in: "-- a.request --\nGET\n", problem: "want a method and a path"},
		{name: "no header", in: "-- a.request --\nGET /\nfoo\n", problem: "want a header"},
		{name: "other file", in: "-- a --\n", problem: "neither a .request nor a .response"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, problems := wiretest.Transcript(echo, txtar.Parse([]byte(test.in)))
			if all := strings.Join(problems, "\n"); (test.problem == "") != (all == "") || !strings.Contains(all, test.problem) {
				t.Fatalf("problems %q, want %q", all, test.problem)
			}
			if test.problem != "" {
				return
			}
			if diff := cmp.Diff(test.want, string(got.Files[len(got.Files)-1].Data)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
