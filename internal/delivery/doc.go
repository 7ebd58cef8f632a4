// Package delivery carries what is stored to where it should go: it makes the
// attempts, waits between them, gives up when a limit is reached, and hands
// what it gave up to a dead-letter queue. Rules, Lambda's asynchronous
// invocations and whatever else must arrive at least once use it alike.
//
// # Vocabulary
//
// A lane is one destination with its own policy: one target of one rule, or
// one function's queue. A job is one thing to carry along a lane; it becomes a
// row in the Update that makes its cause durable ([Engine.Enqueue]). A
// delivery is what a [Target] sees of a job, once per attempt. An attempt ends
// well, or with a [Failure].
//
// # What may be relied on
//
// A job whose Update returned is delivered at least once, or handed to the
// lane's [DeadLetter], or, only where the lane has none, dropped with a record
// in lineage and a line in the log. A crash forgets which jobs were in flight;
// their rows are still due, so they are delivered again. Giving a job up is
// two durable steps, first "to be sent to the dead-letter queue" and then
// "sent", so that a crash between them sends twice rather than never.
//
// # How it works
//
// Rows are keyed by lane, due time and a sequence number, so the front of a
// lane is what is due next; it is read through [store.Tx.Head] and never by
// iterating. Each pair of lane and partition has a station. An Enqueue wakes
// the station when it is durable, a retry's due time wakes it through the
// clock. A station that is awake claims due rows in memory, up to a batch at a
// time, and passes each batch to the target in a goroutine of its own, as many
// at once as the lane allows. All outcomes of a batch are settled in one
// Update, together with their lineage. Nothing polls.
package delivery
