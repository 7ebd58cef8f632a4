package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"

	"stormbus/internal/bus"
	"stormbus/internal/console"
	"stormbus/internal/delivery"
	"stormbus/internal/lineage"
	"stormbus/internal/shape/catalog"
	eventsshape "stormbus/internal/shape/events"
	lambdashape "stormbus/internal/shape/lambda"
	sqsshape "stormbus/internal/shape/sqs"
	stsshape "stormbus/internal/shape/sts"
	"stormbus/internal/store"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/svc/sts"
	"stormbus/internal/target"
	"stormbus/internal/telemetry"
	"stormbus/internal/wire"
)

// The rooms of the data directory.
const (
	storeDir     = "store"
	functionsDir = "functions"
	tlsDir       = "tls"
)

// assemble makes every part, connects them, and starts them from the bottom up.
// What it returns answers all requests.
func (a *App) assemble(ctx context.Context) (*wire.Server, error) {
	db, err := a.openStore()
	if err != nil {
		return nil, err
	}
	jitter, err := a.cfg.jitter()
	if err != nil {
		return nil, err
	}

	// The core: what happened, who carries it on, and the bus.
	log := lineage.New(lineage.Config{Store: db})
	engine := delivery.New(delivery.Config{Store: db, Lineage: log, Clock: a.cfg.Clock, Logger: a.cfg.Logger, Rand: jitter})
	data := bus.New(bus.Config{Store: db, Engine: engine, Lineage: log, Clock: a.cfg.Clock, Logger: a.cfg.Logger})

	// The services, and what rules may have as targets.
	queues := sqs.New(sqs.Config{Store: db, Lineage: log, Clock: a.cfg.Clock, Random: a.cfg.Random, Logger: a.cfg.Logger, Strict: a.cfg.Strict})
	functions, pool, err := a.newLambda(db, engine, log, queues)
	if err != nil {
		return nil, err
	}
	targets := target.NewSet()
	rules := events.New(events.Config{
		Store: db, Bus: data, Engine: engine, Targets: targets, DeadLetters: target.NewDeadLetters(queues),
		Clock: a.cfg.Clock, Random: a.cfg.Random, Logger: a.cfg.Logger,
	})
	targets.Add("sqs", target.SQS(queues))
	targets.Add("lambda", target.Lambda(functions))
	targets.Add("events", target.Bus(rules, data))

	letters := &target.Redriver{Queues: queues, Rules: rules, Functions: functions, Lanes: engine, Clock: a.cfg.Clock}

	a.services = []wire.Service{
		{Model: eventsshape.Model, Operations: rules.Operations()},
		{Model: lambdashape.Model, Operations: functions.Operations()},
		{Model: sqsshape.Model, Operations: queues.Operations()},
		{Model: stsshape.Model, Operations: sts.New().Operations()},
	}
	if err := a.startParts(ctx, parts{queues, functions, pool, rules, engine}); err != nil {
		return nil, err
	}
	registry := telemetry.NewRegistry()
	paths := http.NewServeMux()
	paths.Handle("GET "+wire.InternalPrefix+"metrics", telemetry.MetricsHandler(registry, a.cfg.Logger))
	paths.Handle(wire.InternalPrefix, console.New(console.Config{
		Lineage: log, Events: data, Queues: queues, Letters: letters, Store: db, DataDir: a.cfg.DataDir, Spaces: Spaces(), Health: a.health, Logger: a.cfg.Logger, Done: a.done,
		OwnAccount: a.keys != nil,
	}))
	return wire.NewServer(wire.Config{
		Services: slices.Concat(a.services, others(a.services)), Account: a.cfg.Account, Region: a.cfg.Region, AllowedHosts: a.cfg.AllowHosts,
		Auth:   a.verifier(),
		Logger: a.cfg.Logger, Random: a.cfg.Random,
		Metrics:  registry,
		Internal: paths,
	}), nil
}

// others returns the services of AWS that we know only by name: their requests
// are told which operation is not implemented.
func others(have []wire.Service) []wire.Service {
	var all []wire.Service
	for _, m := range catalog.Models() {
		if !slices.ContainsFunc(have, func(s wire.Service) bool { return s.Model == m }) {
			all = append(all, wire.Service{Model: m})
		}
	}
	return all
}

func (a *App) openStore() (*store.Store, error) {
	// The data directory may have been there, for others to enter. What is in
	// the rooms is private.
	for _, room := range []string{storeDir, functionsDir} {
		if err := os.MkdirAll(filepath.Join(a.cfg.DataDir, room), 0o700); err != nil {
			return nil, fmt.Errorf("make the data directory: %w", err)
		}
	}
	db, err := store.Open(filepath.Join(a.cfg.DataDir, storeDir), store.Options{
		Clock: a.cfg.Clock, Durability: store.Durability(a.cfg.Durability), Logger: a.cfg.Logger,
		Heads: []string{delivery.Heads, sqs.Heads}, OnHalt: a.halted,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", a.cfg.DataDir, err)
	}
	a.cleanups.add("close the store", func(context.Context) error { return db.Close() })
	return db, nil
}
