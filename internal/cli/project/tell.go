package project

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/codegen"
)

// maxNames is how many names of one kind a line gives.
const maxNames = 3

// tell says what a round did and what is wrong. What was said and still holds
// is not repeated.
func (l *Live) tell(r *round) {
	said := l.tellNotices(r)
	saved := l.saved(r)
	cause := some(saved)
	if r.refused {
		after := "not applied; what runs is as it was, and what is saved next is looked at"
		if l.good == nil {
			after = "not applied; what is saved next is looked at"
		}
		l.line(r, l.Project.shown(BoardFile), after, l.Err)
		said = true
	}
	done := resourcesDone(r.resources)
	if len(r.files) > 0 {
		done = append(l.filesDone(r), done...)
	}
	what := ""
	switch {
	case len(done) > 0:
		what = strings.Join(done, ", ")
	case r.applied && r.first:
		what = "everything is as the board says, " + count(unchanged(r.resources), "resource")
	case r.applied, r.loaded && l.applied != [sha256.Size]byte{}:
		what = "nothing to do"
	case l.wasBad && !r.bad():
		what = "mended, nothing to do"
	}
	if what != "" {
		l.line(r, cause, what, l.Out)
		said = true
	}
	l.wasBad = r.bad()
	l.tellMissing(r)
	if said && l.Report != nil {
		l.Report(l.report(r, saved))
	}
}

// tellNotices says what is wrong and was not said yet, and reports whether
// anything was.
func (l *Live) tellNotices(r *round) (said bool) {
	holds := map[string]bool{}
	for _, n := range r.notices {
		if !l.said[n.key] && !holds[n.key] {
			fmt.Fprintln(l.Err, n.problem)
			said = true
		}
		holds[n.key] = true
	}
	l.said = holds
	return said
}

// line writes one line with the time, and how long it took since what caused
// it was saved.
func (l *Live) line(r *round, cause, what string, to io.Writer) {
	now := l.Clock.Now()
	fmt.Fprintf(to, "%s %s: %s (%d ms)\n", now.Format(time.TimeOnly), cause, what, now.Sub(r.since).Milliseconds())
}

// saved names the files that were saved since the last round: the board, if it is
// one of them.
func (l *Live) saved(r *round) []string {
	now := map[string][sha256.Size]byte{BoardFile: sha256.Sum256(l.text)}
	for name, text := range l.beside {
		now[name] = sha256.Sum256(text)
	}
	for folder, b := range l.bundles {
		for _, f := range b.files {
			now[path.Join(folder, f.path)] = f.digest
		}
	}
	var saved, generated []string
	note := func(name string) {
		if strings.Contains(name, "/gen/") {
			generated = append(generated, l.Project.shown(name))
		} else {
			saved = append(saved, l.Project.shown(name))
		}
	}
	for name, digest := range now {
		if was, known := l.files[name]; !known || was != digest {
			note(name)
		}
	}
	for name := range l.files {
		if _, still := now[name]; !still {
			note(name)
		}
	}
	l.files = now
	names := saved
	if len(names) == 0 {
		names = generated
	}
	if r.first || len(names) == 0 || slices.Contains(names, l.Project.shown(BoardFile)) {
		return []string{l.Project.shown(BoardFile)}
	}
	slices.Sort(names)
	return names
}

// some gives the first of some names, in order, and how many more there are.
func some(names []string) string {
	names = slices.Sorted(slices.Values(names))
	if more := len(names) - maxNames; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), more)
	}
	return strings.Join(names, ", ")
}

// digestOf returns the digest of a file of a service, as it was read last.
func (l *Live) digestOf(name string) (digest [sha256.Size]byte) {
	for folder, b := range l.bundles {
		if rest, ok := strings.CutPrefix(name, folder+"/"); ok {
			if f := b.find(rest); f != nil {
				return f.digest
			}
		}
	}
	return digest
}

// filesDone says what was generated, and which handlers wait to be written.
func (l *Live) filesDone(r *round) []string {
	handlers := map[string]bool{}
	for _, f := range l.good.Files {
		handlers[f.Path] = isHandler(f)
	}
	var generated, begun, moved, followed, removed []string
	for _, c := range r.files {
		switch {
		case c.Action == codegen.Move && !handlers[c.Path]:
			followed = append(followed, l.Project.shown(c.From)+" to "+l.Project.shown(c.Path))
		case c.Action == codegen.Move:
			moved = append(moved, l.Project.shown(c.From)+" to "+l.Project.shown(c.Path))
		case c.Action == codegen.Remove:
			removed = append(removed, l.Project.shown(c.Path))
		case handlers[c.Path]:
			begun = append(begun, l.Project.shown(c.Path))
		default:
			generated = append(generated, l.Project.shown(c.Path))
		}
	}
	var done []string
	for _, group := range []struct {
		names      []string
		noun, verb string
	}{{generated, "file", "generated"}, {removed, "file", "removed"}, {moved, "handler", "moved"}, {followed, "file", "moved"}, {begun, "handler", "to write"}} {
		switch n := len(group.names); {
		case n > maxNames && group.noun == "file":
			done = append(done, count(n, "file")+" "+group.verb)
		case n > 0:
			done = append(done, fmt.Sprintf("%s %s (%s)", count(n, group.noun), group.verb, some(group.names)))
		}
	}
	return done
}

// resourcesDone says what became of a plan's resources, by action and kind.
func resourcesDone(changes []deploy.Change) []string {
	type group struct{ action, kind string }
	var order []group
	names := map[group][]string{}
	for _, c := range changes {
		if c.Action == deploy.Unchanged || c.Action == deploy.NotServed {
			continue
		}
		g := group{string(c.Action), string(c.Kind)}
		if names[g] == nil {
			order = append(order, g)
		}
		names[g] = append(names[g], c.Name)
	}
	said := make([]string, 0, len(order))
	for _, g := range order {
		done := g.action
		switch deploy.Action(g.action) {
		case deploy.Create:
			done = "created"
		case deploy.Update:
			done = "updated"
		case deploy.Delete:
			done = "deleted"
		}
		said = append(said, fmt.Sprintf("%s %s (%s)", count(len(names[g]), g.kind), done, some(names[g])))
	}
	return said
}

func unchanged(changes []deploy.Change) (n int) {
	for _, c := range changes {
		if c.Action == deploy.Unchanged {
			n++
		}
	}
	return n
}

// count gives a number and a noun in the form for it.
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		return fmt.Sprintf("%d %ses", n, noun)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// tellMissing says what the board has and the server does not do: what is not
// served yet, and what the board does not say enough about.
func (l *Live) tellMissing(r *round) {
	if !r.applied {
		return
	}
	var b strings.Builder
	kinds := map[string][]string{}
	for _, c := range r.resources {
		if c.Action == deploy.NotServed {
			kinds[string(c.Kind)] = append(kinds[string(c.Kind)], c.Name)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&b, "  not served yet: %s (%s)\n", count(len(kinds[kind]), kind), some(kinds[kind]))
	}
	missing := l.good.Plan.Missing
	for i, m := range missing {
		if i == maxNames {
			fmt.Fprintf(&b, "  not planned yet: %d more; `stormbus plan` shows all\n", len(missing)-maxNames)
			break
		}
		fmt.Fprintf(&b, "  not planned yet: %s: %s\n", m.Item, m.Why)
	}
	if b.String() != l.told {
		fmt.Fprint(l.Out, b.String())
	}
	l.told = b.String()
}
