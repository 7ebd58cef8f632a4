package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"stormbus/internal/clock"
	"stormbus/internal/lineage"
	"stormbus/test/harness"
)

const placeOrder = "/2015-03-31/functions/shop-orders-place-order/invocations"

// newProject makes a small project and returns its folder.
func newProject(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "shop")
	if out, err := exec.Command(binary, "new", dir).CombinedOutput(); err != nil {
		b.Fatalf("stormbus new: %v\n%s", err, out)
	}
	return dir
}

// poll asks until good is content with the answer, which it returns.
func poll(b *testing.B, server *harness.Server, path, body string, good func(answer []byte) bool) []byte {
	b.Helper()
	give := time.Now().Add(30 * time.Second)
	for {
		method := http.MethodGet
		if body != "" {
			method = http.MethodPost
		}
		req, err := http.NewRequestWithContext(b.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			b.Fatal(err)
		}
		if good(answer) {
			return answer
		}
		if time.Now().After(give) {
			b.Fatalf("%s: %s\n%s", path, answer, server.Stderr)
		}
		if err := clock.Sleep(b.Context(), clock.Real(), time.Millisecond); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstEvent measures the time from `stormbus new` to the moment at
// which all that the first event caused has ended: a project is made, a server
// started, code generated and deployed, an order placed and a parcel sent.
func BenchmarkFirstEvent(b *testing.B) {
	var took time.Duration
	for b.Loop() {
		begin := time.Now()
		dir := newProject(b)
		server := harness.Start(b, binary, b.TempDir(), dir)
		var placed struct {
			EventID string `json:"event_id"`
		}
		poll(b, server, placeOrder, `{"item": "umbrella"}`, func(answer []byte) bool {
			return json.Unmarshal(answer, &placed) == nil && placed.EventID != ""
		})
		tree := poll(b, server, "/_stormbus/api/trace/"+placed.EventID, "", func(answer []byte) bool {
			var n lineage.Node
			return json.Unmarshal(answer, &n) == nil && n.Done
		})
		took += time.Since(begin)
		if !bytes.Contains(tree, []byte("ParcelSent")) {
			b.Fatalf("no parcel was sent:\n%s", tree)
		}
		server.Kill()
	}
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/first-event")
}

// BenchmarkSave measures the time from saving a handler to the answer of its new
// code, cold start included, and from saving the board to the permission of the
// rule that was renamed on it.
func BenchmarkSave(b *testing.B) {
	for _, bb := range []struct {
		name, file, old, new string // new has the number of the save in it
		path, body, want     string // what is asked, and what its answer has in it
	}{
		{
			name: "handler", file: "services/orders/handlers/place_order.py", old: "    item = request", new: "    return {\"save\": \"%d\"}\n    item = request",
			path: placeOrder, body: `{"item": "umbrella"}`, want: `"save": "%d"`,
		},
		{
			name: "board", file: "storm.yaml", old: "send-on-placed", new: "send-%d",
			path: "/2015-03-31/functions/shop-parcels-send-parcel/policy", want: "rule/shop/send-%d",
		},
	} {
		b.Run(bb.name, func(b *testing.B) {
			dir := newProject(b)
			server := harness.Start(b, binary, b.TempDir(), dir)
			defer server.Kill()
			poll(b, server, placeOrder, `{"item": "umbrella"}`, func(answer []byte) bool { return bytes.Contains(answer, []byte("event_id")) })
			at := filepath.Join(dir, filepath.FromSlash(bb.file))
			text, err := os.ReadFile(at)
			if err != nil {
				b.Fatal(err)
			}
			var took, longest time.Duration
			n := 0
			for b.Loop() {
				n++
				changed := strings.Replace(string(text), bb.old, fmt.Sprintf(bb.new, n), 1)
				begin := time.Now()
				if err := os.WriteFile(at, []byte(changed), 0o644); err != nil {
					b.Fatal(err)
				}
				poll(b, server, bb.path, bb.body, func(answer []byte) bool { return bytes.Contains(answer, fmt.Appendf(nil, bb.want, n)) })
				took += time.Since(begin)
				longest = max(longest, time.Since(begin))
			}
			b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms/live")
			b.ReportMetric(float64(longest.Milliseconds()), "ms/longest")
		})
	}
}
