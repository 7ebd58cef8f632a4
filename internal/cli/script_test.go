package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"stormbus/internal/cli"
	"stormbus/internal/clock"
	"stormbus/internal/lineage"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"stormbus": func() { os.Exit(cli.Main()) }})
}

// TestScripts runs the command line as a person does: each file in
// testdata/script is one session.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"ready": ready, "call": call, "settled": settled, "damage": damage, "await": await, "eventually": eventually, "replace": replace, "json": isJSON,
		},
	})
}

// setUp gives the script free ports as $PORT and $PORT2, and the person's HOME,
// where version managers keep Python interpreters.
func setUp(env *testscript.Env) error {
	for _, name := range []string{"PORT", "PORT2"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return err
		}
		env.Setenv(name, port)
	}
	bin, _, _ := strings.Cut(env.Getenv("PATH"), string(filepath.ListSeparator))
	env.Setenv("BIN", bin) // the directory that holds stormbus and nothing else
	env.Setenv("HOME", os.Getenv("HOME"))
	return nil
}

// ready waits until the server at port $PORT, or at the port that is given, is
// ready.
func ready(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: ready [PORT]")
	}
	port := append(args, ts.Getenv("PORT"))[0]
	give := clock.Real().Now().Add(20 * time.Second)
	for {
		resp, err := http.Get("http://127.0.0.1:" + port + "/_stormbus/health")
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if clock.Real().Now().After(give) {
			ts.Fatalf("the server is not ready: %v", err)
		}
		<-clock.Real().NewTimer(5 * time.Millisecond).C()
	}
}

// call sends one request: call TARGET FILE. Its standard output is the answer,
// and $EVENT_ID the first event's id, if the answer has one.
func call(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: call TARGET FILE")
	}
	body, err := os.Open(ts.MkAbs(args[1]))
	ts.Check(err)
	defer body.Close()
	req, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:"+ts.Getenv("PORT")+"/", body)
	ts.Check(err)
	req.Header.Set("X-Amz-Target", args[0])
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ts.Check(err)
	var published struct{ Entries []struct{ EventId string } }
	if json.Unmarshal(answer, &published) == nil && len(published.Entries) > 0 {
		ts.Setenv("EVENT_ID", published.Entries[0].EventId)
	}
	if failed := resp.StatusCode != http.StatusOK; failed != neg {
		ts.Fatalf("%s: HTTP %s\n%s", args[0], resp.Status, answer)
	}
	fmt.Fprintf(ts.Stdout(), "%s\n", answer)
}

// settled waits until nothing that the event $EVENT_ID caused is pending.
func settled(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: settled")
	}
	url := "http://127.0.0.1:" + ts.Getenv("PORT") + "/_stormbus/api/trace/" + ts.Getenv("EVENT_ID")
	give := clock.Real().Now().Add(20 * time.Second)
	for {
		resp, err := http.Get(url)
		ts.Check(err)
		var tree lineage.Node
		err = json.NewDecoder(resp.Body).Decode(&tree)
		resp.Body.Close()
		ts.Check(err)
		if tree.Done {
			return
		}
		if clock.Real().Now().After(give) {
			ts.Fatalf("the event has not settled: %+v", tree)
		}
		<-clock.Real().NewTimer(5 * time.Millisecond).C()
	}
}

// await asks the server at port $PORT until what it answers fits a pattern:
// await PATTERN PATH [FILE]. With a file it sends that. $EVENT_ID becomes the
// answer's event_id, if it has one.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: await PATTERN PATH [FILE]")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	method, body := http.MethodGet, []byte(nil)
	if len(args) == 3 {
		method = http.MethodPost
		body, err = os.ReadFile(ts.MkAbs(args[2]))
		ts.Check(err)
	}
	give := clock.Real().Now().Add(20 * time.Second)
	for {
		req, err := http.NewRequest(method, "http://127.0.0.1:"+ts.Getenv("PORT")+args[1], bytes.NewReader(body))
		ts.Check(err)
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		ts.Check(err)
		if pattern.Match(answer) {
			var sent struct {
				EventID string `json:"event_id"`
			}
			if json.Unmarshal(answer, &sent) == nil && sent.EventID != "" {
				ts.Setenv("EVENT_ID", sent.EventID)
			}
			return
		}
		if clock.Real().Now().After(give) {
			ts.Fatalf("%s answers %s", args[1], answer)
		}
		<-clock.Real().NewTimer(5 * time.Millisecond).C()
	}
}

// eventually runs a program until it prints what fits a pattern: eventually
// PATTERN PROGRAM [ARG...].
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually PATTERN PROGRAM [ARG...]")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	give := clock.Real().Now().Add(20 * time.Second)
	for {
		err := ts.Exec(args[1], args[2:]...)
		printed := ts.ReadFile("stdout")
		if err == nil && pattern.MatchString(printed) {
			return
		}
		if clock.Real().Now().After(give) {
			ts.Fatalf("%v\n%s", err, printed)
		}
	}
}

// replace changes a file: replace OLD NEW FILE. OLD must be there.
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace OLD NEW FILE")
	}
	text := ts.ReadFile(args[2])
	if !strings.Contains(text, args[0]) {
		ts.Fatalf("%s does not contain %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(strings.ReplaceAll(text, args[0], args[1])), 0o644))
}

// isJSON checks that what was printed last is one JSON document and nothing else, or
// lines of it, each with its kind: json [KIND...].
func isJSON(ts *testscript.TestScript, neg bool, kinds []string) {
	if neg {
		ts.Fatalf("usage: json [KIND...]")
	}
	printed := ts.ReadFile("stdout")
	if len(kinds) == 0 {
		if !json.Valid([]byte(printed)) {
			ts.Fatalf("this is not one JSON document:\n%s", printed)
		}
		return
	}
	var got []string
	for text := range strings.Lines(printed) {
		var line struct{ Kind string }
		ts.Check(json.Unmarshal([]byte(text), &line))
		got = append(got, line.Kind)
	}
	if !slices.Equal(got, kinds) {
		ts.Fatalf("the lines are of kind %v, want %v:\n%s", got, kinds, printed)
	}
}

// damage changes one bit in the first half of the newest file that a pattern
// fits: damage PATTERN.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage PATTERN")
	}
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	slices.Sort(files)
	for _, file := range slices.Backward(files) {
		content, err := os.ReadFile(file)
		ts.Check(err)
		if len(content) < 20 {
			continue
		}
		content[min(40, len(content)/2)] ^= 4
		ts.Check(os.WriteFile(file, content, 0o600))
		return
	}
	ts.Fatalf("no file to damage in %s: %s", args[0], files)
}
