package board

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestMerge(t *testing.T) {
	t.Parallel()
	const base = "events:\n  A: {at: 10, of: X, data: {id: uuid}}\n  B: {at: 20}\nthings:\n  X: {key: id}\nviews:\n  V: {from: [A]}\n"
	for _, tt := range []struct{ name, ours, theirs, want, conflicts string }{
		{
			name: "different items", ours: strings.Replace(base, "B: {at: 20}", "B: {at: 30}", 1), theirs: base + "actors: {U: {}}\n",
			want: "events:\n  A: {at: 10, of: X, data: {id: uuid}}\n  B: {at: 30}\nthings:\n  X: {key: id}\nviews:\n  V: {from: [A]}\nactors: {U: {}}\n",
		},
		{
			name: "different fields", ours: strings.Replace(base, "B: {at: 20}", "B: {at: 30}", 1), theirs: strings.Replace(base, "B: {at: 20}", "B: {at: 20, v: 2}", 1),
			want: strings.Replace(base, "B: {at: 20}", "B: {at: 30, v: 2}", 1),
		},
		{
			name: "different fields of data", ours: strings.Replace(base, "id: uuid", "id: uuid, film: string", 1), theirs: strings.Replace(base, "id: uuid", "id: string", 1),
			want: strings.Replace(base, "id: uuid", "id: string, film: string", 1),
		},
		{
			name: "a set", ours: strings.Replace(base, "[A]", "[B, A]", 1), theirs: strings.Replace(base, "[A]", "[C]", 1),
			want: strings.Replace(base, "[A]", "[B, C]", 1),
		},
		{
			name: "the same", ours: strings.Replace(base, "at: 20", "at: 30", 1), theirs: strings.Replace(base, "at: 20", "at: 30", 1),
			want: strings.Replace(base, "at: 20", "at: 30", 1),
		},
		{
			name: "one field", ours: strings.Replace(base, "at: 20", "at: 30", 1), theirs: strings.Replace(base, "at: 20", "at: 40", 1),
			want: strings.Replace(base, "at: 20", "at: 30", 1) +
				"spots:\n  merge-events-b-at: {about: B, ask: \"Merge: events.B.at: ours 30, theirs 40, before 20. Which holds?\", open: true}\n",
			conflicts: "events.B.at: ours 30, theirs 40, before 20",
		},
		{
			name: "removed and changed", ours: strings.Replace(base, "  B: {at: 20}\n", "", 1), theirs: strings.Replace(base, "at: 20", "at: 40", 1),
			want: strings.Replace(base, "at: 20", "at: 40", 1) +
				"spots:\n  merge-events-b: {about: B, ask: \"Merge: events.B: ours nothing, theirs {at: 40}, before {at: 20}. Which holds?\", open: true}\n",
			conflicts: "events.B: ours nothing, theirs {at: 40}, before {at: 20}",
		},
		{
			name: "renamed and changed", ours: "events:\n  C: {at: 10, of: X, was: A, data: {id: uuid}}\n  B: {at: 20}\nthings:\n  X: {key: id}\nviews:\n  V: {from: [C]}\n",
			theirs: strings.Replace(strings.Replace(base, "at: 10", "at: 15", 1), "V: {from: [A]}", "V: {from: [A]}\n  W: {from: [B, A]}", 1),
			want:   "events:\n  C: {at: 15, of: X, was: A, data: {id: uuid}}\n  B: {at: 20}\nthings:\n  X: {key: id}\nviews:\n  V: {from: [C]}\n  W: {from: [B, C]}\n",
		},
		{
			name: "renamed twice", ours: "events:\n  C: {at: 10, was: A}\n", theirs: "events:\n  D: {at: 20, was: A}\n",
			want:      "events:\n  C: {at: 10, was: A}\nspots:\n  merge-events-a: {about: C, ask: \"Merge: events.A: ours C, theirs D, before A. Which holds?\", open: true}\n  merge-events-c-at: {about: C, ask: \"Merge: events.C.at: ours 10, theirs 20, before 5. Which holds?\", open: true}\n",
			conflicts: "events.A: ours C, theirs D, before A\nevents.C.at: ours 10, theirs 20, before 5",
		},
		{
			name: "comments of both", ours: "# ours\n\n" + strings.Replace(base, "B: {at: 20}", "B: {at: 20} # one", 1), theirs: strings.Replace(base, "  B:", "  # two\n  B:", 1),
			want: "# ours\n\n" + strings.Replace(base, "  B: {at: 20}", "  # two\n  B: {at: 20} # one", 1),
		},
		{name: "nothing on one side", ours: "", theirs: base, want: ""},
		{name: "items without fields", ours: "events:\n  A: {at: 1}\n", theirs: "events:\n  A: {of: X}\n", want: "events:\n  A: {at: 1, of: X}\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			from := base
			switch tt.name {
			case "renamed twice":
				from = "events:\n  A: {at: 5}\n"
			case "items without fields":
				from = "events:\n  A:\n"
			}
			got, conflicts := Merge(mustParse(t, "base", []byte(from)), mustParse(t, "ours", []byte(tt.ours)), mustParse(t, "theirs", []byte(tt.theirs)))
			var said []string
			for _, c := range conflicts {
				said = append(said, c.String())
			}
			if diff := cmp.Diff(tt.conflicts, strings.Join(said, "\n")); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(string(mustParse(t, "want", []byte(tt.want)).Format()), string(got)); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
		})
	}
}

// randomEdits makes edits of items whose number satisfies mine, so that two
// sets of them can be kept apart.
func randomEdits(r *rand.Rand, n int, mine func(int) bool) []Edit {
	var edits []Edit
	for len(edits) < n {
		i := r.IntN(40)
		if !mine(i) {
			continue
		}
		key := fmt.Sprintf("Event%02d", i)
		switch r.IntN(4) {
		case 0:
			edits = append(edits, Edit{Op: Put, Section: "events", Key: key, Field: "at", Value: json.RawMessage(fmt.Sprint(r.IntN(500)))})
		case 1:
			edits = append(edits, Edit{Op: Put, Section: "events", Key: key, Field: "lane", Value: json.RawMessage(fmt.Sprintf("%q", "lane "+fmt.Sprint(r.IntN(9))))})
		case 2:
			edits = append(edits, Edit{Op: Put, Section: "events", Key: fmt.Sprintf("New%02dX%d", i, r.IntN(100)), Field: "of", Value: json.RawMessage(`"Thing"`)})
		case 3:
			edits = append(edits, Edit{Op: Put, Section: "triggers", Key: fmt.Sprintf("Trigger%02d", i), Field: "from", Value: json.RawMessage(`"schedule"`)})
		}
	}
	return edits
}

// randomBase is a board of 40 events.
func randomBase(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("name: trial\nevents:\n")
	for i := range 40 {
		fmt.Fprintf(&b, "  Event%02d: {at: %d, data: {id: uuid}} # event %d\n", i, r.IntN(500), i)
	}
	return b.String()
}

// TestMergeTrial: two branches with random edits of different items merge
// without a conflict into what both sets of edits make, in either order.
func TestMergeTrial(t *testing.T) {
	t.Parallel()
	for seed := range 4 * *seeds {
		r := rand.New(rand.NewPCG(seed, 3))
		base := mustParse(t, "base", []byte(randomBase(r)))
		even := randomEdits(r, 8, func(i int) bool { return i%2 == 0 })
		odd := randomEdits(r, 8, func(i int) bool { return i%2 == 1 })
		ours, theirs := apply(t, base, even), apply(t, base, odd)
		want := apply(t, ours, odd)
		for _, sides := range [][2]*File{{ours, theirs}, {theirs, ours}} {
			got, conflicts := Merge(base, sides[0], sides[1])
			if len(conflicts) > 0 || string(got) != string(want.Format()) {
				t.Fatalf("seed %d: conflicts %v\n%s", seed, conflicts, cmp.Diff(string(want.Format()), string(got)))
			}
		}
	}
}

func apply(t *testing.T, f *File, edits []Edit) *File {
	t.Helper()
	made, err := f.Apply(edits...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestDiff: the edits between two boards make one of the other, and back.
func TestDiff(t *testing.T) {
	t.Parallel()
	for seed := range 3 * *seeds {
		r := rand.New(rand.NewPCG(seed, 4))
		from := mustParse(t, "from", []byte(randomBase(r)))
		edits := randomEdits(r, 10, func(int) bool { return true })
		edits = append(edits, Edit{Op: Delete, Section: "events", Key: "Event07"}, Edit{Op: Rename, Section: "events", Key: "Event08", To: "Renamed"},
			Edit{Op: Put, Field: "name", Value: json.RawMessage(`"other"`)}, Edit{Op: Put, Section: "bus", Field: "name", Value: json.RawMessage(`"b"`)})
		to := apply(t, from, edits)
		for _, pair := range [][2]*File{{from, to}, {to, from}, {from, cinema(t)}, {cinema(t), from}} {
			made := apply(t, pair[0], Diff(pair[0], pair[1]))
			if diff := cmp.Diff(pair[1].Board(), made.Board(), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Board{})); diff != "" {
				t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
			}
		}
	}
}

func TestEdit(t *testing.T) {
	t.Parallel()
	const text = "events:\n  A: {at: 10} # first\n  B: {at: 20, by: T}\n  C: {at: 21}\ntriggers:\n  T: {}\nreactions:\n  r: {when: A, do: T}\nspots:\n  s: {about: A}\n"
	for _, tt := range []struct {
		name string
		edit Edit
		want string // of the events, or the error
	}{
		{"put", Edit{Op: Put, Section: "events", Key: "A", Field: "at", Value: json.RawMessage("15")}, "at: 10 =>at: 15"},
		{"put a new item", Edit{Op: Put, Section: "events", Key: "D"}, "triggers:=>  D: {}\n\ntriggers:"},
		{"put a bad value", Edit{Op: Put, Section: "events", Key: "A", Field: "at", Value: json.RawMessage(`"x"`)}, "it must be a whole number"},
		{"put no JSON", Edit{Op: Put, Section: "events", Key: "A", Field: "at", Value: json.RawMessage(`&a`)}, "put events.A.at: the value is not JSON"},
		{"put an unknown field", Edit{Op: Put, Section: "events", Key: "A", Field: "att", Value: json.RawMessage("1")}, "put events.A.att: there is no such field"},
		{"no section", Edit{Op: Put, Section: "event", Key: "A"}, "put event.A: there is no such section"},
		{"delete a field", Edit{Op: Delete, Section: "events", Key: "B", Field: "by"}, "    by: T\n=>"},
		{"delete nothing", Edit{Op: Delete, Section: "events", Key: "X"}, "delete events.X: there is no such item"},
		{"rename to a taken name", Edit{Op: Rename, Section: "events", Key: "A", To: "B"}, "rename events.A: the name is taken"},
		{"rank between", Edit{Op: Rank, Section: "events", Key: "C", After: "A"}, "at: 21=>at: 15"},
		{"rank first", Edit{Op: Rank, Section: "events", Key: "C"}, "at: 21=>at: 5"},
		{"rank last", Edit{Op: Rank, Section: "events", Key: "A", After: "C"}, "at: 10 =>at: 31 "},
		{"rank after nothing", Edit{Op: Rank, Section: "events", Key: "A", After: "X"}, "rank events.A: after X: there is no such item"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := mustParse(t, "storm.yaml", []byte(text))
			before := string(f.Format())
			made, err := f.Apply(tt.edit)
			if string(f.Format()) != before {
				t.Error("the file itself was changed")
			}
			from, to, changes := strings.Cut(tt.want, "=>")
			if !changes {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if tt.name == "put a new item" {
				from = "\n" + from
			}
			if tt.name == "rank last" || tt.name == "put" {
				from, to = strings.TrimSuffix(from, " "), strings.TrimSuffix(to, " ")
			}
			if want := strings.Replace(before, from, to, 1); string(made.Format()) != want {
				t.Errorf("(-want +got):\n%s", cmp.Diff(want, string(made.Format())))
			}
		})
	}
}

// TestRename: a new name is used wherever the old one was, and the first name
// is kept.
func TestRename(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "storm.yaml", []byte("events:\n  A: {by: T}\ntriggers:\n  T: {from: reaction}\nreactions:\n  r: {when: A, do: T}\nviews:\n  V: {from: [A]}\ncontexts:\n  K: {published: [A]}\nspots:\n  s: {about: A}\n"))
	once := apply(t, f, []Edit{{Op: Rename, Section: "events", Key: "A", To: "B"}, {Op: Rename, Section: "triggers", Key: "T", To: "U"}})
	b := once.Board()
	if b.Events["A"] != nil || b.Events["B"].Was != "A" || b.Events["B"].By != "U" || b.Reactions["r"].When != "B" || b.Reactions["r"].Do != "U" ||
		b.Views["V"].From[0] != "B" || b.Contexts["K"].Published[0] != "B" || b.Spots["s"].About != "B" {
		t.Errorf("renamed:\n%s", once.Format())
	}
	twice := apply(t, once, []Edit{{Op: Rename, Section: "events", Key: "B", To: "C"}})
	if got := twice.Board().Events["C"].Was; got != "A" {
		t.Errorf("was %q after two renames, want A", got)
	}
	back := apply(t, twice, []Edit{{Op: Rename, Section: "events", Key: "C", To: "A"}, {Op: Rename, Section: "triggers", Key: "U", To: "T"}})
	if diff := cmp.Diff(string(f.Format()), string(back.Format())); diff != "" {
		t.Errorf("renamed back (-want +got):\n%s", diff)
	}
}

// TestRankRenumbers: where no rank is left between two events, all get new ones.
func TestRankRenumbers(t *testing.T) {
	t.Parallel()
	f := mustParse(t, "storm.yaml", []byte("events:\n  A: {at: 1}\n  B: {at: 2}\n  C: {}\n"))
	made := apply(t, f, []Edit{{Op: Rank, Section: "events", Key: "C", After: "A"}})
	if diff := cmp.Diff([]string{"A", "C", "B"}, made.Board().Timeline()); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, made.Format())
	}
}
