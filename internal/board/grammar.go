package board

// Version is the version of the format that this package reads and writes.
const Version = 1

// kind is the sort of value that a field holds.
type kind uint8

const (
	word     kind = iota + 1 // one short text: a team, a runtime
	prose                    // text for people, always in quotes
	number                   // a whole number, not negative
	truth                    // true or false
	choice                   // one of rule.choices
	name                     // the name of an item of one of rule.to
	names                    // a list of such names
	glossary                 // a map of words to prose
	schema                   // a map of fields to their types, in short form
	object                   // any map: a pattern, an example
	record                   // a map with the fields rule.fields
)

// rule says what a field may hold.
type rule struct {
	name    string
	kind    kind
	about   string              // for editors, one sentence
	to      []string            // sections that a name may come from
	besides []string            // values of a name that are no item
	choices []string            // of a choice
	fields  []rule              // of a record
	form    func(string) string // says what is wrong with a word, or ""
}

// section is one part of the file: a map of items by name.
type section struct {
	name   string
	about  string
	fields []rule
	legal  func(string) string // says what is wrong with a name, or ""
	// wide sections have one field per line, whatever fits: they are those that
	// several people change at once.
	wide bool
}

// head are the fields before the sections.
var head = []rule{
	{name: "storm", kind: number, about: "Version of the file's format."},
	{name: "name", kind: word, about: "Name of the system.", form: slugForm},
	{name: "bus", kind: record, about: "The one event bus.", fields: []rule{
		{name: "name", kind: word, about: "Name of the event bus.", form: busForm},
		{name: "source", kind: word, about: "Source of each service's events; {service} is its name.", form: sourceForm},
		{name: "carry", kind: names, about: "Fields that every event passes on.", besides: []string{"correlation_id", "causation_id"}},
	}},
}

// was is the former name of an item that was renamed.
var was = rule{name: "was", kind: word, about: "Former name; references and stored events may still use it."}

// sections are the sections in the order of the file, with their fields in the
// order of the file.
var sections = []section{
	{
		name: "events", about: "Steps 1, 2, 3, 4 and 8: what happened, in the past tense.", wide: true, legal: eventName,
		fields: []rule{
			{name: "at", kind: number, about: "Rank on the timeline, in gaps of ten; equal ranks are parallel."},
			{name: "by", kind: name, to: []string{"triggers"}, about: "The trigger that causes it."},
			{name: "of", kind: name, to: []string{"things"}, about: "The thing that it is a fact about."},
			{name: "in", kind: name, to: []string{"contexts"}, about: "Its context, needed if the thing is in several."},
			{name: "lane", kind: word, about: "Swimlane on the board before contexts are found."},
			{name: "v", kind: number, about: "Version of its schema."},
			was,
			{name: "pivotal", kind: truth, about: "One of the few events that most parties care about."},
			{name: "private", kind: truth, about: "Not to be read outside its context."},
			{name: "data", kind: schema, about: "Its schema in short form."},
			{name: "schema", kind: word, about: "A JSON Schema file instead of data, relative to the board.", form: pathForm},
			{name: "example", kind: object, about: "An example of its data."},
		},
	},
	{
		name: "triggers", about: "Step 3: commands, and who gives them.", wide: true, legal: itemName,
		fields: []rule{
			{name: "from", kind: name, to: []string{"actors", "systems"}, besides: []string{fromReaction, fromSchedule}, about: "Who gives the command: an actor, a system, a schedule or a reaction."},
			{name: "calls", kind: name, to: []string{"systems", "services"}, about: "What it calls and waits for."},
			{name: "http", kind: word, about: "Method and path of its route.", form: routeForm},
			{name: "every", kind: word, about: "Its schedule: rate(…) or cron(…).", form: scheduleForm},
			{name: "reads", kind: names, to: []string{"views"}, about: "Views that it looks at before it decides."},
			was,
		},
	},
	{
		name: "reactions", about: "Step 3: whenever this happened, do that. Each is one rule of the bus.", wide: true, legal: ruleName,
		fields: []rule{
			{name: "when", kind: name, to: []string{"events"}, about: "The event that it waits for."},
			{name: "do", kind: name, to: []string{"triggers"}, about: "The trigger that it pulls."},
			{name: "match", kind: object, about: "Further conditions, as an event pattern."},
			{name: "retry", kind: record, about: "How long delivery is tried.", fields: []rule{
				{name: "attempts", kind: number, about: "Retries after the first attempt, at most 185.", form: attemptsForm},
				{name: "age", kind: word, about: "Age of an event at which it is given up, from 1m to 24h.", form: ageForm},
			}},
			{name: "dlq", kind: truth, about: "Whether what cannot be delivered goes to a queue of its own."},
			{name: "saga", kind: truth, about: "Whether it belongs to a longer process with steps."},
			was,
		},
	},
	{
		name: "views", about: "Step 3: what is read, fed by events only.", legal: itemName,
		fields: []rule{
			{name: "of", kind: name, to: []string{"things"}, about: "The thing that it shows."},
			{name: "in", kind: name, to: []string{"contexts"}, about: "Its context, needed if the thing is in several."},
			{name: "from", kind: names, to: []string{"events"}, about: "The events that feed it."},
			was,
		},
	},
	{
		name: "systems", about: "Systems outside, from a spreadsheet to a payment provider.", legal: itemName,
		fields: []rule{
			{name: "kind", kind: choice, choices: []string{"http", "queue", "bucket", "mail", "manual", "other"}, about: "How it is reached."},
			{name: "owner", kind: word, about: "Whose it is: a team, or external."},
			was,
		},
	},
	{
		name: "actors", about: "People and roles.", legal: itemName,
		fields: []rule{
			{name: "auth", kind: choice, choices: []string{"cognito", "none"}, about: "How they sign in."},
			was,
		},
	},
	{
		name: "things", about: "Step 4: the entities and aggregates that events are facts about.", legal: itemName,
		fields: []rule{
			{name: "kind", kind: choice, choices: []string{"aggregate", "entity"}, about: "Whether it guards rules over more than itself."},
			{name: "key", kind: word, about: "The field of its events that identifies it.", form: fieldForm},
			was,
		},
	},
	{
		name: "contexts", about: "Step 5: one language, one team, few stakeholders.", legal: itemName,
		fields: []rule{
			{name: "things", kind: names, to: []string{"things"}, about: "The things that it speaks of."},
			{name: "team", kind: word, about: "The team that it belongs to."},
			{name: "kind", kind: choice, choices: []string{"core", "supporting", "generic"}, about: "What it is to the business."},
			{name: "published", kind: names, to: []string{"events"}, about: "Events that other contexts may read."},
			{name: "words", kind: glossary, about: "What its words mean."},
			was,
		},
	},
	{
		name: "services", about: "Step 6: a service for each thing in each context.", wide: true, legal: itemName,
		fields: []rule{
			{name: "in", kind: name, to: []string{"contexts"}, about: "Its context."},
			{name: "owns", kind: names, to: []string{"things"}, about: "The things that only it changes."},
			{name: "store", kind: choice, choices: []string{"dynamodb", "s3", "none"}, about: "Where it keeps them."},
			{name: "runtime", kind: choice, choices: []string{"python3.10", "python3.11", "python3.12", "python3.13", "python3.14"}, about: "What its functions run on."},
			{name: "models", kind: choice, choices: []string{"dataclass", "pydantic", "typeddict"}, about: "How its generated Python shows events."},
			{name: "team", kind: word, about: "The team, if it is not its context's."},
			was,
		},
	},
	{
		name: "spots", about: "Hotspots: questions, conflicts and pains.", wide: true, legal: itemName,
		fields: []rule{
			{name: "about", kind: name, to: itemSections, about: "What it is about."},
			{name: "ask", kind: prose, about: "The question."},
			{name: "open", kind: truth, about: "Whether it still is a question; an open one keeps its step from being done."},
			{name: "since", kind: word, about: "The day it was raised, as 2025-01-14.", form: dateForm},
			{name: "step", kind: number, about: "The step it holds up, if it is not the step of what it is about.", form: stepForm},
		},
	},
	{
		name: "ignores", about: "Findings that are accepted until a day, and why.", wide: true, legal: itemName,
		fields: []rule{
			{name: "rule", kind: word, about: "Id of the rule, such as DED-1.", form: ruleIDForm},
			{name: "about", kind: name, to: itemSections, about: "What the finding is about; without it all of the rule are accepted."},
			{name: "until", kind: word, about: "The last day on which it is accepted, as 2025-01-14.", form: dateForm},
			{name: "why", kind: prose, about: "The reason."},
		},
	},
}

// itemSections are the sections whose items something may be about.
var itemSections = []string{"events", "triggers", "reactions", "views", "systems", "actors", "things", "contexts", "services"}

// The causes of a trigger that are no item of the board.
const (
	fromReaction = "reaction"
	fromSchedule = "schedule"
)

// sectionNamed returns the section called name, or nil.
func sectionNamed(name string) *section {
	for i := range sections {
		if sections[i].name == name {
			return &sections[i]
		}
	}
	return nil
}

// ruleNamed returns the rule called name, or nil.
func ruleNamed(rules []rule, name string) *rule {
	for i := range rules {
		if rules[i].name == name {
			return &rules[i]
		}
	}
	return nil
}
