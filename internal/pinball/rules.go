package pinball

// Rule is one sign to look for.
type Rule struct {
	ID       string
	Name     string
	Severity Severity // of its findings, unless they say otherwise
	About    string
	Fix      string

	check func(*graph) []Finding
}

// Limits are the thresholds of the rules. Zero means the default.
type Limits struct {
	// Arrows is how many arrows a context must have before CTX-1 judges it.
	Arrows int
	// Fan is how many other services a service may send to, or read from,
	// before CTX-2 calls it a hub, if there are few services.
	Fan int
	// FanShare is the same as a share of all services, in percent; the larger
	// of the two counts.
	FanShare int
	// Chain is how many services a chain of waiting calls may have before
	// ASY-2 finds it.
	Chain int
	// Updated is which share of a thing's known fields an event called Updated
	// may have, in percent, before SCH-3 takes it for a copy of the row.
	Updated int
}

func (l Limits) orDefaults() Limits {
	for _, d := range []struct {
		limit *int
		value int
	}{{&l.Arrows, 4}, {&l.Fan, 6}, {&l.FanShare, 50}, {&l.Chain, 2}, {&l.Updated, 50}} {
		if *d.limit == 0 {
			*d.limit = d.value
		}
	}
	return l
}

// rules are all rules that can be seen on a design.
var rules = []Rule{
	{
		ID: "ASY-1", Name: "sync-call", Severity: Error, check: syncCalls,
		About: "A service calls a service of another context and waits for it.",
		Fix:   "publish an event and react to its answer, or keep a view of what you need to know",
	},
	{
		ID: "ASY-2", Name: "sync-chain", Severity: Error, check: syncChains,
		About: "Calls that wait go through three services or more, or in a circle.",
		Fix:   "break the chain with an event",
	},
	{
		ID: "ASY-3", Name: "event-as-request", Severity: Warn, check: eventAsRequest,
		About: "An event is a question in disguise: its sender calls the only reader, whose only effect is the answer.",
		Fix:   "name what happened instead of what is asked, or make it one service",
	},
	{
		ID: "ASY-4", Name: "event-cycle", Severity: Error, check: eventCycles,
		About: "An event can cause itself, and no reaction on the way has a condition that can stop it.",
		Fix:   "give a reaction of the cycle a match that ends it",
	},
	{
		ID: "PIN-4", Name: "back-in-time", Severity: Warn, check: backInTime,
		About: "An event that a reaction causes is not later on the timeline than the event that it waits for.",
		Fix:   "move one of the two events",
	},
	{
		ID: "DAT-1", Name: "shared-store", Severity: Error, check: sharedStores,
		About: "A service reads a view that another service keeps.",
		Fix:   "give the service a view of its own, fed by the same events",
	},
	{
		ID: "DAT-2", Name: "split-thing", Severity: Error, check: splitThings,
		About: "A thing of one context is owned by several services, or by one of another context.",
		Fix:   "one service owns a thing in a context",
	},
	{
		ID: "DAT-3", Name: "merged-thing", Severity: Error, check: mergedThings,
		About: "A thing that lives in several contexts has a single service.",
		Fix:   "make a service for each context: each uses the thing differently",
	},
	{
		ID: "CTX-1", Name: "leaky-context", Severity: Warn, check: leakyContexts,
		About: "More arrows cross the border of a context than stay inside.",
		Fix:   "move a thing into the context that speaks of it most, or draw the border elsewhere",
	},
	{
		ID: "CTX-2", Name: "hub", Severity: Warn, check: hubs,
		About: "A service sends to, or reads from, too many other services.",
		Fix:   "split it by the things that it owns",
	},
	{
		ID: "CTX-3", Name: "private-event-crossed", Severity: Error, check: privateEvents,
		About: "An event that its context does not publish is read by another context.",
		Fix:   "add it to the context's published events, or publish another one",
	},
	{
		ID: "CTX-4", Name: "two-teams", Severity: Warn, check: twoTeams,
		About: "Several teams work in one context.",
		Fix:   "one team per context: split the context, or give it to one team",
	},
	{
		ID: "SCH-1", Name: "no-schema", Severity: Error, check: noSchemas,
		About: "An event has no schema.",
		Fix:   "write its data",
	},
	{
		ID: "SCH-3", Name: "command-shaped", Severity: Note, check: commandShaped,
		About: "An event's name is not in the past tense, or it is a copy of a row that changed.",
		Fix:   "say what happened in the business",
	},
	{
		ID: "REL-1", Name: "no-dlq", Severity: Warn, check: unreliable,
		About: "What a reaction cannot deliver is lost, or what it does cannot be recognised when it comes twice.",
		Fix:   "write dlq: true, and a key for the thing",
	},
	{
		ID: "DED-1", Name: "dead-end", Severity: Note, check: deadEnds,
		About: "Nobody reads an event.",
		Fix:   "react to it, feed a view with it, or accept it until a day with a reason",
	},
}

// Rules returns all rules, in order.
func Rules() []Rule { return append([]Rule(nil), rules...) }
