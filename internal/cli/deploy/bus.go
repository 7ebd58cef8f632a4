package deploy

import (
	"context"

	"stormbus/internal/arn"
	"stormbus/internal/plan"
)

// busState is a bus of the server.
type busState struct {
	Name, Arn string

	owned bool
}

// awsTag is a tag as EventBridge writes it.
type awsTag struct{ Key, Value string }

// ours are the tags of what is made here.
func (s *session) ours() []awsTag { return []awsTag{{Tag, s.name}} }

// readBuses lists the buses, and finds out which belong to the plan.
func (s *session) readBuses(ctx context.Context) error {
	token := ""
	for {
		in, out := fields{}, struct {
			EventBuses []*busState
			NextToken  string
		}{}
		if token != "" {
			in["NextToken"] = token
		}
		if err := s.events(ctx, "ListEventBuses", in, &out); err != nil {
			return err
		}
		s.buses = append(s.buses, out.EventBuses...)
		if token = out.NextToken; token == "" {
			break
		}
	}
	return joined(each(ctx, s.buses, func(ctx context.Context, b *busState) (err error) {
		if b.Name != arn.DefaultBus { // which belongs to nobody
			b.owned, err = s.owned(ctx, b.Arn)
		}
		return err
	}))
}

// owned reports whether a bus or a rule carries the plan's tag.
func (s *session) owned(ctx context.Context, arn string) (bool, error) {
	var out struct{ Tags []awsTag }
	err := s.events(ctx, "ListTagsForResource", fields{"ResourceARN": arn}, &out)
	if isMissing(err) {
		return false, nil // deleted since it was listed
	}
	for _, tag := range out.Tags {
		if tag.Key == Tag && tag.Value == s.name {
			return true, err
		}
	}
	return false, err
}

// wantBus makes the bus. The default bus is there always, for everybody.
func (s *session) wantBus() {
	if s.bus == arn.DefaultBus {
		s.change(Unchanged, plan.BusKind, s.bus)
		return
	}
	for _, b := range s.buses {
		if b.Name == s.bus {
			s.change(Unchanged, plan.BusKind, s.bus)
			if !b.owned {
				s.conflict(plan.BusKind, s.bus)
			}
			return
		}
	}
	c := s.change(Create, plan.BusKind, s.bus)
	s.work(makeBus, c, func(ctx context.Context) error {
		return s.events(ctx, "CreateEventBus", fields{"Name": s.bus, "Tags": s.ours()}, nil)
	})
}

// deleteBus deletes a bus, unless somebody else has rules on it.
func (s *session) deleteBus(b *busState) {
	for _, r := range s.rules {
		if r.bus == b.Name && !r.owned {
			s.change(Kept, plan.BusKind, b.Name).Note = "it has rules of others, such as " + r.Name
			return
		}
	}
	c := s.change(Delete, plan.BusKind, b.Name)
	s.work(deleteBuses, c, func(ctx context.Context) error {
		return s.events(ctx, "DeleteEventBus", fields{"Name": b.Name}, nil)
	})
}
