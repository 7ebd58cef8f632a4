package target

import (
	"context"
	"errors"
	"fmt"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/delivery"
	"stormbus/internal/svc/events"
)

// Buses knows the event buses of this server. *[events.Service] implements it.
type Buses interface {
	// FindBus returns the id of a bus, or [events.ErrNoBus].
	FindBus(ctx context.Context, a arn.ARN) (bus.BusID, error)
}

// Forwarder publishes events of one bus on another. *[bus.Bus] implements it.
type Forwarder interface {
	Forward(ctx context.Context, to bus.BusID, name string, ds []delivery.Delivery) []error
}

// Bus makes targets that are event buses of this server. An event gets there as
// it was published, and goes no further than one hop.
func Bus(buses Buses, f Forwarder) Maker {
	return func(to arn.ARN, _ events.TargetParams) (delivery.Target, error) {
		name, ok := to.BusName()
		if !ok {
			return nil, errors.New("it does not name an event bus")
		}
		return &otherBus{buses: buses, forwarder: f, arn: to, name: name}, nil
	}
}

// otherBus delivers to one event bus.
type otherBus struct {
	buses     Buses
	forwarder Forwarder
	arn       arn.ARN
	name      string
}

// Deliver publishes the events on the other bus. The bus is looked up each
// time: it may have been deleted and made again.
func (b *otherBus) Deliver(ctx context.Context, batch []delivery.Delivery) []error {
	id, err := b.buses.FindBus(ctx, b.arn)
	if err == nil {
		return b.forwarder.Forward(ctx, id, b.name, batch)
	}
	if errors.Is(err, events.ErrNoBus) {
		err = &delivery.Failure{
			Code: delivery.CodeNoResource, Message: fmt.Sprintf("The event bus %s does not exist.", b.arn), Permanent: true,
		}
	} else {
		err = fmt.Errorf("find %s: %w", b.arn, err)
	}
	errs := make([]error, len(batch))
	for i := range errs {
		errs[i] = err
	}
	return errs
}

var _ delivery.Target = (*otherBus)(nil)
