// Package bus is the data plane of all event buses: it takes events, finds the
// rules that match them, and makes the events and their deliveries durable
// together.
//
// # The crash rule
//
// Acknowledged means stored; stored and matched means delivered at least once
// or in a dead-letter queue.
//
// [Bus.Publish] is why it holds. It matches in the caller's goroutine against
// an immutable snapshot of the rules, then writes the events and one job per
// matched target in ONE Update, and returns only when that is durable. From
// there on [delivery.Engine] keeps its promise for every job.
//
// # Rules against events
//
// Whoever stores rules calls [Bus.SetRule] and [Bus.RemoveRule] from the
// OnDurable hook of the Update that stores the change. So a rule that was
// acknowledged before Publish is called applies, a rule that was removed does
// not, and no event matches a rule that a crash could take back.
//
// # The log
//
// Stored events are kept for a while ([DefaultRetention]), longer than any
// delivery may be retried, because a delivery row refers to its event and does
// not copy it. [Bus.Tail] and [Bus.Read] read the log.
package bus
