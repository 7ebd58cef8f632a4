package sqs

import "stormbus/internal/arn"

// ifFifo is value if the queue is a FIFO queue, and otherwise empty: standard
// queues do not show such attributes.
func (s *Settings) ifFifo(value string) string {
	if s.Fifo {
		return value
	}
	return ""
}

// setFifo refuses to change the kind of a queue. The kind itself comes with the
// name, see kindOf.
func setFifo(s *Settings, value string, _ arn.Scope) error {
	switch {
	case !s.Fifo:
		return errUnknownAttribute(attrFifo)
	case value != "true":
		return errAttributeValue(attrFifo, "Modifying queue type is not supported.")
	}
	return nil
}

func setDedup(s *Settings, value string, _ arn.Scope) error {
	switch {
	case !s.Fifo:
		return errUnknownAttribute(attrDedup)
	case value != "true" && value != "false" && value != "":
		return errAttributeValue(attrDedup, "")
	}
	s.ContentDedup = value == "true"
	return nil
}

// choice is an attribute of FIFO queues that has two values, the first of which
// is the default.
func choice(name, first, second string, field func(*Settings) *string) settable {
	return settable{
		set: func(s *Settings, value string, _ arn.Scope) error {
			switch {
			case !s.Fifo:
				return errAttributeName("You can specify the %s only when FifoQueue is set to true.", name)
			case value == "":
				value = first
			case value != first && value != second:
				return errAttributeValue(name, "")
			}
			*field(s) = value
			return nil
		},
		show: func(s *Settings) string { return *field(s) },
	}
}

// checkScopes refuses the one combination of scopes that is none.
func (s *Settings) checkScopes() error {
	if s.ThroughputLimit == limitPerGroup && s.DedupScope != scopeGroup {
		return errAttributeValue(attrFifoLimit,
			"The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.")
	}
	return nil
}
