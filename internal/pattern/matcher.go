package pattern

import (
	"errors"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// ID is the caller's handle for a rule.
type ID uint32

// Scope is the part of an event that a filter looks at.
type Scope uint8

// The documents of an event. Data is the event itself; it is the only scope that
// Classic rules have.
const (
	Data Scope = iota
	Metadata
	System
)

// Scoped is one filter of a rule. A rule has at most one for each scope, and all
// of them have to match. A Classic rule has exactly one, with scope [Data].
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
	StepBudget int // cap for one event; 0 means [StepBudget]
}

// Matcher holds the rules of one bus. Its methods are safe for concurrent use.
// There is one writer at a time; readers never block.
//
// The rules stand in an immutable index behind an atomic pointer. A change costs
// what the changed rule costs, and a match what the rules cost that come into
// question, whatever the number of rules.
type Matcher struct {
	budget  int
	seed    maphash.Seed
	scratch sync.Pool // *matching
	index   atomic.Pointer[index]
	mu      sync.Mutex // guards what is below
	writer  *writer
}

// NewMatcher returns a matcher without rules, at revision 0.
func NewMatcher(opt Options) *Matcher {
	m := &Matcher{budget: opt.StepBudget, writer: newWriter()}
	if m.budget <= 0 {
		m.budget = StepBudget
	}
	m.seed = m.writer.seed
	m.scratch.New = func() any { return &matching{} }
	m.index.Store(newIndex())
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
	if rev <= m.writer.rev {
		return nil
	}
	for i := range ops {
		if err := ops[i].check(); err != nil {
			return fmt.Errorf("rule %d: %w", ops[i].ID, err)
		}
	}
	for i := range ops {
		m.writer.apply(&ops[i])
	}
	m.publish(rev)
	return nil
}

// publish shows readers the state that the writer has made.
func (m *Matcher) publish(rev uint64) {
	m.writer.rev = rev
	next := m.writer.index
	m.index.Store(&next)
}

func (op *Op) check() error {
	combinations, seen := 1, 0
	for _, f := range op.Filters {
		switch {
		case f.Scope >= scopes:
			return fmt.Errorf("unknown scope %d", f.Scope)
		case seen&(1<<f.Scope) != 0:
			return errScope
		case f.Pattern == nil:
			return errFilter
		}
		seen |= 1 << f.Scope
		if combinations *= len(f.Pattern.subRules); combinations > maxSubRules {
			return fmt.Errorf("the filters make more than %d combinations: use fewer $or", maxSubRules)
		}
	}
	return nil
}

// Add sets one rule as the next revision.
func (m *Matcher) Add(id ID, f ...Scoped) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.apply(m.writer.rev+1, []Op{{ID: id, Filters: f}})
}

// Remove removes one rule as the next revision. It is no error if there is none.
func (m *Matcher) Remove(id ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writer.apply(&Op{ID: id, Remove: true})
	m.publish(m.writer.rev + 1)
}

// Rev returns the revision that a snapshot taken now would have.
func (m *Matcher) Rev() uint64 { return m.index.Load().rev }

// Snapshot returns the rules as they are now. It costs nothing and is not
// affected by later changes.
func (m *Matcher) Snapshot() Snapshot { return Snapshot{m: m, index: m.index.Load()} }
