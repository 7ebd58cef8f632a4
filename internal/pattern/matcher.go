package pattern

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// ID is the caller's handle for a rule.
type ID uint32

// Scope is the part of an event that a filter looks at.
type Scope uint8

// Data is the event itself. It is the only scope that Classic rules have.
const Data Scope = 0

// Scoped is one filter of a rule. A Classic rule has exactly one, with scope
// [Data].
type Scoped struct {
	Scope   Scope
	Pattern *Pattern
}

// Op is one change to the rules of a matcher: it sets the rule ID, or removes
// it.
type Op struct {
	ID      ID
	Filters []Scoped // nil with Remove false: the rule matches every event
	Remove  bool
	Off     bool // keep the rule but do not match it
}

// Options are the properties of a [Matcher]. The zero value is good.
type Options struct {
	StepBudget int // cap for one rule and one event; 0 means [StepBudget]
}

// Matcher holds the rules of one bus. Its methods are safe for concurrent use.
// There is one writer at a time; readers never block.
//
// The rules stand in an immutable table behind an atomic pointer, and a change
// copies what it touches. A match is linear in the rules that can match the
// source of the event; a change is linear in the number of rules.
type Matcher struct {
	budget  int
	scratch sync.Pool // *scratch
	table   atomic.Pointer[table]
	mu      sync.Mutex // held by writers; guards nothing else
}

// NewMatcher returns a matcher without rules, at revision 0.
func NewMatcher(opt Options) *Matcher {
	m := &Matcher{budget: opt.StepBudget}
	if m.budget <= 0 {
		m.budget = StepBudget
	}
	m.scratch.New = func() any { return &scratch{} }
	m.table.Store(newTable())
	return m
}

var (
	errScope  = errors.New("a rule may have one filter for each scope")
	errFilter = errors.New("a filter needs a pattern")
)

// Apply publishes all ops at once as revision rev, in the order in which they
// are given. A reader sees all of them or none. An Apply whose rev is not above
// [Matcher.Rev] is ignored, so that a change may be told twice. If an op is not
// valid, nothing is changed.
func (m *Matcher) Apply(rev uint64, ops ...Op) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.apply(rev, ops)
}

func (m *Matcher) apply(rev uint64, ops []Op) error {
	old := m.table.Load()
	if rev <= old.rev {
		return nil
	}
	for _, op := range ops {
		if err := op.check(); err != nil {
			return fmt.Errorf("rule %d: %w", op.ID, err)
		}
	}
	m.table.Store(old.with(rev, ops))
	return nil
}

func (op *Op) check() error {
	if len(op.Filters) > 1 {
		return errScope
	}
	for _, f := range op.Filters {
		if f.Scope != Data {
			return fmt.Errorf("unknown scope %d", f.Scope)
		}
		if f.Pattern == nil {
			return errFilter
		}
	}
	return nil
}

// Add sets one rule as the next revision.
func (m *Matcher) Add(id ID, f ...Scoped) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.apply(m.table.Load().rev+1, []Op{{ID: id, Filters: f}})
}

// Remove removes one rule as the next revision. It is no error if there is none.
func (m *Matcher) Remove(id ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.table.Load()
	m.table.Store(old.with(old.rev+1, []Op{{ID: id, Remove: true}}))
}

// Rev returns the revision that a snapshot taken now would have.
func (m *Matcher) Rev() uint64 { return m.table.Load().rev }

// Snapshot returns the rules as they are now. It costs nothing and is not
// affected by later changes.
func (m *Matcher) Snapshot() Snapshot { return Snapshot{m: m, table: m.table.Load()} }
