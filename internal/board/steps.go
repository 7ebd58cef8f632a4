package board

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Step is one of the eight steps of EventBridge Storming, and what it lacks.
type Step struct {
	Number  int       `json:"step"`
	Name    string    `json:"name"`
	Checks  []Checked `json:"checks"`
	Spots   []string  `json:"spots,omitempty"` // open hotspots that hold it up
	Begun   bool      `json:"begun"`           // whether there is anything of it yet
	Done    bool      `json:"done"`
	Missing int       `json:"missing"` // open checks and hotspots
}

// Checked is one check of a step.
type Checked struct {
	Check string   `json:"check"`
	Open  []string `json:"open"` // what it lacks, such as "events.SeatsHeld"; empty if it holds
}

// Concern is a finding of a rule about an item that is not accepted: package
// pinball makes them, and steps ask for them by the rule's id.
type Concern struct {
	Rule    string
	Path    string // such as events.SeatsHeld
	Message string
}

// stepNames are the steps' names. The third is ours: the talk that the method
// comes from goes from its second step to its fourth.
var stepNames = []string{
	"Event discovery", "Sequence", "Triggers & reactions", "Entities", "Contexts", "Services", "One bus", "Shared schema",
}

// Steps asks all checks of the eight steps.
func (f *File) Steps(concerns []Concern) []Step {
	b := f.board
	s := &stepper{Board: b, names: f.names(), concerns: concerns}
	steps := make([]Step, len(stepNames))
	for i, checks := range [][]Checked{
		s.discovery(), s.sequence(), s.triggers(), s.entities(), s.contexts(), s.services(), s.bus(), s.schemas(),
	} {
		step := Step{Number: i + 1, Name: stepNames[i], Checks: checks, Begun: s.begun(i + 1), Spots: s.spots(i + 1)}
		for _, c := range checks {
			if len(c.Open) > 0 {
				step.Missing++
			}
		}
		step.Missing += len(step.Spots)
		step.Done = step.Begun && step.Missing == 0
		steps[i] = step
	}
	return steps
}

type stepper struct {
	*Board

	names    map[string][]string // of the items of each section
	concerns []Concern
}

// begun reports whether there is anything on the board that a step makes.
func (s *stepper) begun(step int) bool {
	switch step {
	case 1:
		return len(s.Events) > 0
	case 2:
		return slices.ContainsFunc(Names(s.Events), func(e string) bool { return s.Events[e].At != nil })
	case 3:
		return len(s.Triggers)+len(s.Reactions) > 0
	case 4:
		return len(s.Things) > 0
	case 5:
		return len(s.Contexts) > 0
	case 6:
		return len(s.Services) > 0
	case 7:
		return s.Bus.Name != "" || s.Bus.Source != ""
	}
	return slices.ContainsFunc(Names(s.Events), func(e string) bool { return s.Events[e].HasSchema() })
}

// stepOfSection is the step that makes the items of a section.
var stepOfSection = map[string]int{
	"events": 1, "triggers": 3, "reactions": 3, "views": 3, "systems": 3, "actors": 3, "things": 4, "contexts": 5, "services": 6,
}

// spots are the open hotspots that hold up a step: the one that they name, else
// that of the section that they are about, else the first.
func (s *stepper) spots(step int) []string {
	var open []string
	for _, name := range Names(s.Spots) {
		spot := s.Spots[name]
		held := spot.Step
		if held == 0 {
			held = max(1, stepOfSection[s.sectionOf(spot.About)])
		}
		if spot.Open && held == step {
			open = append(open, name)
		}
	}
	return open
}

// sectionOf is the first section that has an item, "" if none has.
func (s *stepper) sectionOf(item string) string {
	for _, section := range itemSections {
		if slices.Contains(s.names[section], item) {
			return section
		}
	}
	return ""
}

// each is a check of every item of a section; open says whether one is open.
func each(check, section string, names []string, open func(name string) bool) Checked {
	c := Checked{Check: check, Open: []string{}}
	for _, name := range names {
		if open(name) {
			c.Open = append(c.Open, section+"."+name)
		}
	}
	return c
}

// clean is a check that rules have found nothing.
func (s *stepper) clean(check string, rules ...string) Checked {
	c := Checked{Check: check, Open: []string{}}
	for _, concern := range s.concerns {
		if slices.Contains(rules, concern.Rule) {
			c.Open = append(c.Open, concern.Path+": "+concern.Rule+", "+concern.Message)
		}
	}
	return c
}

func (s *stepper) discovery() []Checked {
	return []Checked{
		each("every event is in the past tense", "events", Names(s.Events), func(e string) bool { return !IsPast(e) }),
		each("every actor causes an event", "actors", Names(s.Actors), func(actor string) bool {
			for _, t := range Names(s.Triggers) {
				if s.Triggers[t].From == actor && len(s.Outcomes(t)) > 0 {
					return false
				}
			}
			return true
		}),
	}
}

func (s *stepper) sequence() []Checked {
	return []Checked{
		each("every event has its place on the timeline", "events", Names(s.Events), func(e string) bool { return s.Events[e].At == nil }),
		s.duplicates(),
	}
}

// duplicates finds events whose names have the same words, or differ in one
// letter.
func (s *stepper) duplicates() Checked {
	c := Checked{Check: "no two events have nearly the same name", Open: []string{}}
	near := map[string][]string{} // names that are alike in something
	told := map[[2]string]bool{}
	looks := map[string]look{}
	for _, name := range Names(s.Events) {
		mine := lookOf(name)
		looks[name] = mine
		alike := map[string]bool{"words " + mine.stem: true}
		if len(name) > 6 {
			lower := mine.lower
			alike[lower] = true
			for i := range lower { // two names that differ in a letter are the same without it
				alike[lower[:i]+lower[i+1:]] = true
			}
		}
		for key := range alike {
			for _, other := range near[key] {
				pair := [2]string{other, name}
				if mine.isNear(looks[other]) && !told[pair] {
					told[pair] = true
					c.Open = append(c.Open, "events."+other+", events."+name)
				}
			}
			near[key] = append(near[key], name)
		}
	}
	slices.Sort(c.Open)
	return c
}

// look is what names are compared by.
type look struct{ stem, lower, letters string }

func lookOf(name string) look {
	lower := strings.ToLower(name)
	return look{stem: stem(name), lower: lower, letters: strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, lower)}
}

// isNear reports whether two names have the same words, or differ in one letter.
// Numbers are what tells names apart.
func (l look) isNear(other look) bool {
	return l.stem == other.stem || l.letters != other.letters && distance(l.lower, other.lower, 2) < 2
}

// stem is a name without what makes no difference: its words in order, without
// an s at the end.
func stem(name string) string {
	words := strings.Split(Slug(name), "-")
	for i := range words {
		words[i] = strings.TrimSuffix(words[i], "s")
	}
	slices.Sort(words)
	return strings.Join(words, "-")
}

func (s *stepper) triggers() []Checked {
	return []Checked{
		each("every event has a cause", "events", Names(s.Events), func(e string) bool { return s.Triggers[s.Events[e].By] == nil }),
		each("every trigger says who gives the command", "triggers", Names(s.Triggers), func(t string) bool { return s.Triggers[t].From == "" }),
		each("every reaction says when and what", "reactions", Names(s.Reactions), func(r string) bool {
			return s.Events[s.Reactions[r].When] == nil || s.Triggers[s.Reactions[r].Do] == nil
		}),
		s.failures(),
		s.clean("no event causes itself without end", "ASY-4"),
	}
}

// failures asks what becomes of the events that tell of something bad.
func (s *stepper) failures() Checked {
	bad := &stepper{}
	for _, concern := range s.concerns {
		if badNews.MatchString(concern.Path) {
			bad.concerns = append(bad.concerns, concern)
		}
	}
	return bad.clean("somebody reads what failed, expired or was rejected, or it is accepted that nobody does", "DED-1")
}

// badNews are such events, however their names are written: PaymentFailed, "Payment
// failed".
var badNews = regexp.MustCompile(`(?i)^events\..*(failed|expired|rejected)`)

func (s *stepper) entities() []Checked {
	return []Checked{
		each("every event is a fact about one thing", "events", Names(s.Events), func(e string) bool { return s.Things[s.Events[e].Of] == nil }),
		each("every thing has a key", "things", Names(s.Things), func(t string) bool { return s.Things[t].Key == "" }),
	}
}

func (s *stepper) contexts() []Checked {
	return []Checked{
		each("every thing is in a context", "things", Names(s.Things), func(t string) bool { return len(s.ContextsOf(t)) == 0 }),
		each("every event is in one context", "events", Names(s.Events), func(e string) bool {
			return s.Things[s.Events[e].Of] != nil && s.ContextOfEvent(e) == ""
		}),
		each("every context has a team", "contexts", Names(s.Contexts), func(c string) bool { return s.Contexts[c].Team == "" }),
		s.clean("no context leaks, and each has one team", "CTX-1", "CTX-4"),
	}
}

func (s *stepper) services() []Checked {
	owned := Checked{Check: "every thing of every context has a service", Open: []string{}}
	for _, context := range Names(s.Contexts) {
		for _, thing := range s.Contexts[context].Things {
			if len(s.OwnersOf(thing, context)) == 0 {
				owned.Open = append(owned.Open, fmt.Sprintf("contexts.%s: %s", context, thing))
			}
		}
	}
	return []Checked{
		owned,
		s.clean("each thing has one service in each context, and no service is a hub", "DAT-2", "DAT-3", "CTX-2"),
	}
}

func (s *stepper) bus() []Checked {
	named := Checked{Check: "the bus has a name and a source", Open: []string{}}
	if s.Bus.Name == "" || s.Bus.Source == "" {
		named.Open = append(named.Open, "bus")
	}
	return []Checked{
		named,
		s.clean("nothing is lost on the way", "REL-1"),
		s.clean("no service calls another one, or reads its views", "ASY-1", "ASY-2", "DAT-1"),
		s.ends(),
	}
}

// ends asks who sends and who receives what crosses the bus: without both, nothing
// can go through it.
func (s *stepper) ends() Checked {
	c := Checked{Check: "every arrow goes from a service through the bus to a service", Open: []string{}}
	for _, a := range s.Arrows() {
		item := "reactions." + a.Reaction
		if a.View != "" {
			item = "views." + a.View
		}
		switch {
		case a.From == "":
			c.Open = append(c.Open, item+": nobody sends "+a.Event)
		case a.To == "":
			c.Open = append(c.Open, item+": nobody receives "+a.Event)
		}
	}
	return c
}

func (s *stepper) schemas() []Checked {
	public := map[[2]string]bool{} // by context and event
	for name, context := range s.Contexts {
		for _, e := range context.Published {
			public[[2]string{name, e}] = true
		}
	}
	published := func(e string) bool { return public[[2]string{s.ContextOfEvent(e), e}] }
	return []Checked{
		s.clean("every event has a schema", "SCH-1"),
		each("every published event has a schema", "events", Names(s.Events), func(e string) bool { return published(e) && !s.Events[e].HasSchema() }),
		each("every published event has an example", "events", Names(s.Events), func(e string) bool { return published(e) && s.Events[e].Example == nil }),
		s.clean("what crosses a context's border is published", "CTX-3"),
	}
}
