package plan

// Kind is the kind of a resource.
type Kind string

// The kinds of resources, in the order in which they are made.
const (
	BusKind      Kind = "bus"
	SchemaKind   Kind = "schema"
	QueueKind    Kind = "queue"
	TableKind    Kind = "table"
	FunctionKind Kind = "function"
	RuleKind     Kind = "rule"
	RouteKind    Kind = "route"
	ScheduleKind Kind = "schedule"
	SignInKind   Kind = "sign-in"
)

// Kinds returns all kinds in the order in which resources are made: a resource
// refers only to such as were made before it.
func Kinds() []Kind {
	return []Kind{BusKind, SchemaKind, QueueKind, TableKind, FunctionKind, RuleKind, RouteKind, ScheduleKind, SignInKind}
}

// Served reports whether a stormbus server carries out resources of a kind. A
// test of package deploy asks a server, so that this cannot grow stale.
func (k Kind) Served() bool {
	switch k {
	case BusKind, QueueKind, FunctionKind, RuleKind:
		return true
	}
	return false
}
