package board

import (
	"fmt"
	"strings"
)

// Text draws a board for a terminal: the timeline, and who sends what to whom.
func (b *Board) Text() string {
	var w strings.Builder
	b.textTimeline(&w)
	b.textServices(&w)
	return w.String()
}

func (b *Board) textTimeline(w *strings.Builder) {
	w.WriteString("Timeline\n")
	events := b.Timeline()
	if len(events) == 0 {
		w.WriteString("  no events yet\n")
		return
	}
	pulled := map[string][]string{} // by trigger: what reactions wait for
	for _, name := range Names(b.Reactions) {
		r := b.Reactions[name]
		pulled[r.Do] = append(pulled[r.Do], "whenever "+r.When)
	}
	width := 0
	for _, name := range events {
		width = max(width, len([]rune(name)))
	}
	for _, name := range events {
		e := b.Events[name]
		at, mark := "    ?", " "
		if e.At != nil {
			at = fmt.Sprintf("%5d", *e.At)
		}
		if e.Pivotal {
			mark = "*"
		}
		line := fmt.Sprintf("%s %s %s%s", at, mark, name, strings.Repeat(" ", width-len([]rune(name))))
		if e.By != "" {
			line += "  by " + b.cause(e.By, pulled[e.By])
		}
		w.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// cause is a trigger and who pulls it: what from says, or somebody else.
func (b *Board) cause(trigger string, from []string) string {
	t := b.Triggers[trigger]
	if t == nil {
		return trigger
	}
	switch {
	case len(from) > 0:
	case t.From == fromSchedule:
		from = []string{t.Every}
	case t.From != "":
		from = []string{t.From}
	default:
		return trigger
	}
	return trigger + " (" + strings.Join(from, ", ") + ")"
}

func (b *Board) textServices(w *strings.Builder) {
	services := Names(b.Services)
	if len(services) == 0 {
		return
	}
	w.WriteString("\nServices round the bus " + orElse(b.Bus.Name, b.Name) + "\n")
	sent := b.sent()
	reactions := map[string][]Arrow{} // by the service that they reach
	for _, a := range b.Arrows() {
		reactions[a.To] = append(reactions[a.To], a)
	}
	for _, service := range services {
		s := b.Services[service]
		fmt.Fprintf(w, "  %s", service)
		if s.In != "" {
			fmt.Fprintf(w, "  in %s", s.In)
		}
		if len(s.Owns) > 0 {
			fmt.Fprintf(w, ", owns %s", strings.Join(s.Owns, ", "))
		}
		w.WriteString("\n")
		for _, event := range sent[service] {
			fmt.Fprintf(w, "    sends     %s\n", event)
		}
		for _, a := range reactions[service] {
			fmt.Fprintf(w, "    reacts to %s\n", b.reading(a))
		}
	}
}

// sent is what each service sends, in the order of the timeline.
func (b *Board) sent() map[string][]string {
	sent := map[string][]string{}
	for _, event := range b.Timeline() {
		producer := b.Producer(event)
		sent[producer] = append(sent[producer], event)
	}
	return sent
}

// reading is what an arrow means for the service that it reaches.
func (b *Board) reading(a Arrow) string {
	from := ""
	if a.From != a.To {
		from = " of " + orElse(a.From, "nobody yet")
	}
	if a.View != "" {
		return a.Event + from + ", for the view " + a.View
	}
	return a.Event + from + ", by " + b.Reactions[a.Reaction].Do
}

// Mermaid draws the services round the bus as a Mermaid flowchart.
func (b *Board) Mermaid() string {
	var w strings.Builder
	w.WriteString("flowchart LR\n")
	fmt.Fprintf(&w, "  bus{{\"%s\"}}\n", mermaidText(orElse(b.Bus.Name, orElse(b.Name, "bus"))))
	for _, service := range Names(b.Services) {
		fmt.Fprintf(&w, "  %s[\"%s\"]\n", mermaidID(service), mermaidText(service))
	}
	for _, l := range b.links() {
		if l.sends {
			fmt.Fprintf(&w, "  %s -- \"%s\" --> bus\n", mermaidID(l.service), mermaidText(strings.Join(l.events, ", ")))
		} else {
			fmt.Fprintf(&w, "  bus -- \"%s\" --> %s\n", mermaidText(strings.Join(l.events, ", ")), mermaidID(l.service))
		}
	}
	return w.String()
}

// link is all that one service sends to the bus, or reads from it.
type link struct {
	service string
	sends   bool
	events  []string // in the order of the timeline
}

// links are the links of all services, by name.
func (b *Board) links() []link {
	readers := map[string]map[string]bool{} // of each event
	for _, a := range b.Arrows() {
		if readers[a.Event] == nil {
			readers[a.Event] = map[string]bool{}
		}
		readers[a.Event][a.To] = true
	}
	reads := map[string][]string{}
	for _, event := range b.Timeline() {
		for reader := range readers[event] {
			reads[reader] = append(reads[reader], event)
		}
	}
	sent := b.sent()
	var all []link
	for _, service := range Names(b.Services) {
		for _, l := range []link{{service, true, sent[service]}, {service, false, reads[service]}} {
			if len(l.events) > 0 {
				all = append(all, l)
			}
		}
	}
	return all
}

// mermaidID is the id of a service's node. Slugs differ, and the prefix keeps
// them from being words of the language.
func mermaidID(service string) string { return "s_" + strings.ReplaceAll(Slug(service), "-", "_") }

// mermaidText is a text as it can stand between quotation marks.
func mermaidText(s string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "\n", " ").Replace(s)
}
