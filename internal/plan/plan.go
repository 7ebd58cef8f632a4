package plan

import (
	"time"

	"stormbus/internal/schema"
)

// Plan is everything that must be there for a board to run, in AWS's terms. It
// is made by [Of] and does not change afterwards. Lists are sorted by name; the
// same board gives the same plan.
type Plan struct {
	Name      string     `json:"name"` // of the board, a slug; it marks what the plan owns
	Bus       Bus        `json:"bus"`
	Schemas   []Schema   `json:"schemas,omitempty"`
	Queues    []Queue    `json:"queues,omitempty"`
	Tables    []Table    `json:"tables,omitempty"`
	Functions []Function `json:"functions,omitempty"`
	Rules     []Rule     `json:"rules,omitempty"` // on the bus
	Routes    []Route    `json:"routes,omitempty"`
	Schedules []Schedule `json:"schedules,omitempty"`
	SignIns   []SignIn   `json:"signIns,omitempty"`
	// NotServed lists the kinds of resources of this plan that no stormbus server
	// carries out yet. They are planned, exported, and left out when it is run.
	NotServed []Kind `json:"notServed,omitempty"`
	// Missing lists items of the board that nothing was planned for, because
	// the board does not say enough about them yet.
	Missing []Missing `json:"missing,omitempty"`
}

// Bus is the one event bus of the board.
type Bus struct {
	Name string `json:"name"`
}

// Schema is the schema of one event, as it stands in a registry.
type Schema struct {
	Name       string        `json:"name"` // of the registry: source@DetailType
	Event      string        `json:"event"`
	Source     string        `json:"source"`
	DetailType string        `json:"detailType"`
	Version    int           `json:"version"` // the board's v
	Service    string        `json:"service"` // that sends it
	Detail     schema.Schema `json:"-"`       // with the fields that the bus carries
}

// Queue is a queue for what could not be delivered.
type Queue struct {
	Name    string `json:"name"`
	Service string `json:"service"`
	From    string `json:"from"` // path of the board's item
	// Retention is how long messages are kept.
	Retention time.Duration `json:"-"` // retentionSeconds
}

// Table is where a service keeps one of its things.
type Table struct {
	Name    string `json:"name"`
	Service string `json:"service"`
	Thing   string `json:"thing"`
	Key     string `json:"key"` // name of the partition key, a string
}

// Function is one function: it carries out one trigger, or keeps one view.
type Function struct {
	Name    string `json:"name"` // {board}-{service}-{trigger}, slugs
	Service string `json:"service"`
	Trigger string `json:"trigger,omitempty"` // name on the board
	View    string `json:"view,omitempty"`    // of one that keeps a view
	Cause   Cause  `json:"cause"`             // what kind of event it is given
	// Events are the names of the events that it is given if its cause is
	// ByEvents, and Outcomes of those that it may send, both sorted.
	Events   []string `json:"events,omitempty"`
	Outcomes []string `json:"outcomes,omitempty"`

	Folder      string            `json:"folder"` // of its code, from the board's folder, with slashes: services/bookings
	Module      string            `json:"module"` // of its handler within the folder, with dots: handlers.confirm_booking
	Runtime     string            `json:"runtime"`
	Timeout     time.Duration     `json:"-"` // timeoutSeconds
	MemoryMB    int               `json:"memoryMB"`
	Environment map[string]string `json:"environment"`
	// Retries and MaxAge hold for asynchronous invocations; nil and zero are
	// Lambda's defaults.
	Retries *int          `json:"retries,omitempty"`
	MaxAge  time.Duration `json:"-"` // maxAgeSeconds
	// DeadLetters is the queue for events that the function failed at, or "".
	DeadLetters string `json:"deadLetters,omitempty"`
	// Invokers are the rules, by name, that may invoke it.
	Invokers []string `json:"invokers,omitempty"`
}

// Handler returns the function's handler as Lambda names it.
func (f *Function) Handler() string { return f.Module + ".handler" }

// Cause is what a function is invoked by, and so what kind of event it is given.
type Cause string

// The causes.
const (
	ByEvents   Cause = "events"   // rules of the bus
	ByRequest  Cause = "request"  // a route, or a person who invokes it
	BySchedule Cause = "schedule" // a clock
)

// Rule is one rule of the bus with its one target, a function.
type Rule struct {
	Name        string `json:"name"` // of a reaction: its id
	Description string `json:"description"`
	Service     string `json:"service"` // that consumes
	From        string `json:"from"`    // path of the board's item: reactions.pay-on-held
	Pattern     any    `json:"pattern"` // maps, lists, strings, numbers, truths; deterministic as JSON
	Function    string `json:"function"`
	// Attempts and MaxAge are the target's retry policy; nil and zero are
	// EventBridge's defaults.
	Attempts    *int          `json:"attempts,omitempty"`    // retries after the first
	MaxAge      time.Duration `json:"-"`                     // maxAgeSeconds
	DeadLetters string        `json:"deadLetters,omitempty"` // a queue
}

// Route is a way in by HTTP.
type Route struct {
	Name     string `json:"name"` // "POST /bookings"
	Service  string `json:"service"`
	Function string `json:"function"`
	SignIn   string `json:"signIn,omitempty"` // actor who must have signed in
}

// Schedule invokes a function by the clock.
type Schedule struct {
	Name       string `json:"name"`
	Service    string `json:"service"`
	Expression string `json:"expression"` // rate(…) or cron(…)
	Function   string `json:"function"`
}

// SignIn is how an actor proves who he is.
type SignIn struct {
	Name string `json:"name"` // actor
	Auth string `json:"auth"`
}

// Missing is an item of the board that nothing was planned for.
type Missing struct {
	Item string `json:"item"` // path: reactions.pay-on-held
	Why  string `json:"why"`  // what the board does not say yet
}
