package internal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// floor is a storey of the house. Imports point down only.
type floor string

const (
	base     floor = "base"     // imports nothing of ours
	engines  floor = "engines"  // no HTTP, no AWS services; each usable alone
	wire     floor = "wire"     // HTTP and AWS protocols; no domain
	core     floor = "core"     // the product
	services floor = "services" // AWS services, all of one shape
	surfaces floor = "surfaces" // targets, generators, exporters, console
	app      floor = "app"      // puts the pieces together
	cli      floor = "cli"      // one file per verb
	cmd      floor = "cmd"      // the binary
	examples floor = "examples" // whole applications, embedded for the demo
	tests    floor = "tests"    // what tests the whole from outside
)

// below says which floors a floor may import. Packages of one floor do not see
// each other, unless they share a room or stand in sideways.
var below = map[floor][]floor{
	base:     {},
	engines:  {base},
	wire:     {base},
	core:     {base, engines},
	services: {base, engines, wire, core},
	surfaces: {base, engines, wire, core, services},
	app:      {base, engines, wire, core, services, surfaces},
	cli:      {base, engines, wire, core, services, surfaces, app, examples},
	cmd:      {cli},
	examples: {},
	tests:    {base, engines, wire, core, services, surfaces, app, cli, examples, tests},
}

// packages is the plan of the house: every package and its floor. Rooms that
// are planned have their place already; a package that is not here fails.
var packages = map[string]floor{
	"internal/arn":       base,
	"internal/checksum":  base,
	"internal/clock":     base,
	"internal/event":     base,
	"internal/telemetry": base,

	"internal/store":               engines,
	"internal/store/storetest":     engines,
	"internal/pattern":             engines,
	"internal/pattern/patterntest": engines,
	"internal/transform":           engines,
	"internal/cron":                engines,

	"internal/shape":                         wire,
	"internal/shape/apigateway":              wire,
	"internal/shape/apigatewaymanagementapi": wire,
	"internal/shape/apigatewayv2":            wire,
	"internal/shape/catalog":                 wire,
	"internal/shape/cloudformation":          wire,
	"internal/shape/cloudwatch":              wire,
	"internal/shape/cognitoidentity":         wire,
	"internal/shape/cognitoidp":              wire,
	"internal/shape/dynamodb":                wire,
	"internal/shape/dynamodbstreams":         wire,
	"internal/shape/events":                  wire,
	"internal/shape/eventsv2":                wire,
	"internal/shape/iam":                     wire,
	"internal/shape/kinesis":                 wire,
	"internal/shape/kms":                     wire,
	"internal/shape/lambda":                  wire,
	"internal/shape/logs":                    wire,
	"internal/shape/pipes":                   wire,
	"internal/shape/s3":                      wire,
	"internal/shape/scheduler":               wire,
	"internal/shape/schemas":                 wire,
	"internal/shape/secretsmanager":          wire,
	"internal/shape/sns":                     wire,
	"internal/shape/sqs":                     wire,
	"internal/shape/ssm":                     wire,
	"internal/shape/stepfunctions":           wire,
	"internal/shape/sts":                     wire,
	"internal/sigv4":                         wire,
	"internal/wire":                          wire,
	"internal/tlsport":                       wire,
	"internal/wire/wiretest":                 wire,

	"internal/lineage":               core,
	"internal/delivery":              core,
	"internal/delivery/deliverytest": core,
	"internal/bus":                   core,
	"internal/function":              core,
	"internal/function/code":         core,
	"internal/function/python":       core,
	"internal/function/runtimeapi":   core,
	"internal/schema":                core,
	"internal/schema/schematest":     core,
	"internal/board":                 core,
	"internal/board/boardtest":       core,
	"internal/plan":                  core,
	"internal/pinball":               core,

	"internal/svc/apigateway":     services,
	"internal/svc/cloudformation": services,
	"internal/svc/cognito":        services,
	"internal/svc/dynamodb":       services,
	"internal/svc/events":         services,
	"internal/svc/eventsv2":       services,
	"internal/svc/iam":            services,
	"internal/svc/lambda":         services,
	"internal/svc/logs":           services,
	"internal/svc/pipes":          services,
	"internal/svc/s3":             services,
	"internal/svc/scheduler":      services,
	"internal/svc/schemas":        services,
	"internal/svc/sns":            services,
	"internal/svc/sqs":            services,
	"internal/svc/ssm":            services,
	"internal/svc/stepfunctions":  services,
	"internal/svc/sts":            services,

	"internal/target":  surfaces,
	"internal/codegen": surfaces,
	"internal/export":  surfaces,
	"internal/console": surfaces,

	"internal/app":         app,
	"internal/cli":         cli,
	"internal/cli/aws":     cli,
	"internal/cli/deploy":  cli,
	"internal/cli/project": cli,
	"cmd/stormbus":         cmd,

	"examples/cinema": examples,

	"internal":         tests, // this directory: tests of the tree itself
	"test/bench":       tests,
	"test/conformance": tests,
	"test/harness":     tests,
	"test/python":      tests,
	"test/ruler":       tests,
	"test/ruler/bench": tests,
	"test/sim":         tests,
}

// sideways lists, per room, the rooms of its own floor that it may import.
var sideways = map[string][]string{
	"delivery": {"lineage"},
	"bus":      {"lineage", "delivery"},
	"function": {"lineage"},
	"board":    {"schema"},
	"plan":     {"schema", "board"},
	"pinball":  {"schema", "board", "plan", "lineage"},
	"wire":     {"shape", "sigv4"},
}

// owned lists imports from outside that belong to one room.
var owned = []struct{ prefix, room, why string }{
	{"github.com/cockroachdb/", "store", "only store knows what it is built on"},
	{"github.com/nats-io/", "store", "only store knows how it is replicated"},
	{"github.com/spf13/", "cli", "only cli knows how it is called"},
}

const module = "stormbus/"

// listed is what "go list" says of a package.
type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestLayers(t *testing.T) {
	t.Parallel()
	list := goList(t)
	if len(list) == 0 {
		t.Fatal("go list found no packages")
	}
	for _, problem := range check(list) {
		t.Error(problem)
	}
}

// goList describes every package of the module.
func goList(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatalf("go list printed what is not JSON: %v", err)
		}
		all = append(all, p)
	}
}

// check returns one sentence for each import that the plan does not allow.
func check(list []listed) []string {
	var problems []string
	for _, p := range list {
		from := strings.TrimPrefix(p.ImportPath, module)
		if _, ok := packages[from]; !ok {
			problems = append(problems, fmt.Sprintf("%s is not in the plan: give it a floor in the table packages", from))
			continue
		}
		imports := p.Imports
		if isSuite(from) {
			imports = slices.Concat(p.Imports, p.TestImports, p.XTestImports)
		}
		for _, imported := range imports {
			to, ours := strings.CutPrefix(imported, module)
			why := outside(from, imported)
			toFloor := floor("outside")
			if ours {
				why = refuse(from, to)
				toFloor = packages[to]
			}
			if why != "" {
				problems = append(problems, fmt.Sprintf("%s (%s) imports %s (%s): %s", from, packages[from], to, toFloor, why))
			}
		}
	}
	return problems
}

// refuse says why from must not import to, both ours; it is empty if it may.
func refuse(from, to string) string {
	floorFrom, floorTo := packages[from], packages[to]
	switch {
	case floorTo == "":
		return "it is not in the plan"
	case isSuite(to) && !isSuite(from) && floorFrom != tests:
		return "a test suite is for tests only"
	case room(from) == room(to), slices.Contains(below[floorFrom], floorTo):
		return ""
	case floorFrom != floorTo:
		return fmt.Sprintf("%s may import only %v", floorFrom, below[floorFrom])
	case slices.Contains(sideways[room(from)], room(to)):
		return ""
	case floorFrom == services:
		return "services do not see each other: declare a small interface and let app pass the value"
	}
	return "they share a floor, and the table sideways has no such arrow"
}

// outside says why from must not import a package that is not ours.
func outside(from, imported string) string {
	for _, o := range owned {
		if strings.HasPrefix(imported, o.prefix) && room(from) != o.room {
			return o.why
		}
	}
	return ""
}

// room returns the room that a package is in: the part behind internal/, which
// for a service is two names long.
func room(pkg string) string {
	inside, ok := strings.CutPrefix(pkg, "internal/")
	if !ok {
		return pkg
	}
	parts := strings.Split(inside, "/")
	if parts[0] == "svc" && len(parts) > 1 {
		return "svc/" + parts[1]
	}
	return parts[0]
}

// isSuite reports whether a package is the conformance suite or the test
// helper of a room: storetest, deliverytest.
func isSuite(pkg string) bool { return path.Base(pkg) == path.Base(path.Dir(pkg))+"test" }

// TestCheck proves that the check finds what it must find.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, from, to string
		want           []string
	}{
		{name: "down", from: "internal/bus", to: module + "internal/store"},
		{name: "down to the base", from: "internal/cli", to: module + "internal/arn"},
		{name: "the order of the core", from: "internal/bus", to: module + "internal/delivery"},
		{name: "within a room", from: "internal/function", to: module + "internal/function/python"},
		{name: "tables of the wire", from: "internal/wire", to: module + "internal/shape/sqs"},
		{name: "standard library", from: "internal/arn", to: "strings"},
		{name: "owner", from: "internal/store/storetest", to: "github.com/cockroachdb/pebble/v2/vfs"},
		{
			name: "up", from: "internal/delivery", to: module + "internal/svc/sqs",
			want: []string{"internal/delivery (core) imports internal/svc/sqs (services): core may import only [base engines]"},
		},
		{
			name: "against the order", from: "internal/delivery", to: module + "internal/bus",
			want: []string{"internal/delivery (core) imports internal/bus (core): they share a floor, and the table sideways has no such arrow"},
		},
		{
			name: "engine and wire", from: "internal/store", to: module + "internal/wire",
			want: []string{"internal/store (engines) imports internal/wire (wire): engines may import only [base]"},
		},
		{
			name: "core and wire", from: "internal/bus", to: module + "internal/shape/events",
			want: []string{"internal/bus (core) imports internal/shape/events (wire): core may import only [base engines]"},
		},
		{
			name: "two services", from: "internal/svc/events", to: module + "internal/svc/sqs",
			want: []string{"internal/svc/events (services) imports internal/svc/sqs (services): services do not see each other: declare a small interface and let app pass the value"},
		},
		{
			name: "a suite", from: "internal/bus", to: module + "internal/store/storetest",
			want: []string{"internal/bus (core) imports internal/store/storetest (engines): a test suite is for tests only"},
		},
		{
			name: "an owner", from: "internal/bus", to: "github.com/cockroachdb/pebble/v2",
			want: []string{"internal/bus (core) imports github.com/cockroachdb/pebble/v2 (outside): only store knows what it is built on"},
		},
		{
			name: "not in the plan", from: "internal/util", to: "strings",
			want: []string{"internal/util is not in the plan: give it a floor in the table packages"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := check([]listed{{ImportPath: module + tc.from, Imports: []string{tc.to}}})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("check(%s imports %s) (-want +got):\n%s", tc.from, tc.to, diff)
			}
		})
	}
}
