package deploy

// Action is what was, or would be, done about one resource.
type Action string

// The actions.
const (
	Create    Action = "create"
	Update    Action = "update"
	Delete    Action = "delete"
	Unchanged Action = "unchanged"
	NotServed Action = "not served yet" // the server has no such service
)

// Change is what happens to one resource.
type Change struct {
	Action Action   `json:"action"`
	Kind   string   `json:"kind"` // rule, function, queue, bus, table, route, schedule, sign-in, schema
	Name   string   `json:"name"`
	Fields []string `json:"fields,omitempty"` // of an Update: what differs
}
