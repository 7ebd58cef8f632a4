package events_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"

	"stormbus/internal/arn"
	"stormbus/internal/bus"
	"stormbus/internal/clock"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	shape "stormbus/internal/shape/events"
	"stormbus/internal/store"
	"stormbus/internal/svc/events"
	"stormbus/internal/wire"
)

// printer is both interfaces that the service needs: every target prints.
type printer struct{ printed chan struct{} }

func (p printer) Resolve(target arn.ARN, _ events.TargetParams) (delivery.Target, error) {
	return delivery.Each(func(_ context.Context, d delivery.Delivery) error {
		fmt.Printf("%s gets %s\n", target.Resource, d.Payload)
		close(p.printed)
		return nil
	}), nil
}

func (p printer) For(arn.ARN) (delivery.DeadLetter, error) { return nil, nil }

func Example() {
	if err := run(); err != nil {
		fmt.Println(err)
	}
	// Output: orders gets {"seats":["A1"]}
}

func run() (err error) {
	dir, err := os.MkdirTemp("", "events")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	st, err := store.Open(dir, store.Options{Heads: []string{delivery.Heads}})
	if err != nil {
		return err
	}
	defer st.Close()
	log, told := slog.New(slog.DiscardHandler), lineage.New(lineage.Config{Store: st})
	engine := delivery.New(delivery.Config{
		Store: st, Lineage: told, Clock: clock.Real(), Logger: log, Rand: mathrand.New(mathrand.NewPCG(1, 2)),
	})
	p := printer{make(chan struct{})}
	s := events.New(events.Config{
		Store: st, Engine: engine, Targets: p, DeadLetters: p, Clock: clock.Real(), Random: rand.Reader, Logger: log,
		Bus: bus.New(bus.Config{Store: st, Engine: engine, Lineage: told, Clock: clock.Real(), Logger: log}),
	})

	// What the wire puts into the context of a request.
	scope := arn.Scope{Region: "eu-west-1", Account: "123456789012"}
	ctx := wire.NewContext(context.Background(), wire.Request{Scope: scope})
	if err := s.Start(ctx); err != nil {
		return err
	}
	if err := engine.Start(ctx); err != nil {
		return err
	}
	defer engine.Close(ctx)

	if _, err := s.PutRule(ctx, &shape.PutRuleInput{Name: new("held"), EventPattern: new(`{"source":["cinema"]}`)}); err != nil {
		return err
	}
	target := shape.Target{Id: new("1"), Arn: new(scope.Queue("orders").String()), InputPath: new("$.detail")}
	if _, err := s.PutTargets(ctx, &shape.PutTargetsInput{Rule: new("held"), Targets: []shape.Target{target}}); err != nil {
		return err
	}
	_, err = s.PutEvents(ctx, &shape.PutEventsInput{Entries: []shape.PutEventsRequestEntry{
		{Source: new("cinema"), DetailType: new("SeatsHeld"), Detail: new(`{"seats": ["A1"]}`)},
	}})
	if err == nil {
		<-p.printed
	}
	return err
}
