// Package pattern compiles event patterns and decides which of them an event
// matches. The language, its error texts and its corner cases are
// EventBridge's.
//
// [Compile] turns the text of a pattern into a [Pattern], or into a
// [SyntaxError] with AWS's words. [Pattern.Eval] is the reference evaluator: it
// follows the definition of the language step by step and is what every faster
// way of matching is compared with.
//
// A [Matcher] holds the rules of one bus. Writers change it with
// [Matcher.Apply]; readers take a [Snapshot] and never wait. Inside is an
// immutable index (index.go) of which a change copies a little:
//
//   - Equal predicates of all rules are one (shared.go), and so are equal
//     clauses, called conditions there (candidate.go).
//   - A sub-rule is posted under the condition that the fewest others have
//     (access.go), in buckets that are parted when they get full (bucket.go).
//   - An event is read once (sweep.go, skip.go), beside a trie of all paths
//     (step.go), after its special bytes have been marked (marks.go). Look-ups of
//     its values in one hash trie (query.go, hashmap.go) find the predicates that
//     hold, and these the sub-rules that are worth a look (verify.go,
//     together.go).
//   - With many rules, waiting for memory is what costs most. So look-ups are
//     made together, and buckets checked together, in rounds that read of all of
//     them what the next round needs; and most candidates are ruled out by eight
//     bytes, which stand beside those of others.
//
// What the language means, in the order in which a pattern is tried:
//
//   - An event is flattened to pairs of a path and a value. A path is the keys
//     joined by dots, arrays leave no trace in it, and a dot in a key is a
//     separator like any other.
//   - A pattern is flattened likewise, to clauses: a path and what its values
//     may be. $or multiplies clauses out to sub-rules. A pattern matches if all
//     clauses of one sub-rule hold.
//   - Two clauses may not use different elements of the same array.
//
// [Explain] says clause by clause why an event matches or not, with the nearest
// miss of each clause that failed; [WhyNot] ranks the rules that an event missed;
// [Lint] and [LintSet] find patterns that cannot match and parts of them that are
// without effect, and say only what is proven. They are for people who ask, and
// stand on the reference evaluator, apart from the matcher.
//
// Where event-ruler, the open implementation of the language, behaves in a way
// that nobody can want, this package does not follow it: text after the pattern
// and after the event is refused, a character above U+FFFF equals itself under
// equals-ignore-case, an IPv6 network holds no IPv4 addresses, an empty list
// below anything-but is refused when the pattern is compiled, and a quotation
// mark in an operand only ever means a quotation mark.
//
// The package knows no bus, no store, no HTTP and no clock.
package pattern
