package lambda

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shape "stormbus/internal/shape/lambda"
	"stormbus/internal/store"
	"stormbus/internal/wire"
)

// TestRestartKeepsFunctions: everything about a function survives.
func TestRestartKeepsFunctions(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters, func(in *shape.CreateFunctionInput) {
		in.Tags = map[string]string{"a": "1"}
		in.Environment = &shape.Environment{Variables: map[string]string{"AA": "1"}}
		in.VpcConfig = &shape.VpcConfig{SubnetIds: []string{"subnet-1"}}
	})
	steps := []func() error{
		func() error {
			_, err := h.PutFunctionConcurrency(h.ctx, &shape.PutFunctionConcurrencyInput{FunctionName: new("fn"), ReservedConcurrentExecutions: new(int64(7))})
			return err
		},
		func() error {
			_, err := h.PutFunctionEventInvokeConfig(h.ctx, &shape.PutFunctionEventInvokeConfigInput{FunctionName: new("fn"), MaximumRetryAttempts: new(int64(1))})
			return err
		},
		func() error {
			_, err := h.AddPermission(h.ctx, &shape.AddPermissionInput{FunctionName: new("fn"), StatementId: new("s"), Action: new("lambda:*"), Principal: new("events.amazonaws.com")})
			return err
		},
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
	picture := func() (out []any) {
		t.Helper()
		f, err := h.GetFunction(h.ctx, &shape.GetFunctionInput{FunctionName: new("fn")})
		if err != nil {
			t.Fatal(err)
		}
		c, err := h.GetFunctionEventInvokeConfig(h.ctx, &shape.GetFunctionEventInvokeConfigInput{FunctionName: new("fn")})
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.GetPolicy(h.ctx, &shape.GetPolicyInput{FunctionName: new("fn")})
		if err != nil {
			t.Fatal(err)
		}
		return append(out, f, c, p)
	}
	before := picture()
	h.boot()
	if diff := cmp.Diff(before, picture()); diff != "" {
		t.Errorf("after a restart (-before +after):\n%s", diff)
	}
}

// TestCodeIsACache: the unpacked directory is made anew when it is missing.
func TestCodeIsACache(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	if err := h.code.Keep(func(string) bool { return false }); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn")}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b, err := os.ReadFile(h.awaitRun().spec.CodeDir + "/app.py")
	if err != nil || !strings.HasPrefix(string(b), "def run") {
		t.Errorf("code = %q, %v", b, err)
	}
}

// TestCodeGoesWithItsLastFunction: two functions share a zip file, and what
// nobody has any more is deleted.
func TestCodeGoesWithItsLastFunction(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("a")
	h.create("b")
	f, _ := h.known.get(ref{scope: scope, name: "a"})
	digest, err := store.ParseDigest(f.Code.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	there := func() bool {
		t.Helper()
		r, err := h.store.Blobs().Get(h.ctx, digest, 0, -1)
		if errors.Is(err, fs.ErrNotExist) {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		return r.Close() == nil
	}
	if _, err := h.DeleteFunction(h.ctx, &shape.DeleteFunctionInput{FunctionName: new("a")}); err != nil {
		t.Fatal(err)
	}
	if !there() {
		t.Fatal("the code went with the first of its functions")
	}
	// The same code again is no change.
	if _, err := h.UpdateFunctionCode(h.ctx, &shape.UpdateFunctionCodeInput{FunctionName: new("b"), ZipFile: input(t, "b").Code.ZipFile}); err != nil {
		t.Fatal(err)
	}
	if !there() {
		t.Fatal("the code was lost when it was updated to itself")
	}
	if _, err := h.UpdateFunctionCode(h.ctx, &shape.UpdateFunctionCodeInput{FunctionName: new("b"), ZipFile: zipped(t, "app.py", "")}); err != nil {
		t.Fatal(err)
	}
	if there() {
		t.Error("code that nobody has was kept")
	}
	if _, ok := h.code.Dir(f.Code.SHA256); !ok {
		t.Error("the directory is gone though something may run in it")
	}
	h.boot()
	if _, ok := h.code.Dir(f.Code.SHA256); ok {
		t.Error("the directory was kept over a restart")
	}
}

// TestGenerations: environments are of use until code or settings change.
func TestGenerations(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	revision := func() string {
		t.Helper()
		if _, err := h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn")}); err != nil {
			t.Fatal(err)
		}
		return h.awaitRun().spec.Revision
	}
	first := revision()
	tag := &shape.TagResourceInput{Resource: new(scope.Function("fn", "").String()), Tags: map[string]string{"a": "b"}}
	if _, err := h.TagResource(h.ctx, tag); err != nil {
		t.Fatal(err)
	}
	if got := revision(); got != first || len(h.world.retired) > 0 {
		t.Errorf("revision after a tag = %s, want %s; retired: %v", got, first, h.world.retired)
	}
	if _, err := h.UpdateFunctionConfiguration(h.ctx, &shape.UpdateFunctionConfigurationInput{FunctionName: new("fn"), Timeout: new(int64(7))}); err != nil {
		t.Fatal(err)
	}
	second := revision()
	if second == first || len(h.world.retired) != 1 {
		t.Errorf("revision after another timeout = %s; retired: %v", second, h.world.retired)
	}
	if _, err := h.UpdateFunctionCode(h.ctx, &shape.UpdateFunctionCodeInput{FunctionName: new("fn"), ZipFile: zipped(t, "app.py", "x = 1")}); err != nil {
		t.Fatal(err)
	}
	if got := revision(); got == second || len(h.world.retired) != 2 {
		t.Errorf("revision after other code = %s; retired: %v", got, h.world.retired)
	}
	if _, err := h.DeleteFunction(h.ctx, &shape.DeleteFunctionInput{FunctionName: new("fn")}); err != nil {
		t.Fatal(err)
	}
	h.create("fn")
	if got := revision(); got == first || len(h.world.retired) != 3 {
		t.Errorf("revision of another function of that name = %s; retired: %v", got, h.world.retired)
	}
}

func TestSpec(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *Config) { c.Concurrency = 500 })
	h.create("other")
	if _, err := h.PutFunctionConcurrency(h.ctx, &shape.PutFunctionConcurrencyInput{FunctionName: new("other"), ReservedConcurrentExecutions: new(int64(200))}); err != nil {
		t.Fatal(err)
	}
	h.create("fn", func(in *shape.CreateFunctionInput) {
		in.Timeout, in.MemorySize = new(int64(9)), new(int64(256))
		in.Environment = &shape.Environment{Variables: map[string]string{"AA": "1"}}
		in.LoggingConfig = &shape.LoggingConfig{LogFormat: new(shape.LogFormatJson), ApplicationLogLevel: new("DEBUG")}
	})
	if _, err := h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn"), Qualifier: new(Latest), ClientContext: new("eyJhIjoxfQ==")}); err != nil {
		t.Fatal(err)
	}
	r := h.awaitRun()
	s := r.spec
	if s.Name != "fn" || s.Version != Latest || s.Runtime != "python3.12" || s.Handler != "app.run" || s.Timeout != 9*time.Second || s.MemoryMB != 256 ||
		s.Env["AA"] != "1" || s.LogFormat != "JSON" || s.LogLevel != "DEBUG" || s.Reserved != nil || s.Unreserved != 300 || s.ARN != scope.Function("fn", "") {
		t.Errorf("spec = %+v", s)
	}
	if r.inv.InvokedARN != scope.Function("fn", Latest).String() || r.inv.ClientContext != `{"a":1}` {
		t.Errorf("invocation = %+v", r.inv)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	text := func(n int) []byte { return []byte(`"` + strings.Repeat("x", n-2) + `"`) }
	tests := []struct {
		kind string
		size int
		want string
	}{
		{"RequestResponse", 6291456, ""},
		{"RequestResponse", 6291457, "Request must be smaller than 6291456 bytes for the InvokeFunction operation"},
		{"Event", 1 << 20, ""},
		{"Event", 1<<20 + 1, "Request must be smaller than 1048576 bytes for the InvokeFunction operation"},
	}
	for _, tt := range tests {
		_, err := h.Invoke(h.ctx, &shape.InvokeInput{FunctionName: new("fn"), InvocationType: &tt.kind, Payload: text(tt.size)})
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s of %d bytes: %v", tt.kind, tt.size, err)
			}
			continue
		}
		wantCode(t, err, "RequestEntityTooLargeException", tt.want)
	}
	in := input(t, "large")
	in.Code.ZipFile = make([]byte, 52428801)
	_, err := h.CreateFunction(h.ctx, in)
	wantCode(t, err, "RequestEntityTooLargeException", "Zipped size must be smaller than 52428800 bytes")
}

func TestUnzippedSize(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	in := input(t, "large")
	in.Code.ZipFile = bomb(t, 251)
	_, err := h.CreateFunction(h.ctx, in)
	wantCode(t, err, "InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes")
}

func TestListPages(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var want []string
	for n := range 120 {
		name := fmt.Sprintf("fn-%03d", n)
		h.create(name)
		want = append(want, name)
	}
	other := wire.NewContext(t.Context(), wire.Request{Scope: scopeIn("us-east-1")})
	if _, err := h.CreateFunction(other, input(t, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []*int64{nil, new(int64(7)), new(int64(10000))} {
		var got []string
		in := &shape.ListFunctionsInput{MaxItems: limit}
		for {
			out, err := h.ListFunctions(h.ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range out.Functions {
				got = append(got, *f.FunctionName)
			}
			if in.Marker = out.NextMarker; in.Marker == nil {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("with limit %v: %d functions, want %d in order", limit, len(got), len(want))
		}
	}
}

// TestCreateAtOnce: of many that make the same function, one does.
func TestCreateAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	var all sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		all.Go(func() { _, errs[n] = h.CreateFunction(h.ctx, input(t, "fn")) })
	}
	all.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
			continue
		}
		wantCode(t, err, "ResourceConflictException", "Function already exist: fn")
	}
	if made != 1 {
		t.Errorf("%d functions were made", made)
	}
}

// TestDeletionIsFinished: a crash after a function was deleted leaves a lane
// that is to be forgotten; the next start does that.
func TestDeletionIsFinished(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn", withDeadLetters)
	h.world.answers(raises)
	h.enqueue("fn", "r", "1")
	h.awaitRun()
	f, _ := h.known.get(ref{scope: scope, name: "fn"})
	err := h.store.Update(h.ctx, store.Meta, func(tx store.Tx) error {
		tx.Delete(functionKey(f.ref()))
		tx.Set(goneKey(f.Lane), []byte{rowVersion})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.boot()
	for _, prefix := range []string{gonePrefix, "dlv/"} {
		for _, p := range append(h.store.Parts(), store.Meta) {
			err := h.store.View(h.ctx, p, func(v store.View) error {
				for k := range v.Scan([]byte(prefix), store.PrefixEnd([]byte(prefix))) {
					if bytes.HasPrefix(k, []byte("dlv/")) && len(k) < 16 {
						continue // the engine's own counter
					}
					t.Errorf("row %q is left", k)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestReservedConcurrencyOfLane(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.create("fn")
	f, _ := h.known.get(ref{scope: scope, name: "fn"})
	for reserved, want := range map[int]int{0: 1, 3: 3, 100: DefaultAsyncConcurrency} {
		g := *f
		g.Reserved = &reserved
		if got := h.lane(&g).Concurrency; got != want {
			t.Errorf("concurrency of the lane with %d reserved = %d, want %d", reserved, got, want)
		}
	}
	if got := h.lane(f); got.Concurrency != DefaultAsyncConcurrency || got.Policy.MaxRetries != 2 || got.Policy.MaxAge != 6*time.Hour || got.DeadLetter != nil {
		t.Errorf("lane = %+v", got)
	}
}

func FuzzMarker(f *testing.F) {
	f.Add("")
	f.Add(formatMarker("fn"))
	f.Fuzz(func(t *testing.T, marker string) {
		if after, ok := parseMarker(marker); ok && formatMarker(after) != marker {
			t.Errorf("parseMarker(%q) = %q, which is written %q", marker, after, formatMarker(after))
		}
	})
}

func FuzzResolve(f *testing.F) {
	for _, name := range []string{"fn", "fn:1", "function:fn", "123456789012:function:fn:live", "arn:aws:lambda:eu-west-1:123456789012:function:fn:$LATEST", ":", "arn:aws:sqs:::q"} {
		f.Add(name, "")
		f.Add(name, "1")
	}
	f.Fuzz(func(t *testing.T, name, qualifier string) {
		ctx := wire.NewContext(t.Context(), wire.Request{Scope: scope})
		r, _, err := resolve(ctx, &name, &qualifier)
		if err == nil && (r.name == "" || r.scope.Region != scope.Region || r.scope.Account == "") {
			t.Errorf("resolve(%q, %q) = %+v", name, qualifier, r)
		}
	})
}
