package pattern

import "slices"

// Explanation says clause by clause what held and what did not when one event
// was matched with one pattern. Its JSON form is stable.
type Explanation struct {
	Matched  bool     `json:"matched"`         // the same as [Pattern.Eval] says
	Branches []Branch `json:"branches"`        // the closest first; one per way through $or
	More     int      `json:"more,omitempty"`  // branches that were left out
	Notes    []string `json:"notes,omitempty"` // what was cut, and why; what is wrong with the whole
	of       int      // all branches
}

// Branch is one way for a pattern to match: with $or, one choice of its
// branches. The clauses are in the order of their paths.
type Branch struct {
	Choice  []string       `json:"choice,omitempty"` // such as detail.$or[1]; counted from 0
	Held    int            `json:"held"`             // clauses that hold
	Of      int            `json:"of"`               // clauses
	Clauses []ClauseReport `json:"clauses"`
	More    int            `json:"more,omitempty"`   // clauses that were left out
	Arrays  []ArrayChoice  `json:"arrays,omitempty"` // the elements that the clauses agreed on
	weight  float64        // how close the clauses that failed came, higher is closer
}

// ClauseReport is what became of one clause, a path and what its value may be.
type ClauseReport struct {
	Path   string   `json:"path"`
	Held   bool     `json:"held"`
	Reason Reason   `json:"reason"`
	Wanted []string `json:"wanted"`          // entries as the pattern writes them
	Found  []Found  `json:"found,omitempty"` // values at the path; the one that counts first
	Near   *Near    `json:"near,omitempty"`  // of a clause that failed, if there is one; of exists:false, what is no value

	MoreWanted int     `json:"moreWanted,omitempty"` // entries that were left out
	MoreFound  int     `json:"moreFound,omitempty"`  // values that were left out
	weight     float64 // 1 if held, else how close it came
}

// Found is one value of the event.
type Found struct {
	At    string `json:"at"`    // its path with the indices of arrays of objects: items[2].sku
	Value string `json:"value"` // as JSON, possibly cut
}

// ArrayChoice says which element of an array of objects the clauses that hold
// agreed on.
type ArrayChoice struct {
	Path  string `json:"path"`
	Index int    `json:"index"`
}

// Near is the nearest miss of a clause that failed.
type Near struct {
	Hint  Hint   `json:"hint"`
	Path  string `json:"path,omitempty"`  // where the event has something similar
	Entry string `json:"entry,omitempty"` // the entry that came closest, or that forbids the value
	// Distance is characters to edit for "edit", matched characters for
	// "prefix", "suffix" and "wildcard", missing network bits for "network",
	// and what the number is off by for "number".
	Distance float64 `json:"distance,omitempty"`
	Text     string  `json:"text"` // the same as a sentence
}

// Reason is why a clause failed, or [Held].
type Reason string

// The reasons.
const (
	Held         Reason = "held"
	MissingPath  Reason = "missingPath"  // the event has no value at the path
	WrongType    Reason = "wrongType"    // it has, but of a type that no entry accepts
	ValueDiffers Reason = "valueDiffers" // the type is right, the value is not
	Forbidden    Reason = "forbidden"    // anything-but excludes every value
	ArrayElement Reason = "arrayElement" // holds, but in another array element than other clauses
	MustBeAbsent Reason = "mustBeAbsent" // exists:false, and there is a value
	Undecided    Reason = "undecided"    // the step budget was used up first
)

// Hint is the kind of a nearest miss.
type Hint string

// The hints.
const (
	HintCaseOfKey    Hint = "caseOfKey"    // the path exists in another case
	HintNesting      Hint = "nesting"      // the path exists further out or further in
	HintOtherPath    Hint = "otherPath"    // a path with a similar name exists
	HintParent       Hint = "parent"       // only a part of the path exists
	HintJSONInString Hint = "jsonInString" // a string above the path holds JSON with that path
	HintContainer    Hint = "container"    // an object or an empty array stands at the path
	HintType         Hint = "type"         // a value of another type
	HintPrecision    Hint = "precision"    // a number with more digits than can be compared
	HintCase         Hint = "case"         // differs in case only
	HintSpace        Hint = "space"        // differs in white space only
	HintEdit         Hint = "edit"         // differs in some characters
	HintPrefix       Hint = "prefix"       // where a prefix broke
	HintSuffix       Hint = "suffix"       // where a suffix broke
	HintWildcard     Hint = "wildcard"     // where a wildcard broke
	HintNumber       Hint = "number"       // how far a number is off
	HintNetwork      Hint = "network"      // how far an address is outside
	HintForbidden    Hint = "forbidden"    // the entry that excludes a value
	HintPresent      Hint = "present"      // the value that must not be there
	HintElement      Hint = "element"      // in which elements the clause holds
	HintOperator     Hint = "operator"     // an entry is written as if it were an operator
	HintElsewhere    Hint = "elsewhere"    // a string elsewhere holds JSON with the last names of the path
)

// Bounds of an explanation. What is beyond them is counted or noted, so that a
// hostile event or pattern makes it neither long nor slow.
const (
	maxBranches = 8       // branches that are shown
	maxLooked   = 64      // branches that are explained, to find the closest
	maxChoices  = 16      // choices of one branch that are listed
	maxClauses  = 32      // clauses of one branch that are listed
	maxShown    = 8       // entries and values of one clause that are listed
	maxTried    = 64      // entries, and values, of one clause that are compared
	maxText     = 120     // bytes of a text that are shown
	maxEffort   = 1 << 21 // characters that are compared in search of near misses
	explainWalk = 1 << 20 // steps in search of the elements that clauses agree on
)

// Explain matches a document with a pattern and says clause by clause what held
// and what did not, with the nearest miss of each clause that failed. It agrees
// with [Pattern.Eval] and fails with the same errors. It is made for a person
// who asks, not for every event: it takes microseconds to milliseconds.
func Explain(p *Pattern, d *Doc) (*Explanation, error) {
	x, err := newExplainer(d, p.paths)
	if err != nil {
		return nil, err
	}
	return x.explain(p)
}

// explainer explains patterns on one event.
type explainer struct {
	paths  *pathSet
	facts  facts
	doc    *Doc
	survey *survey // nil until somebody asks
	effort int     // characters that may still be compared
	walk   int     // steps that may still be taken in search of elements
	notes  []string
}

// newExplainer reads the document for the patterns whose paths are given.
func newExplainer(d *Doc, paths *pathSet) (*explainer, error) {
	x := &explainer{paths: paths, doc: d, effort: maxEffort, walk: explainWalk}
	return x, x.facts.read(d, paths)
}

// note adds a remark to the explanation, once.
func (x *explainer) note(text string) {
	if slices.Contains(x.notes, text) {
		return
	}
	x.notes = append(x.notes, text)
}

// spend reports whether the search for near misses may go on after it has
// compared n more characters.
func (x *explainer) spend(n int) bool {
	if x.effort -= n; x.effort < 0 {
		x.note("the search for near misses was cut: the event or the pattern is too large to try everything")
	}
	return x.effort >= 0
}

// explain explains one pattern.
func (x *explainer) explain(p *Pattern) (*Explanation, error) {
	var e evaluation
	matched, err := e.run(p, &x.facts, p.bind(x.paths), StepBudget)
	if err != nil {
		return nil, err
	}
	out, err := x.describe(p, matched)
	if err == nil && !matched {
		out.Notes = append(out.Notes, x.notEvent(p.wantsEvent())...)
		out.Notes = append(out.Notes, x.notPattern(p)...)
	}
	return out, err
}

// describe explains one pattern of which it is known whether it matches.
func (x *explainer) describe(p *Pattern, matched bool) (*Explanation, error) {
	origin, err := p.origins()
	if err != nil {
		return nil, err
	}
	x.notes = nil
	b := &branches{explainer: x, pattern: p, origin: origin, reports: map[*clause]ClauseReport{}}
	out := &Explanation{Matched: matched, Branches: b.closest(matched), of: len(p.subRules)}
	out.More = out.of - len(out.Branches)
	out.Notes = x.notes
	return out, nil
}
