package board

// Board is what a file says. Sections that are not there are empty maps; a
// field that is not there is its type's zero value, except where a pointer
// says whether it is. The items of a section are never nil.
type Board struct {
	Storm int    `yaml:"storm"`
	Name  string `yaml:"name"`
	Bus   Bus    `yaml:"bus"`

	Events    map[string]*Event    `yaml:"events"`
	Triggers  map[string]*Trigger  `yaml:"triggers"`
	Reactions map[string]*Reaction `yaml:"reactions"`
	Views     map[string]*View     `yaml:"views"`
	Systems   map[string]*System   `yaml:"systems"`
	Actors    map[string]*Actor    `yaml:"actors"`
	Things    map[string]*Thing    `yaml:"things"`
	Contexts  map[string]*Context  `yaml:"contexts"`
	Services  map[string]*Service  `yaml:"services"`
	Spots     map[string]*Spot     `yaml:"spots"`
	Ignores   map[string]*Ignore   `yaml:"ignores"`

	derived *derived // of a board that was read from a file
}

// Bus is the one event bus.
type Bus struct {
	Name   string   `yaml:"name"`
	Source string   `yaml:"source"` // with {service} for the service's name
	Carry  []string `yaml:"carry"`
}

// Event is something that happened, a fact about one thing.
type Event struct {
	At      *int           `yaml:"at"` // rank on the timeline
	By      string         `yaml:"by"` // trigger
	Of      string         `yaml:"of"` // thing
	In      string         `yaml:"in"` // context
	Lane    string         `yaml:"lane"`
	V       int            `yaml:"v"`
	Was     string         `yaml:"was"`
	Pivotal bool           `yaml:"pivotal"`
	Private bool           `yaml:"private"`
	Data    Data           `yaml:"data"`
	Schema  string         `yaml:"schema"` // file
	Example map[string]any `yaml:"example"`
}

// HasSchema reports whether the board says what the data of the event is. That it
// is {}, without fields, says so too.
func (e *Event) HasSchema() bool { return e.Data != nil || e.Schema != "" }

// Trigger is a command and who gives it.
type Trigger struct {
	From  string   `yaml:"from"`  // actor, system, "schedule" or "reaction"
	Calls string   `yaml:"calls"` // system or service
	HTTP  string   `yaml:"http"`
	Every string   `yaml:"every"`
	Reads []string `yaml:"reads"` // views
	Was   string   `yaml:"was"`
}

// Reaction pulls a trigger whenever an event happened.
type Reaction struct {
	When  string         `yaml:"when"` // event
	Do    string         `yaml:"do"`   // trigger
	Match map[string]any `yaml:"match"`
	Retry *Retry         `yaml:"retry"`
	DLQ   bool           `yaml:"dlq"`
	Saga  bool           `yaml:"saga"`
	Was   string         `yaml:"was"`
}

// Retry says how long delivery is tried.
type Retry struct {
	Attempts *int   `yaml:"attempts"`
	Age      string `yaml:"age"` // a Go duration
}

// View is what is read, fed by events.
type View struct {
	Of   string   `yaml:"of"` // thing
	In   string   `yaml:"in"` // context
	From []string `yaml:"from"`
	Was  string   `yaml:"was"`
}

// System is a system outside.
type System struct {
	Kind  string `yaml:"kind"`
	Owner string `yaml:"owner"`
	Was   string `yaml:"was"`
}

// Actor is a person or a role.
type Actor struct {
	Auth string `yaml:"auth"`
	Was  string `yaml:"was"`
}

// Thing is an entity or an aggregate.
type Thing struct {
	Kind string `yaml:"kind"`
	Key  string `yaml:"key"` // field of its events
	Was  string `yaml:"was"`
}

// Context is a boundary within which words mean one thing.
type Context struct {
	Things    []string          `yaml:"things"`
	Team      string            `yaml:"team"`
	Kind      string            `yaml:"kind"`
	Published []string          `yaml:"published"`
	Words     map[string]string `yaml:"words"`
	Was       string            `yaml:"was"`
}

// Service is a microservice.
type Service struct {
	In      string   `yaml:"in"`   // context
	Owns    []string `yaml:"owns"` // things
	Store   string   `yaml:"store"`
	Runtime string   `yaml:"runtime"`
	Models  string   `yaml:"models"` // "" is dataclass
	Team    string   `yaml:"team"`
	Was     string   `yaml:"was"`
}

// Spot is a hotspot.
type Spot struct {
	About string `yaml:"about"`
	Ask   string `yaml:"ask"`
	Open  bool   `yaml:"open"`
	Since string `yaml:"since"` // yyyy-mm-dd
	Step  int    `yaml:"step"`
}

// Ignore accepts findings of a rule until a day.
type Ignore struct {
	Rule  string `yaml:"rule"`
	About string `yaml:"about"` // an item; "" for all
	Until string `yaml:"until"` // yyyy-mm-dd, the last day
	Why   string `yaml:"why"`
}
