package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"stormbus/internal/delivery"
	"stormbus/internal/function"
	"stormbus/internal/function/code"
	"stormbus/internal/lineage"
	"stormbus/internal/store"
	"stormbus/internal/svc/events"
	"stormbus/internal/svc/lambda"
	"stormbus/internal/svc/sqs"
	"stormbus/internal/target"
)

// newLambda makes the function pool and the service above it.
func (a *App) newLambda(db *store.Store, engine *delivery.Engine, log *lineage.Log, queues *sqs.Service) (*lambda.Service, *function.Pool, error) {
	dir := filepath.Join(a.cfg.DataDir, functionsDir)
	a.startSearch()
	pool, err := function.New(function.Config{
		Dir: dir, Interpreters: a.Interpreters, EndpointURL: a.url, Path: lookup(a.cfg.Environ, "PATH"),
		Credentials: a.functionCredentials(),
		Clock:       a.cfg.Clock, Random: a.cfg.Random, Log: a.cfg.Logger,
	})
	if err != nil {
		return nil, nil, err
	}
	a.cleanups.add("end functions", func(context.Context) error { return pool.Close() })
	cache, err := code.Open(filepath.Join(dir, "code"))
	if err != nil {
		return nil, nil, fmt.Errorf("open the code of functions: %w", err)
	}
	service := lambda.New(lambda.Config{
		Store: db, Engine: engine, Lineage: log, Runner: pool, Code: cache, DeadLetters: target.NewFunctionLetters(queues),
		Clock: a.cfg.Clock, Random: a.cfg.Random, Logger: a.cfg.Logger,
	})
	return service, pool, nil
}

// parts are what startParts starts.
type parts struct {
	queues    *sqs.Service
	functions *lambda.Service
	pool      *function.Pool
	rules     *events.Service
	engine    *delivery.Engine
}

// startParts starts the services, and delivery once all lanes are known. They end in
// the opposite order: deliveries, the functions that they run, and what both
// write to.
func (a *App) startParts(ctx context.Context, p parts) error {
	if err := p.queues.Start(ctx); err != nil {
		return err
	}
	closeQueues := func(context.Context) error { p.queues.Close(); return nil }
	a.cleanups.add("close the queues", closeQueues)
	if err := p.functions.Start(ctx); err != nil {
		return err
	}
	a.cleanups.add("close the functions", func(context.Context) error {
		err := p.pool.Close()
		p.functions.Close()
		return err
	})
	if err := p.rules.Start(ctx); err != nil {
		return err
	}
	if err := p.engine.Start(ctx); err != nil {
		return err
	}
	a.cleanups.add("end deliveries", func(ctx context.Context) error { return a.endDeliveries(ctx, p) })
	a.beforeDrain = closeQueues
	return nil
}

// endDeliveries waits for the deliveries that are under way. Functions may run
// for longer than that can take: they are cut off, and given their events again
// after the next start.
func (a *App) endDeliveries(ctx context.Context, p parts) error {
	wait, cancel := context.WithTimeout(ctx, deliveryTime)
	defer cancel()
	err := p.engine.Close(wait)
	if !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	a.cfg.Logger.Warn("deliveries were cut off; they are made again after the next start")
	if err := p.pool.Close(); err != nil {
		return err
	}
	return p.engine.Close(ctx)
}
