package project

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"stormbus/internal/cli/deploy"
	"stormbus/internal/clock"
	"stormbus/internal/codegen"
	"stormbus/internal/function/python"
	"stormbus/internal/plan"
)

// Config says how a project is kept running. All of it but Poll and Report is
// required.
type Config struct {
	Project *Project
	// Apply makes a server have what a plan says, and nothing else of the plan's
	// board. code gives a function's package, or [deploy.ErrKeep].
	Apply func(ctx context.Context, p *plan.Plan, code func(plan.Function) ([]byte, error)) ([]deploy.Change, error)
	// Remove deletes what a board of a name has left on the server.
	Remove func(ctx context.Context, name string) ([]deploy.Change, error)
	// Exists reports whether the server has a function.
	Exists func(ctx context.Context, function string) (bool, error)
	// Interpreters are those that functions run on.
	Interpreters func(ctx context.Context) ([]python.Interpreter, error)
	Clock        clock.Clock
	// Poll looks for what was saved twice a second, and does not wait for the system
	// to tell.
	Poll bool
	Out  io.Writer // what was done, a line each
	Err  io.Writer // what is wrong, a line each
	// Report is given, for programs, what Out and Err are told in words. It may be
	// nil.
	Report func(Report)
}

// Live keeps a server in step with a project: what is saved is applied. One
// round follows another, so that the last save wins. It is not safe for
// concurrent use.
type Live struct {
	Config

	syntax syntax

	// What the board said when it was read last, and what it said when it could
	// be run last.
	text     []byte
	beside   map[string][]byte // files that it named; nil for one that cannot be read
	problems []notice
	good     *State

	was     map[string]bool              // Once files that were there; nil before the first round
	bundles map[string]*bundle           // by folder: what could be read last
	asked   map[string]asked             // by folder
	code    map[string]*bundle           // by function: the last that was not broken
	name    string                       // of the board that was applied last
	applied [sha256.Size]byte            // what was applied last
	files   map[string][sha256.Size]byte // what was there then, by path
	said    map[string]bool              // notices that hold
	told    string                       // what was said to be missing
	wasBad  bool
	rounds  int
}

// New returns a Live that has done nothing yet.
func New(c Config) *Live {
	return &Live{Config: c, syntax: syntax{interpreters: c.Interpreters}, bundles: map[string]*bundle{}, code: map[string]*bundle{}, asked: map[string]asked{}}
}

// notice is something that a person should know.
type notice struct {
	key     string // notices with the same key say the same; it is said once while it holds
	problem Problem
}

func noticeOf(err error) notice { return notice{err.Error(), Problem{Message: err.Error()}} }

// warningOf is a notice of what keeps nothing from being applied.
func warningOf(err error) notice {
	return notice{err.Error(), Problem{Message: err.Error(), Warning: true}}
}

// round is one look at the project.
type round struct {
	since     time.Time
	first     bool
	loaded    bool // the board was read anew, and can be run
	refused   bool // the board was read anew, and cannot be run
	notices   []notice
	files     []codegen.Change
	resources []deploy.Change
	applied   bool
}

func (r *round) say(n ...notice) { r.notices = append(r.notices, n...) }

func (r *round) wrong(err error) {
	if err != nil {
		r.say(noticeOf(err))
	}
}

// bad reports whether anything is wrong.
func (r *round) bad() bool {
	for _, n := range r.notices {
		if !n.problem.Warning {
			return true
		}
	}
	return false
}

// ErrProblems says that a project could not be applied as it is. What is wrong
// was told.
var ErrProblems = errors.New("the project has problems")

// Sync makes the server have what the project says now. since is when the
// first of what changed was saved. Its error is [ErrProblems] or ctx's.
func (l *Live) Sync(ctx context.Context, since time.Time) error {
	r := &round{since: since, first: l.rounds == 0}
	l.rounds++
	l.load(r)
	if l.good != nil && l.generate(r) {
		l.apply(ctx, r)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	l.tell(r)
	if r.bad() {
		return ErrProblems
	}
	return nil
}

// Run watches the project and applies what is saved, until ctx ends. It begins
// with all that there is. Its error says why it cannot watch; what was applied
// then goes on.
func (l *Live) Run(ctx context.Context) error {
	since := l.Clock.Now()
	// First watch, then look: nothing is missed in between.
	w, watchErr := l.watch()
	if watchErr == nil {
		defer w.Close()
	}
	for {
		if err := l.Sync(ctx, since); err != nil && !errors.Is(err, ErrProblems) {
			return nil // ctx has ended
		}
		if watchErr != nil {
			return l.blind(watchErr)
		}
		if since, watchErr = w.Wait(ctx); ctx.Err() != nil {
			return nil
		}
		if watchErr != nil {
			return l.blind(watchErr)
		}
	}
}

// saves tells when something was saved.
type saves interface {
	// Wait waits until something was saved and nothing more comes for a moment. It
	// returns when the first of it came.
	Wait(ctx context.Context) (since time.Time, err error)
	Close() error
}

// watch watches the project's folder. If the system watches no more folders, it
// looks at them instead, and says so.
func (l *Live) watch() (saves, error) {
	if !l.Poll {
		w, err := NewWatcher(l.Project.dir, l.Clock)
		if err == nil {
			return w, nil
		}
		if !noMoreWatches(err) {
			return nil, err
		}
		fmt.Fprintf(l.Err, "%v; files are looked at every %v instead\n", err, pollTime)
	}
	return newPoller(l.Project.dir, l.Clock, pollTime)
}

// blind returns, and reports, that the project cannot be watched any more.
func (l *Live) blind(err error) error {
	err = fmt.Errorf("what is saved is not seen any more: %w", err)
	if l.Report != nil {
		r := newReport()
		r.Problems = append(r.Problems, Problem{Message: err.Error()})
		l.Report(r)
	}
	return err
}

// generate writes the files that the last good board wants. It reports whether
// the server can be told.
func (l *Live) generate(r *round) bool {
	out, err := l.Project.generate(l.good.Files, l.was)
	r.say(out.notices...)
	r.files = out.changes
	if err != nil {
		r.wrong(err)
		return false
	}
	if l.was == nil {
		l.was = map[string]bool{}
	}
	for name := range out.handlers {
		l.was[name] = true
	}
	return true
}

// fingerprint is what a plan and the packages of its functions come to.
func fingerprint(p *plan.Plan, code map[string]*bundle) ([sha256.Size]byte, error) {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(p); err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("plan: %w", err)
	}
	for i := range p.Functions {
		name := p.Functions[i].Name
		if b := code[name]; b != nil {
			fmt.Fprintf(h, "%s %x\n", name, b.digest)
		}
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
