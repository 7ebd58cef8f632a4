package events

import (
	"slices"
	"time"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	shape "stormbus/internal/shape/events"
)

// busRef names an event bus.
type busRef struct {
	scope arn.Scope
	name  string
}

func (r busRef) arn() arn.ARN { return r.scope.EventBus(r.name) }

// eventBus is one event bus as its owner configured it.
type eventBus struct {
	ID          bus.BusID  `json:"id"`
	Scope       arn.Scope  `json:"scope"`
	Name        string     `json:"name"`
	Created     time.Time  `json:"created"`
	Modified    time.Time  `json:"modified"`
	Description *string    `json:"description,omitempty"`
	KMSKey      *string    `json:"kms_key,omitempty"`
	DeadLetter  *string    `json:"dead_letter,omitempty"` // ARN of a queue
	Log         *logConfig `json:"log,omitempty"`
	Policy      string     `json:"policy,omitempty"`
	Tags        []tag      `json:"tags,omitempty"`
}

func (b *eventBus) ref() busRef { return busRef{scope: b.Scope, name: b.Name} }

// logConfig says what a bus should log.
type logConfig struct {
	IncludeDetail *string `json:"include_detail,omitempty"`
	Level         *string `json:"level,omitempty"`
}

// rule is one rule as its owner configured it.
type rule struct {
	ID          uint32    `json:"id"`
	Bus         bus.BusID `json:"bus"`
	Scope       arn.Scope `json:"scope"` // of the bus, as is BusName
	BusName     string    `json:"bus_name"`
	Name        string    `json:"name"`
	Pattern     string    `json:"pattern"`
	Wildcard    bool      `json:"wildcard,omitempty"` // the pattern uses wildcards
	State       string    `json:"state"`
	Description *string   `json:"description,omitempty"`
	RoleARN     *string   `json:"role,omitempty"`
	CreatedBy   string    `json:"created_by"` // account
	Tags        []tag     `json:"tags,omitempty"`
}

func (r *rule) arn() string { return r.Scope.Rule(r.BusName, r.Name).String() }

func (r *rule) enabled() bool { return r.State != shape.RuleStateDisabled }

// target is one target of a rule as its owner configured it.
type target struct {
	ID          string          `json:"id"`
	Lane        delivery.LaneID `json:"lane"`
	ARN         string          `json:"arn"`
	RoleARN     *string         `json:"role,omitempty"`
	Input       *string         `json:"input,omitempty"`
	InputPath   *string         `json:"input_path,omitempty"`
	Transformer *transformer    `json:"transformer,omitempty"`
	SQS         *sqsParameters  `json:"sqs,omitempty"`
	DeadLetter  *deadLetter     `json:"dead_letter,omitempty"`
	Retry       *retryPolicy    `json:"retry,omitempty"`
}

// transformer is a template and the paths that its placeholders stand for.
type transformer struct {
	Paths    map[string]string `json:"paths,omitempty"`
	Template string            `json:"template"`
}

// sqsParameters are what a target says if it is a queue.
type sqsParameters struct {
	GroupID *string `json:"group_id,omitempty"`
}

// deadLetter names the queue that gets what a target did not take.
type deadLetter struct {
	ARN *string `json:"arn,omitempty"`
}

// retryPolicy says how long a target is tried; what is nil is the default.
type retryPolicy struct {
	Attempts   *int64 `json:"attempts,omitempty"`
	AgeSeconds *int64 `json:"age_seconds,omitempty"`
}

// policy returns how long to try, with AWS's defaults where nothing is said.
func (p *retryPolicy) policy() delivery.Policy {
	out := delivery.Policy{MaxRetries: defaultRetries, MaxAge: defaultAge}
	if p == nil {
		return out
	}
	if p.Attempts != nil {
		out.MaxRetries = int(*p.Attempts)
	}
	if p.AgeSeconds != nil {
		out.MaxAge = time.Duration(*p.AgeSeconds) * time.Second
	}
	return out
}

// tag is a label of a bus or a rule.
type tag struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// setTags sets tags, in their order, and keeps the others.
func setTags(tags, more []tag) []tag {
	out := slices.Clone(tags)
	for _, t := range more {
		if i := slices.IndexFunc(out, func(o tag) bool { return o.Key == t.Key }); i >= 0 {
			out[i] = t
			continue
		}
		out = append(out, t)
	}
	return out
}

// The limits of EventBridge that the model does not hold.
const (
	maxBuses         = 100 // per account and region
	maxRules         = 300 // per bus
	maxWildcardRules = 30  // per bus
	maxTargets       = 5   // per rule
	maxTags          = 50
	maxPolicy        = 10_240 // bytes
	maxPage          = 100
)

// How long a target is tried if nothing is said.
const (
	defaultRetries = 185
	defaultAge     = 24 * time.Hour
)

// How much of a target's lane is under way at once.
const (
	laneConcurrency = 8
	laneBatch       = 100
)
