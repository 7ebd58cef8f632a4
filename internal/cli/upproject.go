package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"

	"stormbus/internal/app"
	"stormbus/internal/arn"
	"stormbus/internal/cli/aws"
	"stormbus/internal/cli/deploy"
	"stormbus/internal/cli/project"
	"stormbus/internal/clock"
	"stormbus/internal/function/python"
	"stormbus/internal/plan"
	"stormbus/internal/sigv4"
)

// runProject runs a project on a server that is ready, until ctx ends or the
// server fails, then stops the server.
func runProject(ctx context.Context, env Env, a *app.App, cfg app.Config, c project.Config, watch bool) error {
	client, err := ownClient(a, cfg)
	if err != nil {
		return errors.Join(err, stop(ctx, a))
	}
	defer client.HTTP.CloseIdleConnections()
	c.Interpreters = interpreters(env, a)
	live := newLive(env, client, c)
	if !watch {
		if err := live.Sync(ctx, clock.Real().Now()); errors.Is(err, project.ErrProblems) {
			return errors.Join(stop(ctx, a), &codedError{code: exitFailure})
		}
		return waitAndStop(ctx, env, a)
	}
	return watchAndStop(ctx, env, a, live)
}

// newLive returns what keeps a server in step with a project. c says which, what it
// runs on, and to whom is told what was done.
func newLive(env Env, client *aws.Client, c project.Config) *project.Live {
	c.Apply, c.Remove, c.Exists = applier(client), remover(client), existing(client)
	c.Clock, c.Err = clock.Real(), env.Stderr
	return project.New(c)
}

// watchAndStop applies what is saved until ctx ends or the server fails, then
// stops the server.
func watchAndStop(ctx context.Context, env Env, a *app.App, live *project.Live) error {
	watching, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := live.Run(watching); err != nil {
			fmt.Fprintf(env.Stderr, "stormbus: %v\n", err)
		}
	}()
	failure := wait(ctx, env, a)
	cancel()
	<-ended
	return stopAfter(ctx, a, failure)
}

// ownClient returns a client with which a server's own process calls it, as a
// user would. Where signatures are verified it signs with a key of the file.
func ownClient(a *app.App, cfg app.Config) (*aws.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // it never leaves this machine
	client := &aws.Client{Endpoint: a.URL(), Region: cfg.Region, Account: cfg.Account, HTTP: &http.Client{Transport: transport}}
	if cfg.KeysFile == "" {
		return client, nil
	}
	f, err := os.Open(cfg.KeysFile)
	if err != nil {
		return nil, fmt.Errorf("read the keys: %w", err)
	}
	defer f.Close()
	ring, err := sigv4.ReadKeys(f)
	if err != nil {
		return nil, fmt.Errorf("keys file %s: %w", cfg.KeysFile, err)
	}
	client.Credentials = ownKey(ring, cfg.Account)
	client.Account = client.Credentials.Account
	return client, nil
}

// ownKey picks the key that a board is applied with: the first by its id, of an
// account if there is one of it.
func ownKey(ring sigv4.Ring, account string) (key sigv4.Credentials) {
	for _, id := range slices.Sorted(maps.Keys(ring)) {
		c := ring[id]
		if key.AccessKeyID == "" || c.Account == account && key.Account != account {
			key = c
		}
	}
	return key
}

// applier applies plans with a client.
func applier(client *aws.Client) func(context.Context, *plan.Plan, func(plan.Function) ([]byte, error)) ([]deploy.Change, error) {
	return func(ctx context.Context, p *plan.Plan, code func(plan.Function) ([]byte, error)) ([]deploy.Change, error) {
		d := deploy.Deployer{Client: client, Scope: arn.Scope{Region: client.Region, Account: client.Account}, Code: code}
		return d.Apply(ctx, p)
	}
}

// remover removes with a client what a board has made.
func remover(client *aws.Client) func(context.Context, string) ([]deploy.Change, error) {
	return func(ctx context.Context, name string) ([]deploy.Change, error) {
		d := deploy.Deployer{Client: client, Scope: arn.Scope{Region: client.Region, Account: client.Account}}
		return d.Remove(ctx, name)
	}
}

// existing asks a server whether it has a function.
func existing(client *aws.Client) func(context.Context, string) (bool, error) {
	return func(ctx context.Context, name string) (bool, error) {
		err := client.REST(ctx, "lambda", http.MethodGet, "/2015-03-31/functions/"+url.PathEscape(name)+"/configuration", nil, nil)
		if answer, ok := errors.AsType[*aws.Error](err); ok && answer.Status == http.StatusNotFound {
			return false, nil
		}
		return err == nil, err
	}
}

// interpretersOf finds the interpreters that functions run on.
type interpretersOf func(context.Context) ([]python.Interpreter, error)

// interpreters returns those of a server; if there are none it says so, once.
func interpreters(env Env, a *app.App) interpretersOf {
	var once sync.Once
	return func(ctx context.Context) ([]python.Interpreter, error) {
		list, err := a.Interpreters(ctx)
		if err == nil && len(list) == 0 {
			once.Do(func() { fmt.Fprintf(env.Stderr, "stormbus: %s: %s\n", noPython, installPython) })
		}
		return list, err
	}
}
