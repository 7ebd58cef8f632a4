// Package lineage remembers what happened to every event: on which bus it
// arrived, which rules matched, what became of each delivery, which function
// ran, and which events that run published.
//
// Every hop tells it with one [Record] inside the Update that makes the hop
// durable, so the record is exactly as true as the hop itself. [Log.Tree] puts
// the records of one event, and of everything it caused, together again as a
// causation tree; [WriteTree] draws one as text.
//
// # What ties the hops together
//
// An event and its deliveries share the event's id. A function run names the
// event and the delivery that started it ([Cause]) and has a span of its own.
// Every call that the run makes carries that span in its trace header, so the
// record of an event that the run publishes names the span as its parent. The
// chain event, delivery, run, event needs no change to user code.
//
// A message in a queue is tied in alike. Sent names the span of the call that
// sent it, Received the delivery that brought it and the span of the call that
// received it. A span that received messages was caused by all of them, from
// then on: so one event may have several causes, and is found in the tree of
// each. Whatever polls a queue for a function only has to receive in the name of
// the run's span.
//
// A dead letter that is delivered again (Redriven) stands between the delivery
// that was given up and the new one.
//
// # What bounds it
//
// Records live in buckets; a bucket is closed after an hour, or earlier when
// it has grown large. A bucket goes, with one range deletion, when it is older
// than the retention or when there are more records than the cap allows.
// Trimming happens inside the writes, by the partition's own time.
package lineage
