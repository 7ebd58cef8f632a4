package console_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"stormbus/internal/console"
	"stormbus/internal/store"
)

// withStore returns a console that shows a store on disk, and where its data is.
func withStore(t *testing.T) (h http.Handler, data string, said *strings.Builder) {
	t.Helper()
	data, said = t.TempDir(), &strings.Builder{}
	db, err := store.Open(filepath.Join(data, "store"), store.Options{Partitions: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return console.New(console.Config{
		Lineage: trees{}, Events: &log{}, Store: db, DataDir: data,
		Logger: slog.New(slog.NewTextHandler(said, nil)), Done: t.Context().Done(),
	}), data, said
}

func TestStoreStats(t *testing.T) {
	t.Parallel()
	h, data, _ := withStore(t)
	for asked, status := range map[string]int{data: 200, filepath.Join(data, ".", "store", ".."): 200, t.TempDir(): 409, "": 409} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_stormbus/api/store/stats?data="+asked, nil))
		if w.Code != status {
			t.Errorf("stats of %q: HTTP %d %s, want %d", asked, w.Code, w.Body, status)
		}
		var st store.Stats
		if err := json.Unmarshal(w.Body.Bytes(), &st); status == 200 && (err != nil || len(st.Parts) != 2) {
			t.Errorf("statistics %s: %v", w.Body, err)
		}
	}
}

func TestStoreBackup(t *testing.T) {
	t.Parallel()
	h, data, _ := withStore(t)
	free := filepath.Join(t.TempDir(), "backup")
	taken := t.TempDir()
	file := filepath.Join(taken, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	body := func(data, to string) string {
		b, err := json.Marshal(console.Backup{Data: data, To: to})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for name, tc := range map[string]struct {
		method, from, body, header string
		status                     int
		want                       string
	}{
		"from elsewhere":      {from: "192.0.2.1:4000", body: body(data, free), status: 403, want: "on the machine of the server"},
		"through a proxy":     {header: "X-Forwarded-For", body: body(data, free), status: 403, want: "on the machine of the server"},
		"through a new proxy": {header: "Forwarded", body: body(data, free), status: 403, want: "on the machine of the server"},
		"no address":          {from: "nowhere", body: body(data, free), status: 403, want: "on the machine of the server"},
		"no JSON":             {body: "{", status: 400, want: "absolute paths"},
		"too long":            {body: body(data, "/"+strings.Repeat("x", 1<<20)), status: 400, want: "absolute paths"},
		"relative":            {body: body(data, "backup"), status: 400, want: "absolute paths"},
		"other data":          {body: body(taken, free), status: 409, want: "this server keeps its data in "},
		"taken":               {body: body(data, taken), status: 409, want: "exists already"},
		"not asked for":       {method: http.MethodGet, status: 404, want: "there is nothing at"},
		"nowhere to write":    {body: body(data, filepath.Join(file, "backup")), status: 500, want: "the store could not be copied"},
	} {
		if tc.method == "" {
			tc.method = http.MethodPost
		}
		r := httptest.NewRequest(tc.method, "/_stormbus/api/store/backup", strings.NewReader(tc.body))
		r.RemoteAddr = "127.0.0.1:4000"
		if tc.from != "" {
			r.RemoteAddr = tc.from
		}
		if tc.header != "" {
			r.Header.Set(tc.header, "for=192.0.2.1")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tc.status || !strings.Contains(w.Body.String(), tc.want) {
			t.Errorf("%s: HTTP %d %s, want %d %q", name, w.Code, w.Body, tc.status, tc.want)
		}
		if _, err := os.Stat(free); err == nil {
			t.Fatalf("%s: a backup was made", name)
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/_stormbus/api/store/backup", strings.NewReader(body(data, free)))
	r.RemoteAddr = "[::1]:4000"
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("HTTP %d %s", w.Code, w.Body)
	}
	rep, err := store.Verify(t.Context(), free, store.Offline{})
	if err != nil || rep.Found > 0 || rep.Rows == 0 {
		t.Errorf("Verify of the backup = %+v, %v", rep, err)
	}
}
