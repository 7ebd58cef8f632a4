package board

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var seeds = flag.Uint64("seeds", 8, "how many random runs the tests of logs and merges make, or a multiple of it")

// firstBoard has comments, references that lead nowhere, and an alias.
const firstBoard = `# of the workshop
name: trial

events: # what happened
  # the first
  A: # of all
    at: 10 # early
    by: T
    of: X
  B:
    at: 20
    by: U # nobody knows it yet
    was: Bee
    data:
      id: uuid # of the booking
      "note?": string
  C:
    at: 20
    of: D

triggers:
  T:
    from: reaction
    reads: [V]

reactions:
  r:
    when: A
    do: T
    match: {detail: {n: [{numeric: [">", .5]}]}}

views:
  V: {from: [A, C, E]}
things:
  X: {key: id}
spots:
  s: {about: A, ask: "why?", open: true}
`

// randomOperation is what a client may do to a board: also what cannot be done.
func randomOperation(r *rand.Rand, b *Board) []Edit {
	events := append(Names(b.Events), "A", "B", "C", "D", "E", "New "+fmt.Sprint(r.IntN(4)))
	triggers := append(Names(b.Triggers), "T", "U", "W")
	pick := func(names []string) string { return names[r.IntN(len(names))] }
	text := func(s string) json.RawMessage { return quoted(s) }
	one := func() Edit {
		switch r.IntN(14) {
		case 0, 1:
			return Edit{Op: Put, Section: "events", Key: pick(events), Field: "at", Value: json.RawMessage(fmt.Sprint(r.IntN(60)))}
		case 2:
			return Edit{Op: Put, Section: "events", Key: pick(events), Field: "by", Value: text(pick(triggers))}
		case 3:
			return Edit{Op: Put, Section: "events", Key: pick(events), Field: "data", Value: json.RawMessage(fmt.Sprintf(`{"id":"uuid","f%d":"[string]"}`, r.IntN(3)))}
		case 4:
			return Edit{Op: Delete, Section: "events", Key: pick(events), Field: []string{"at", "by", "of", "data", "was"}[r.IntN(5)]}
		case 5:
			return Edit{Op: Delete, Section: "events", Key: pick(events)}
		case 6:
			return Edit{Op: Rename, Section: "events", Key: pick(events), To: pick(events)}
		case 7:
			return Edit{Op: Rename, Section: "triggers", Key: pick(triggers), To: pick(triggers)}
		case 8:
			return Edit{Op: Rank, Section: "events", Key: pick(events), After: pick(events)}
		case 9:
			return Edit{Op: Put, Section: "reactions", Key: pick([]string{"r", "q"}), Field: pick([]string{"when", "do"}), Value: text(pick(events))}
		case 10:
			return Edit{Op: Put, Section: "views", Key: pick([]string{"V", "W"}), Field: "from", Value: json.RawMessage(fmt.Sprintf("[%q]", pick(events)))}
		case 11:
			return Edit{Op: Delete, Section: pick([]string{"views", "reactions", "triggers", "things"}), Key: pick([]string{"V", "r", "T", "X"})}
		case 12:
			return Edit{Op: Put, Section: pick([]string{"actors", "contexts"}), Key: pick([]string{"Box Office", "box-office", "Till"})}
		}
		return []Edit{{Op: Put, Field: "name", Value: text(pick([]string{"one", "two"}))}, {Op: Put, Section: "bus", Field: "name", Value: text("b")}, {Op: Delete, Section: "bus", Field: "name"}}[r.IntN(3)]
	}
	all := make([]Edit, 1)
	if r.IntN(4) == 0 {
		all = make([]Edit, 1+r.IntN(6))
	}
	for i := range all {
		all[i] = one()
	}
	return all
}

// trial is a log with several clients, and what must be true of it all the time.
type trial struct {
	t       *testing.T
	seed    uint64
	r       *rand.Rand
	log     *Log
	replica *File          // that follows the log's entries
	texts   map[int]string // of the board, by revision
	bases   map[string]int // what each client saw last
	ids     []string
	names   map[string]bool // that were references at some time
	bound   bool            // whether an item got a name that was a reference before
}

var clients = []string{"ada", "bob", "cy"}

func newTrial(t *testing.T, seed uint64, limits Limits) *trial {
	f := mustParse(t, "storm.yaml", []byte(firstBoard))
	f = mustParse(t, "storm.yaml", f.Format())
	return &trial{
		t: t, seed: seed, r: rand.New(rand.NewPCG(seed, 9)), log: NewLog(f, limits), replica: f,
		texts: map[int]string{0: string(f.Format())}, bases: map[string]int{}, names: map[string]bool{},
	}
}

// references collects the names that fields of a board hold, and forgets them.
func references(b *Board, names map[string]bool) {
	for _, e := range b.Events {
		names[e.By], e.By = true, ""
	}
	for _, r := range b.Reactions {
		names[r.When], names[r.Do], r.When, r.Do = true, true, "", ""
	}
	for _, t := range b.Triggers {
		t.Reads = nil
	}
	for _, v := range b.Views {
		for _, name := range v.From {
			names[name] = true
		}
		v.From = nil
	}
	for _, s := range b.Spots {
		names[s.About], s.About = true, ""
	}
}

// checkFirst checks that the board is the first one again. A reference that led
// nowhere belongs to an item that got its name meanwhile, and follows it.
func (x *trial) checkFirst() {
	x.t.Helper()
	if !x.bound {
		if diff := cmp.Diff(x.texts[0], x.text()); diff != "" {
			x.t.Fatalf("seed %d: after everybody undid everything (-first +now):\n%s", x.seed, diff)
		}
		return
	}
	boards := []*Board{mustParse(x.t, "first", []byte(x.texts[0])).Board(), mustParse(x.t, "now", []byte(x.text())).Board()}
	for _, b := range boards {
		references(b, map[string]bool{})
	}
	if diff := cmp.Diff(boards[0], boards[1], cmpopts.IgnoreUnexported(Board{})); diff != "" {
		x.t.Fatalf("seed %d: after everybody undid everything (-first +now):\n%s", x.seed, diff)
	}
}

func (x *trial) text() string { return string(x.log.File().Format()) }

// did checks what one call has done to the log.
func (x *trial) did(what string, before int, got Result, err error) {
	x.t.Helper()
	switch {
	case err != nil:
		if x.log.Rev() != before || x.text() != x.texts[before] {
			x.t.Fatalf("seed %d: %s failed (%v) and changed the board", x.seed, what, err)
		}
		return
	case got.Rev != x.log.Rev():
		x.t.Fatalf("seed %d: %s: result %+v, revision %d", x.seed, what, got, x.log.Rev())
	case got.Repeated || got.Entry.Rev == 0:
		if x.log.Rev() != before {
			x.t.Fatalf("seed %d: %s did nothing, and the revision is another", x.seed, what)
		}
		return
	}
	x.texts[got.Rev] = x.text()
	made, err := x.replica.Play(got.Entry)
	if err != nil {
		x.t.Fatalf("seed %d: %s: a replica cannot follow: %v\n%+v", x.seed, what, err, got.Entry)
	}
	x.replica = made
	if diff := cmp.Diff(x.text(), string(made.Format())); diff != "" {
		x.t.Fatalf("seed %d: %s: a replica that followed is otherwise (-log +replica):\n%s\n%+v", x.seed, what, diff, got.Entry)
	}
}

// reread makes the log one that was read from its lines.
func (x *trial) reread() {
	var lines bytes.Buffer
	if _, err := x.log.WriteTo(&lines); err != nil {
		x.t.Fatal(err)
	}
	l, err := ReadLog("storm.yaml", bytes.NewReader(lines.Bytes()), x.log.limits)
	if err != nil {
		x.t.Fatalf("seed %d: %v in\n%s", x.seed, err, &lines)
	}
	x.log = l
}

// act does something at random.
func (x *trial) act() {
	author := clients[x.r.IntN(len(clients))]
	before := x.log.Rev()
	switch n := x.r.IntN(20); {
	case n < 11:
		if x.r.IntN(2) == 0 {
			x.bases[author] = before // it has read what there is
		}
		op := Operation{ID: fmt.Sprintf("id%d", len(x.ids)), Author: author, Base: max(x.bases[author], x.log.first), Edits: randomOperation(x.r, x.log.File().Board())}
		references(mustParse(x.t, "before", []byte(x.text())).Board(), x.names)
		got, err := x.log.Apply(op)
		x.did(fmt.Sprintf("apply %+v", op), before, got, err)
		for _, e := range op.Edits {
			x.bound = x.bound || err == nil && e.Op == Rename && x.names[e.To]
		}
		if err == nil {
			x.ids = append(x.ids, op.ID)
		}
	case n < 15:
		got, err := x.log.Undo(author, "")
		x.did("undo of "+author, before, got, err)
	case n < 18:
		got, err := x.log.Redo(author, "")
		x.did("redo of "+author, before, got, err)
	case n < 19 && len(x.ids) > 0:
		id := x.ids[x.r.IntN(len(x.ids))]
		if x.log.past.seen[id] == 0 {
			return // fallen out
		}
		got, err := x.log.Apply(Operation{ID: id, Author: author, Base: before, Edits: []Edit{{Op: Put, Field: "name", Value: quoted("again")}}})
		if err != nil || !got.Repeated || x.log.Rev() != before {
			x.t.Fatalf("seed %d: a repeated operation: %+v, %v", x.seed, got, err)
		}
	default:
		x.reread()
	}
}

// undoAll lets everybody undo until nobody finds anything more.
func (x *trial) undoAll() {
	idle := 0
	for turn := 0; idle < 40; turn++ {
		if turn > 5000 {
			x.t.Fatalf("seed %d: undoing does not end", x.seed)
		}
		before := x.log.Rev()
		got, err := x.log.Undo(append(clients, FileAuthor)[x.r.IntN(4)], "")
		x.did("undo", before, got, err)
		idle++
		if err == nil {
			idle = 0
		}
	}
}

// TestLogTrial: random operations of several clients, undone, made again, repeated,
// and in between the log is read from its lines. A replica that follows the entries
// always says the same, and in the end everybody undoes everything, and the first
// board is there again, with its comments.
func TestLogTrial(t *testing.T) {
	t.Parallel()
	applied, clashes, undone, redone, exact := 0, 0, 0, 0, 0
	for seed := range 2 * *seeds {
		x := newTrial(t, seed, Limits{})
		for range 40 {
			x.act()
		}
		for _, e := range x.log.entries {
			clashes += len(e.Clashes)
			switch e.Kind {
			case Edited:
				applied++
			case Undone:
				undone++
			case Redone:
				redone++
			}
		}
		x.undoAll()
		x.checkFirst()
		if !x.bound {
			exact++
		}
	}
	t.Logf("%d edits, %d undone, %d redone, %d clashes, %d exact", applied, undone, redone, clashes, exact)
	if n := int(2 * *seeds); exact < n/4 || applied < 5*n || clashes < n || undone < n || redone < n/4 {
		t.Errorf("%d edits, %d undone, %d redone, %d clashes: the trial proves little", applied, undone, redone, clashes)
	}
}

// TestLogUndoRedo: what one person does and undoes and does again is the same at
// each point, with all comments.
func TestLogUndoRedo(t *testing.T) {
	t.Parallel()
	for seed := range *seeds {
		x := newTrial(t, seed, Limits{})
		texts := []string{x.text()}
		for range 20 {
			before := x.log.Rev()
			got, err := x.log.Apply(Operation{Author: "ada", Base: before, Edits: randomOperation(x.r, x.log.File().Board())})
			x.did("apply", before, got, err)
			if err == nil && got.Entry.Rev != 0 {
				texts = append(texts, x.text())
			}
		}
		move := func(what string, want string, do func(author, id string) (Result, error)) {
			before := x.log.Rev()
			got, err := do("ada", "")
			x.did(what, before, got, err)
			if err != nil || len(got.Entry.Clashes) > 0 {
				t.Fatalf("seed %d: %s: %+v, %v", seed, what, got, err)
			}
			if diff := cmp.Diff(want, x.text()); diff != "" {
				t.Fatalf("seed %d: %s (-want +got):\n%s", seed, what, diff)
			}
		}
		for range 3 {
			for _, want := range slices.Backward(texts[:len(texts)-1]) {
				move("undo", want, x.log.Undo)
			}
			if _, err := x.log.Undo("ada", ""); !errors.Is(err, ErrNothingToUndo) {
				t.Fatalf("seed %d: undo of nothing: %v", seed, err)
			}
			for _, want := range texts[1:] {
				move("redo", want, x.log.Redo)
			}
			if _, err := x.log.Redo("ada", ""); !errors.Is(err, ErrNothingToRedo) {
				t.Fatalf("seed %d: redo of nothing: %v", seed, err)
			}
			x.reread()
		}
	}
}

// TestLogBounded: a log that lets its oldest entries fall out goes on, keeps its
// bounds, and still is what its lines say.
func TestLogBounded(t *testing.T) {
	t.Parallel()
	for seed := range *seeds / 3 {
		x := newTrial(t, seed, Limits{Entries: 12, Bytes: 6000})
		for range 80 {
			x.act()
			if n := len(x.log.entries); n > 12 || n > 1 && x.log.size > 6000 {
				t.Fatalf("seed %d: %d entries, %d bytes", seed, n, x.log.size)
			}
			_, err := x.log.Since(x.log.first - 1)
			if !errors.Is(err, ErrForgotten) && x.log.first > 0 {
				t.Fatalf("seed %d: entries that have fallen out: %v", seed, err)
			}
		}
		if x.log.first == 0 {
			t.Errorf("seed %d: nothing fell out", seed)
		}
		x.undoAll()
	}
}

// TestLogOrders: operations on different fields give the same file in whatever
// order they come, and whatever their authors have seen of each other.
func TestLogOrders(t *testing.T) {
	t.Parallel()
	for seed := range *seeds {
		r := rand.New(rand.NewPCG(seed, 10))
		queues := map[string][]Operation{}
		for i, author := range clients {
			for n := range 6 {
				e := Edit{Op: Put, Section: "events", Key: []string{"A", "B", "C", fmt.Sprintf("Own%d", i)}[r.IntN(4)], Field: []string{"at", "lane", "v"}[i], Value: []json.RawMessage{[]byte("7"), []byte(`"x"`), []byte("3")}[i]}
				if r.IntN(5) == 0 {
					e = Edit{Op: Rename, Section: "events", Key: []string{"A", "B", "C"}[i], To: fmt.Sprintf("Renamed%d", i)}
				}
				queues[author] = append(queues[author], Operation{ID: fmt.Sprint(author, n), Author: author, Edits: []Edit{e}})
			}
			// A second rename of the same thing is refused in every order.
			renamed := false
			queues[author] = slices.DeleteFunc(queues[author], func(op Operation) bool {
				twice := op.Edits[0].Op == Rename && renamed
				renamed = renamed || op.Edits[0].Op == Rename
				return twice
			})
		}
		want := ""
		for range 5 {
			x := newTrial(t, seed, Limits{})
			left := maps.Clone(queues)
			seen := map[string]int{}
			for len(left) > 0 {
				author := clients[r.IntN(len(clients))]
				if len(left[author]) == 0 {
					delete(left, author)
					continue
				}
				op := left[author][0]
				left[author] = left[author][1:]
				if r.IntN(2) == 0 {
					seen[author] = x.log.Rev()
				}
				// Names as the first board has them: they are followed from there.
				op.Base = 0
				before := x.log.Rev()
				got, err := x.log.Apply(op)
				if err != nil {
					t.Fatalf("seed %d: %+v: %v", seed, op, err)
				}
				x.did("apply", before, got, nil)
			}
			if want == "" {
				want = x.text()
			}
			if diff := cmp.Diff(want, x.text()); diff != "" {
				t.Fatalf("seed %d: two orders (-one +other):\n%s", seed, diff)
			}
		}
	}
}

// ask applies edits of somebody who has seen the revision base.
func ask(t *testing.T, l *Log, author string, base int, edits ...Edit) Entry {
	t.Helper()
	got, err := l.Apply(Operation{Author: author, Base: base, Edits: edits})
	if err != nil {
		t.Fatal(err)
	}
	return got.Entry
}

func at(event string, n int) Edit {
	return Edit{Op: Put, Section: "events", Key: event, Field: "at", Value: json.RawMessage(fmt.Sprint(n))}
}

// TestLogClash: the last writer wins, the loser is told, and can restore.
func TestLogClash(t *testing.T) {
	t.Parallel()
	l := NewLog(mustParse(t, "storm.yaml", []byte("events:\n  A: {at: 1}\n  B: {at: 2}\n")), Limits{})
	ask(t, l, "ada", 0, at("A", 10))
	for _, tt := range []struct {
		name  string
		entry Entry
		want  []Clash
	}{
		{"another field", ask(t, l, "bob", 0, at("B", 20)), nil},
		{"what was seen", ask(t, l, "cy", 2, at("B", 21)), nil},
		{"the same value", ask(t, l, "bob", 0, at("A", 10)), nil},
		{
			"the same field", ask(t, l, "bob", 0, at("A", 11)),
			[]Clash{{Path: "events.A.at", Author: "ada", Rev: 1, Lost: []byte("10"), Held: []byte("11"), Restore: at("A", 10)}},
		},
		{"one's own", ask(t, l, "bob", 0, at("A", 12)), nil},
		{
			"an item that is changed goes", ask(t, l, "ada", 1, Edit{Op: Delete, Section: "events", Key: "A"}),
			[]Clash{{Path: "events.A.at", Author: "bob", Rev: 5, Lost: []byte("12"), Restore: at("A", 12)}},
		},
		{
			"an item that is gone is changed", ask(t, l, "bob", 5, Edit{Op: Put, Section: "events", Key: "A", Field: "v", Value: []byte("1")}),
			[]Clash{{Path: "events.A", Author: "ada", Rev: 6, Held: []byte("{}"), Restore: Edit{Op: Delete, Section: "events", Key: "A"}}},
		},
	} {
		if diff := cmp.Diff(tt.want, tt.entry.Clashes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	l = NewLog(mustParse(t, "storm.yaml", []byte("events:\n  A: {at: 1}\nspots:\n  s: {about: A}\n")), Limits{})
	ask(t, l, "ada", 0, Edit{Op: Rename, Section: "events", Key: "A", To: "B"})
	if e := ask(t, l, "bob", 0, at("A", 5), Edit{Op: Put, Section: "spots", Key: "t", Field: "about", Value: quoted("A")}); len(e.Clashes) > 0 ||
		*l.File().Board().Events["B"].At != 5 || l.File().Board().Spots["t"].About != "B" {
		t.Errorf("names are not followed: %+v\n%s", e, l.File().Format())
	}
	e := ask(t, l, "cy", 0, Edit{Op: Rename, Section: "events", Key: "A", To: "C"})
	want := []Clash{{Path: "events.C", Author: "ada", Rev: 1, Lost: quoted("B"), Held: quoted("C"), Restore: Edit{Op: Rename, Section: "events", Key: "C", To: "B"}}}
	if diff := cmp.Diff(want, e.Clashes); diff != "" {
		t.Errorf("two names (-want +got):\n%s", diff)
	}
	ask(t, l, "ada", l.Rev(), e.Clashes[0].Restore)
	if l.File().Board().Events["B"] == nil || l.File().Board().Spots["s"].About != "B" {
		t.Errorf("restored:\n%s", l.File().Format())
	}
}

// TestLogUndoOfOthers: undo takes back one's own, and tells what others changed
// since instead of writing over it.
func TestLogUndoOfOthers(t *testing.T) {
	t.Parallel()
	l := NewLog(mustParse(t, "storm.yaml", []byte("events:\n  A: {at: 1}\n  B: {at: 2}\n")), Limits{})
	at1 := func(want string) {
		t.Helper()
		got := []string{}
		b := l.File().Board()
		for _, name := range Names(b.Events) {
			got = append(got, fmt.Sprint(name, *b.Events[name].At))
		}
		if strings.Join(got, " ") != want {
			t.Fatalf("events %v, want %s", got, want)
		}
	}
	undo := func(author string, clashes ...string) {
		t.Helper()
		r, err := l.Undo(author, "")
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, c := range r.Entry.Clashes {
			got = append(got, c.String())
		}
		if diff := cmp.Diff(clashes, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("clashes (-want +got):\n%s", diff)
		}
	}
	ask(t, l, "ada", 0, at("B", 19))
	ask(t, l, "ada", 1, at("A", 10), at("B", 20), at("C", 30))
	ask(t, l, "bob", 2, at("A", 11))
	undo("ada", "events.A.at is 11 and not 1, against bob")
	at1("A11 B19")
	undo("ada")
	at1("A11 B2")
	undo("bob")
	at1("A10 B2")
	undo("ada") // what was in the way is gone
	at1("A1 B2")
	if _, err := l.Undo("ada", ""); !errors.Is(err, ErrNothingToUndo) {
		t.Errorf("undo of nothing: %v", err)
	}

	// A field of somebody else keeps an item alive.
	ask(t, l, "ada", l.Rev(), at("D", 40))
	ask(t, l, "bob", l.Rev(), Edit{Op: Put, Section: "events", Key: "D", Field: "v", Value: []byte("1")})
	undo("ada", "events.D is {} and not nothing, against bob")
	if d := l.File().Board().Events["D"]; d == nil || d.V != 1 || d.At != nil {
		t.Errorf("D after undo: %+v", d)
	}
}

// TestLogFile: what somebody changes in the file enters the log, and is undone as
// everything else.
func TestLogFile(t *testing.T) {
	t.Parallel()
	first := mustParse(t, "storm.yaml", []byte("events:\n  A: {at: 1}\n  B: {at: 2}\nviews:\n  V: {from: [A]}\n"))
	l := NewLog(first, Limits{})
	ask(t, l, "ada", 0, at("A", 10))
	changed := mustParse(t, "storm.yaml", []byte("# by hand\n\nevents:\n  Z: {at: 11, was: A} # better\n  C: {}\nviews:\n  V: {from: [Z]}\n"))
	got := l.Adopt(changed)
	want := []Change{
		{Section: "events", Key: "A", To: "Z"},
		{Section: "events", Key: "B", Field: "at", Before: []byte("2")},
		{Section: "events", Key: "B", Before: there},
		{Section: "events", Key: "Z", Before: there, After: there}, // its comment
		{Section: "events", Key: "Z", Field: "at", Before: []byte("10"), After: []byte("11")},
		{Section: "events", Key: "Z", Field: "was", After: []byte(`"A"`)},
		{Section: "events", Key: "C", After: there},
	}
	if diff := cmp.Diff(want, got.Entry.Changes, cmpopts.IgnoreFields(Change{}, "Kept", "Made")); diff != "" {
		t.Errorf("changes of the file (-want +got):\n%s", diff)
	}
	if got.Entry.Author != FileAuthor || !strings.HasPrefix(string(l.File().Format()), "# by hand") {
		t.Errorf("author %s\n%s", got.Entry.Author, l.File().Format())
	}
	if again := l.Adopt(changed); again.Entry.Rev != 0 || l.Rev() != 2 {
		t.Errorf("the same file again: %+v", again)
	}
	r, err := l.Undo("ada", "")
	if err != nil || len(r.Entry.Clashes) != 1 || r.Entry.Clashes[0].Path != "events.Z.at" || r.Entry.Clashes[0].Author != FileAuthor {
		t.Errorf("undo of what the file changed: %+v, %v", r, err)
	}
	for _, author := range []string{FileAuthor, "ada"} {
		if _, err := l.Undo(author, ""); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(first.Board(), l.File().Board(), cmpopts.IgnoreUnexported(Board{})); diff != "" {
		t.Errorf("undone (-first +now):\n%s", diff)
	}
}

// TestLogRefuses holds what an operation must have.
func TestLogRefuses(t *testing.T) {
	t.Parallel()
	l := NewLog(mustParse(t, "storm.yaml", []byte("events:\n  A: {at: 1}\n")), Limits{})
	for name, op := range map[string]Operation{
		"no author": {Edits: []Edit{at("A", 2)}},
		"future":    {Author: "ada", Base: 1, Edits: []Edit{at("A", 2)}},
		"past":      {Author: "ada", Base: -1, Edits: []Edit{at("A", 2)}},
		"no item":   {Author: "ada", Edits: []Edit{{Op: Delete, Section: "events", Key: "X"}}},
		"half":      {Author: "ada", Edits: []Edit{at("A", 2), at("on", 2)}},
	} {
		if got, err := l.Apply(op); err == nil || l.Rev() != 0 || *l.File().Board().Events["A"].At != 1 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// TestReadLogBad: lines that are no log are told with their number.
func TestReadLogBad(t *testing.T) {
	t.Parallel()
	l := NewLog(mustParse(t, "storm.yaml", []byte("events:\n  A: {at: 1}\n")), Limits{})
	ask(t, l, "ada", 0, at("A", 2))
	if _, err := l.Undo("ada", ""); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if n, err := l.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	good := b.String()
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", "line 1: EOF"},
		{"no JSON", "storm", "line 1: invalid character"},
		{"newer", strings.Replace(good, `"board_log":1`, `"board_log":2`, 1), "line 1: the log has version 2, and this stormbus reads 1"},
		{"no board", strings.Replace(good, `events:`, `evnts:`, 1), "line 1: the board in it: storm.yaml:1:1"},
		{"torn", good[:len(good)-20], "line 3: unexpected EOF"},
		{"a line is missing", good[:strings.LastIndex(good[:len(good)-1], "\n")+1], "there are 1 entries, and should be 2"},
		{"another order", strings.Replace(good, `"rev":2,"author"`, `"rev":3,"author"`, 1), "line 3: the entry has revision 3, and should have 2"},
		{"no such edit", strings.Replace(good, `"of":1`, `"of":7`, 1), "line 3: there is no edit 7 to undo"},
		{"no such part", strings.Replace(good, `"parts":[0]`, `"parts":[1]`, 1), "line 3: the change 1 of the edit 1 is not to undo"},
		{"redone first", strings.Replace(good, `"undo"`, `"redo"`, 1), "line 3: the change 0 of the edit 1 is not to redo"},
		{"no such kind", strings.Replace(good, `"undo"`, `"erase"`, 1), `line 3: there is no kind of entry "erase"`},
	} {
		_, err := ReadLog("storm.yaml", strings.NewReader(tt.text), Limits{})
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
}

// FuzzReadLog: lines that are a log can be undone and made again without an end in
// a panic, and the board stays legal.
func FuzzReadLog(f *testing.F) {
	l := NewLog(mustParse(f, "storm.yaml", []byte(firstBoard)), Limits{})
	for _, edits := range [][]Edit{{at("A", 2)}, {{Op: Rename, Section: "events", Key: "A", To: "E"}}, {{Op: Delete, Section: "events", Key: "B"}}, {at("New", 3)}} {
		if _, err := l.Apply(Operation{ID: "i", Author: "ada", Base: l.Rev(), Edits: edits}); err != nil {
			f.Fatal(err)
		}
		l.past.seen = map[string]int{}
	}
	for range 3 {
		if _, err := l.Undo("ada", ""); err != nil {
			f.Fatal(err)
		}
	}
	if _, err := l.Redo("ada", ""); err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := l.WriteTo(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, lines []byte) {
		l, err := ReadLog("storm.yaml", bytes.NewReader(lines), Limits{})
		if err != nil {
			return
		}
		for range 8 {
			for _, do := range []func(string, string) (Result, error){l.Undo, l.Redo, l.Undo} {
				if _, err := do("ada", ""); err == nil {
					mustParse(t, "storm.yaml", l.File().Format())
				}
			}
		}
	})
}
