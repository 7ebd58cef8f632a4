package project

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/clock"
	"stormbus/internal/function/python"
	"stormbus/internal/plan"
	testpython "stormbus/test/python"
)

// first is what is said of the shop in the beginning.
const first = `storm.yaml: 41 files generated, 2 handlers to write (services/orders/handlers/place_order.py, services/parcels/handlers/send_parcel.py), 2 functions created (shop-orders-place-order, shop-parcels-send-parcel), 1 rule created (send-on-placed) (# ms)
  not served yet: 1 route (POST /orders)
`

// shop is a board with two services and a reaction.
const shop = `storm: 1
name: shop
bus: {name: shop, source: "shop.{service}"}

events:
  OrderPlaced:
    at: 10
    by: PlaceOrder
    of: Order
    v: 1
    data: {order_id: uuid, item: string}
  ParcelSent:
    at: 20
    by: SendParcel
    of: Parcel
    v: 1
    data: {parcel_id: uuid, order_id: uuid}

triggers:
  PlaceOrder: {from: Customer, http: "POST /orders"}
  SendParcel: {from: reaction}

reactions:
  send-on-placed:
    when: OrderPlaced
    do: SendParcel

actors:
  Customer: {auth: none}

things:
  Order: {kind: aggregate, key: order_id}
  Parcel: {kind: aggregate, key: parcel_id}

contexts:
  Shipping: {things: [Parcel], team: blue}
  Shop: {things: [Order], team: red, published: [OrderPlaced]}

services:
  orders: {in: Shop, owns: [Order], runtime: python3.12}
  parcels: {in: Shipping, owns: [Parcel], runtime: python3.12}
`

const (
	place = "services/orders/handlers/place_order.py"
	send  = "services/parcels/handlers/send_parcel.py"
)

// fake is a server that only remembers what it was told.
type fake struct {
	fail    error
	applied []string // for each time, what each function got: a digest or "kept"
	has     map[string]string
	rules   map[string]string
}

func (s *fake) apply(_ context.Context, p *plan.Plan, code func(plan.Function) ([]byte, error)) ([]deploy.Change, error) {
	if s.fail != nil {
		return nil, s.fail
	}
	var changes []deploy.Change
	add := func(kind, name, was, is string) {
		action := deploy.Unchanged
		switch {
		case was == "":
			action = deploy.Create
		case was != is:
			action = deploy.Update
		}
		changes = append(changes, deploy.Change{Action: action, Kind: plan.Kind(kind), Name: name})
	}
	var got []string
	for _, f := range p.Functions {
		zipped, err := code(f)
		text := s.has[f.Name]
		switch {
		case err == deploy.ErrKeep && text == "":
			return nil, fmt.Errorf("%s is not there and shall be kept", f.Name)
		case err == deploy.ErrKeep:
		case err != nil:
			return nil, err
		default:
			text = fmt.Sprintf("%x", sha256.Sum256(zipped))
		}
		add("function", f.Name, s.has[f.Name], text)
		s.has[f.Name] = text
		got = append(got, text)
	}
	for _, r := range p.Rules {
		add("rule", r.Name, s.rules[r.Name], r.PatternText())
		s.rules[r.Name] = r.PatternText()
	}
	for _, r := range p.Routes {
		changes = append(changes, deploy.Change{Action: deploy.NotServed, Kind: "route", Name: r.Name})
	}
	s.applied = append(s.applied, strings.Join(got, " "))
	return changes, nil
}

// remove removes the functions of a board; rules have no names of boards.
func (s *fake) remove(_ context.Context, name string) (changes []deploy.Change, err error) {
	for _, function := range slices.Sorted(maps.Keys(s.has)) {
		if strings.HasPrefix(function, name+"-") {
			delete(s.has, function)
			changes = append(changes, deploy.Change{Action: deploy.Delete, Kind: plan.FunctionKind, Name: function})
		}
	}
	return changes, nil
}

// bench is a project that is kept running on a fake server.
type bench struct {
	*Live
	t        *testing.T
	dir      string
	python   []python.Interpreter // none: nothing is checked
	server   *fake
	out, err bytes.Buffer
}

func newBench(t *testing.T, dir string, server *fake) *bench {
	t.Helper()
	p, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: dir, server: server}
	b.Live = New(Config{
		Project: p, Apply: server.apply, Remove: server.remove, Clock: clock.Real(), Out: &b.out, Err: &b.err,
		Exists:       func(_ context.Context, name string) (bool, error) { return server.has[name] != "", nil },
		Interpreters: func(context.Context) ([]python.Interpreter, error) { return b.python, nil },
	})
	return b
}

// withPython lets the bench check what is saved.
func (b *bench) withPython() *bench {
	b.t.Helper()
	b.python = []python.Interpreter{{Path: testpython.Any(b.t), Version: python.Version{Major: 3, Minor: 12}}}
	return b
}

func newShop(t *testing.T) *bench {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string]string{BoardFile: shop})
	b := newBench(t, dir, &fake{has: map[string]string{}, rules: map[string]string{}})
	b.sync()
	return b
}

var (
	stamps  = regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d `)
	lengths = regexp.MustCompile(`\(\d+ ms\)`)
)

// sync looks at the project once, and returns what was said, without times and
// the folder's name: first what was done, then what is wrong.
func (b *bench) sync() string {
	b.t.Helper()
	b.out.Reset()
	b.err.Reset()
	_ = b.Sync(b.t.Context(), b.Clock.Now()) // what is wrong is said
	said := b.out.String() + b.err.String()
	said = strings.ReplaceAll(said, b.dir+string(filepath.Separator), "")
	return lengths.ReplaceAllString(stamps.ReplaceAllString(said, ""), "(# ms)")
}

func (b *bench) expect(what, want string) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.sync()); diff != "" {
		b.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func (b *bench) save(name, text string) {
	b.t.Helper()
	write(b.t, b.dir, map[string]string{name: text})
}

func (b *bench) read(name string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, filepath.FromSlash(name)))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func (b *bench) remove(name string) {
	b.t.Helper()
	if err := os.RemoveAll(filepath.Join(b.dir, filepath.FromSlash(name))); err != nil {
		b.t.Fatal(err)
	}
}

// good is a handler that compiles; no two are the same.
func good(n int) string { return fmt.Sprintf("def handler(event, context):\n    return %d\n", n) }

const bad = "def handler(event, context:\n    return 1\n"

func TestLive(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.expect("nothing was saved", "")
	b.save(place, good(1))
	b.expect("a handler was saved", place+": 1 function updated (shop-orders-place-order) (# ms)\n")
	b.save("services/orders/prices.py", "x = 1\n")
	b.expect("a module was added", "services/orders/prices.py: 1 function updated (shop-orders-place-order) (# ms)\n")
	b.save("services/orders/test_prices.py", "x = 1\n")
	b.expect("a test was added", "")
	b.save(BoardFile, shop+"# a comment\n")
	b.expect("a comment was added", "storm.yaml: nothing to do (# ms)\n")
	b.save(BoardFile, strings.Replace(shop, "    do: SendParcel\n", "    do: SendParcel\n    match: {detail: {item: [book]}}\n", 1))
	b.expect("a match was added", "storm.yaml: 1 rule updated (send-on-placed) (# ms)\n")
	b.server.fail = errors.New("rule send-on-placed: it belongs to somebody else; give the reaction another name")
	b.save(BoardFile, shop)
	b.expect("the server refuses", "storm.yaml: rule send-on-placed: it belongs to somebody else; give the reaction another name\n")
	b.expect("nothing was saved since", "")
	b.server.fail = nil
	b.save(place, good(2))
	b.expect("it is tried again", place+": 1 function updated (shop-orders-place-order), 1 rule updated (send-on-placed) (# ms)\n")
	if got := b.read(place); got != good(2) {
		t.Errorf("the handler is now %q", got)
	}
}

// TestRestart looks at a project that was applied by another process.
func TestRestart(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	again := newBench(t, b.dir, b.server)
	again.expect("a second start", "storm.yaml: everything is as the board says, 3 resources (# ms)\n  not served yet: 1 route (POST /orders)\n")
	before := b.server.applied[0]
	again.save(place, bad)
	third := newBench(t, b.dir, b.server).withPython()
	if got := third.sync(); !strings.HasPrefix(got, "storm.yaml: everything is as the board says, 3 resources (# ms)\n") || !strings.Contains(got, "SyntaxError") {
		t.Errorf("a start with a broken handler said %q", got)
	}
	if got := b.server.applied[len(b.server.applied)-1]; got != before {
		t.Errorf("applied %q, want %q: a broken handler keeps its code", got, before)
	}
}

// TestBrokenBoard holds what D of broken boards: told with place and remedy,
// once for each save, and the last good state stays.
func TestBrokenBoard(t *testing.T) {
	t.Parallel()
	const refused = "storm.yaml: not applied; what runs is as it was, and what is saved next is looked at (# ms)\n"
	tests := []struct{ name, board, want string }{
		{"not YAML", shop + "x", "storm.yaml:43:1: this is not YAML: could not find expected ':'"},
		{"a tab", strings.Replace(shop, "    at: 10", "\tat: 10", 1), "storm.yaml:7:1: "},
		{"an unknown reference", strings.Replace(shop, "do: SendParcel", "do: SendParcels", 1), `storm.yaml:26:9: reactions.send-on-placed.do: triggers has no "SendParcels"; did you mean "SendParcel"?`},
		{"an unknown field", strings.Replace(shop, "when:", "wen:", 1), "did you mean"},
		{"a trap of YAML", strings.Replace(shop, "  ParcelSent:", "  no:", 1), "storm.yaml:12:3: "},
		{"no name", strings.Replace(shop, "name: shop\n", "", 1), `storm.yaml:1:1: name: the board has no name`},
		{"empty", "", `storm.yaml:1:1: name: the board has no name`},
		{"binary", "\x00\xff", "storm.yaml:1:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newShop(t)
			for range 2 {
				b.save(BoardFile, tt.board)
				got := b.sync()
				if !strings.Contains(got, tt.want) || !strings.HasSuffix(got, refused) {
					t.Errorf("said %q, want %q and that it was not applied", got, tt.want)
				}
				b.expect("said once", "")
				b.save(place, good(1))
				b.expect("handlers are applied all the same", place+": 1 function updated (shop-orders-place-order) (# ms)\n")
				b.save(BoardFile, shop)
				b.expect("and mended", "storm.yaml: nothing to do (# ms)\n")
				b.save(place, good(2))
				b.sync()
			}
			if b.read(place) != good(2) {
				t.Error("the handler was changed")
			}
		})
	}
}

// TestStartBroken starts with a board that cannot be run, and mends it.
func TestStartBroken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{BoardFile: "name: [\n"})
	b := newBench(t, dir, &fake{has: map[string]string{}, rules: map[string]string{}})
	if got := b.sync(); !strings.Contains(got, "storm.yaml:2:1: ") || !strings.Contains(got, "storm.yaml: not applied; what is saved next is looked at") {
		t.Errorf("said %q", got)
	}
	b.save(BoardFile, shop)
	b.expect("mended", first)
}

func TestBoardGone(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.remove(BoardFile)
	b.expect("gone", "storm.yaml: it is gone; put it back (`git checkout storm.yaml`)\nstorm.yaml: not applied; what runs is as it was, and what is saved next is looked at (# ms)\n")
	b.save(place, good(1))
	b.expect("a handler is saved", place+": 1 function updated (shop-orders-place-order) (# ms)\n")
	b.save(BoardFile, shop)
	b.expect("it is back", "storm.yaml: nothing to do (# ms)\n")
}

func TestBrokenHandler(t *testing.T) {
	t.Parallel()
	b := newShop(t).withPython()
	// Since Python 3.10 the place is that of the bracket, before it the end.
	told := regexp.MustCompile(`^services/orders/handlers/place_order.py:\d+:\d+: SyntaxError: .*; function shop-orders-place-order keeps the code that it has until this is mended\n$`)
	for range 2 {
		b.save(place, good(1))
		b.sync()
		deployed := b.server.has["shop-orders-place-order"]
		b.save(place, bad)
		if got := b.sync(); !told.MatchString(got) {
			t.Errorf("said %q, want %s", got, told)
		}
		b.expect("said once", "")
		b.save(send, good(3))
		b.sync()
		if b.server.has["shop-orders-place-order"] != deployed {
			t.Error("broken code was deployed")
		}
		b.save(place, good(1))
		b.expect("mended", place+": mended, nothing to do (# ms)\n")
	}
}

// TestBrokenModule breaks a module that is no function's own: all functions of
// the service keep their code.
func TestBrokenModule(t *testing.T) {
	t.Parallel()
	b := newShop(t).withPython()
	b.save("services/orders/prices.py", "x = (\n")
	b.save(place, good(1))
	if got := b.sync(); !strings.Contains(got, "services/orders/prices.py:1:") || !strings.Contains(got, "; service orders keeps the code that it has until this is mended\n") {
		t.Errorf("said %q", got)
	}
	b.save("services/orders/prices.py", "x = ()\n")
	b.expect("mended", "services/orders/prices.py: 1 function updated (shop-orders-place-order) (# ms)\n")
}

func TestHandlerDeleted(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.save(send, good(1))
	b.sync()
	deployed := b.server.has["shop-parcels-send-parcel"]
	b.remove(send)
	b.expect("deleted", send+": it is gone; what runs keeps the code that it has; `git checkout "+send+"` brings it back, and `stormbus generate` begins a new one\n")
	b.expect("said once", "")
	b.save(BoardFile, strings.Replace(shop, "send-on-placed", "send-it", 1))
	b.expect("the board is applied all the same", "storm.yaml: 1 file generated (services/parcels/gen/test_contract.py), 1 rule created (send-it) (# ms)\n")
	if _, err := os.Stat(filepath.Join(b.dir, send)); err == nil {
		t.Error("it was written again")
	}
	if b.server.has["shop-parcels-send-parcel"] != deployed {
		t.Error("its function was changed")
	}
	b.save(send, good(1))
	b.expect("it is back", send+": mended, nothing to do (# ms)\n")
}

// TestPackages requires a package that nobody has, and one that lies in the
// folder of the service.
func TestPackages(t *testing.T) {
	t.Parallel()
	b := newShop(t).withPython()
	b.save("services/orders/mine-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
	b.save("services/orders/requirements.txt", "# ours\n-r other.txt\nmine == 1.0\n\nno-such-package-anywhere[x]>=2 # why\nelse; sys_platform == 'win32'\n")
	at, interpreter := "services/orders/requirements.txt", b.python[0].Path
	want := at + ":5: no-such-package-anywhere is not installed for " + interpreter + ", which runs the functions; `" + interpreter + " -m pip install -r "
	if got := b.sync(); !strings.Contains(got, want) || strings.Count(got, "is not installed") != 1 {
		t.Errorf("said %q, want %q", got, want)
	}
	b.expect("said once", "")
	b.save(at, "mine\n")
	if got := b.sync(); strings.Contains(got, "is not installed") {
		t.Errorf("said %q", got)
	}
}

// TestGenerated edits, deletes and adds files below gen/.
func TestGenerated(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	events := "services/orders/gen/events.py"
	text := b.read(events)
	edited := strings.Replace(text, "class OrderPlaced", "class OrderPlaced2", 1)
	b.save(events, edited)
	told := events + ":" + fmt.Sprint(strings.Count(edited[:strings.Index(edited, "class OrderPlaced2")], "\n")+1) + ": somebody edited it; put the change into handlers or onto the board, and generate it again with --overwrite; `stormbus generate --overwrite` does that\n"
	b.expect("edited", events+": 1 function updated (shop-orders-place-order) (# ms)\n"+told)
	b.expect("said once", "")
	if b.read(events) != edited {
		t.Error("what was edited was overwritten")
	}
	b.save(BoardFile, strings.Replace(shop, "item: string", "item: string, \"colour?\": string", 1))
	if got := b.sync(); !strings.Contains(got, "5 files generated, 2 functions updated") || !strings.Contains(got, "somebody edited it") || b.read(events) != edited {
		t.Errorf("a change of the board said %q", got)
	}
	b.save(BoardFile, shop)
	b.sync()
	b.save(events, text)
	b.expect("it is as it was", events+": 1 function updated (shop-orders-place-order) (# ms)\n")
	b.remove(events)
	b.expect("deleted", "storm.yaml: 1 file generated ("+events+") (# ms)\n")
	b.remove("storm.lock")
	b.expect("the lock is deleted", "")
	if b.read(events) != text || !strings.Contains(b.read("storm.lock"), events) {
		t.Error("what was deleted is not there again")
	}
}

// TestTriggerGone takes a trigger off the board: its handler stays, and is told.
func TestTriggerGone(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.save(send, good(1))
	b.sync()
	without := strings.Replace(shop, "  SendParcel: {from: reaction}\n", "", 1)
	without = strings.Replace(without, "    by: SendParcel\n", "", 1)
	without = without[:strings.Index(without, "reactions:")] + without[strings.Index(without, "actors:"):]
	b.save(BoardFile, without)
	got := b.sync()
	for _, want := range []string{send + ": triggers.SendParcel is not on the board any more, or not planned yet (see `stormbus plan`); delete the file when you need it no longer\n", "storm.yaml: "} {
		if !strings.Contains(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	}
	if b.read(send) != good(1) {
		t.Error("the handler was changed")
	}
	b.save(BoardFile, shop)
	b.sync()
	if b.read(send) != good(1) {
		t.Error("the handler was changed when its trigger came back")
	}
}

// TestRename renames a trigger with was: its handler moves with it.
func TestRename(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.save(send, good(1))
	b.sync()
	b.save(BoardFile, strings.ReplaceAll(strings.Replace(shop, "SendParcel: {", "SendParcel: {was: SendParcel, ", 1), "SendParcel", "ShipParcel"))
	b.save(BoardFile, strings.Replace(b.read(BoardFile), "was: ShipParcel", "was: SendParcel", 1))
	got := b.sync()
	ship := "services/parcels/handlers/ship_parcel.py"
	if !strings.Contains(got, "1 handler moved ("+send+" to "+ship+")") || !strings.Contains(got, "1 function created (shop-parcels-ship-parcel)") {
		t.Errorf("said %q", got)
	}
	if b.read(ship) != good(1) {
		t.Error("the handler did not move")
	}
}

// TestInTheWay has files where folders should be, and the other way round.
func TestInTheWay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"services is a file", map[string]string{"services": "mine"}, "services: it is a file, and a folder is to be there; move it away\n"},
		{"a service is a file", map[string]string{"services/orders": "mine"}, "services/orders: it is a file, and a folder is to be there; move it away\n"},
		{"gen is a file", map[string]string{"services/orders/gen": "mine"}, "services/orders/gen: it is a file, and a folder is to be there; move it away\n"},
		{"a handler is a folder", map[string]string{place + "/x": "mine"}, place + ": it is a folder, and a file is to be there; move it away\n"},
		{"the lock is broken", map[string]string{"storm.lock": "<<<<<<<\n"}, "storm.lock"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, tt.files)
			write(t, dir, map[string]string{BoardFile: shop})
			b := newBench(t, dir, &fake{has: map[string]string{}, rules: map[string]string{}})
			if got := b.sync(); !strings.Contains(got, tt.want) {
				t.Errorf("said %q, want %q", got, tt.want)
			}
			for name, text := range tt.files {
				if b.read(name) != text {
					t.Errorf("%s was changed", name)
				}
			}
			if len(b.server.applied) > 0 {
				t.Error("it was applied")
			}
			for name := range tt.files {
				b.remove(strings.TrimSuffix(name, "/x"))
			}
			if got := b.sync(); !strings.Contains(got, "2 functions created") {
				t.Errorf("mended: %q", got)
			}
		})
	}
}

// TestUnwritable has a folder that nobody may write to.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	if os.Getuid() <= 0 {
		t.Skip("root may write everywhere, and Windows has other rules")
	}
	dir := t.TempDir()
	write(t, dir, map[string]string{BoardFile: shop})
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o755) })
	b := newBench(t, dir, &fake{has: map[string]string{}, rules: map[string]string{}})
	if got := b.sync(); !strings.Contains(got, "permission denied") {
		t.Errorf("said %q", got)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := b.sync(); !strings.Contains(got, "2 functions created") {
		t.Errorf("mended: %q", got)
	}
}

// TestBoardRenamed gives the board another name: what it made under the old one
// goes away, so that nothing is handled twice.
func TestBoardRenamed(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.save(BoardFile, strings.Replace(shop, "name: shop", "name: store", 1))
	got := b.sync()
	for _, want := range []string{
		"2 functions created (store-orders-place-order, store-parcels-send-parcel)", "2 functions deleted (shop-orders-place-order, shop-parcels-send-parcel)",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("said %q, want %q", got, want)
		}
	}
}

// TestHandlerDeletedBeforeStart deletes a handler while nothing runs: the next
// start begins a new one and names it.
func TestHandlerDeletedBeforeStart(t *testing.T) {
	t.Parallel()
	b := newShop(t)
	b.save(send, good(1))
	b.sync()
	b.remove(send)
	again := newBench(t, b.dir, b.server)
	got := again.sync()
	if !strings.HasPrefix(got, "storm.yaml: 1 handler to write ("+send+"), 1 function updated (shop-parcels-send-parcel) (# ms)\n") {
		t.Errorf("said %q", got)
	}
	if !strings.Contains(again.read(send), "NotImplementedError") {
		t.Errorf("it is now %q", again.read(send))
	}
}
