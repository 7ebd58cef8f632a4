// Package sqs is Amazon SQS: durable standard and FIFO queues, on the protocol
// of the AWS SDKs and as a target for rules.
//
// # How a queue works
//
// A queue is pinned to one data partition of the store for as long as it lives.
// Its messages stand in ONE index, ordered by the time from which they can be
// received: a sent message at the end of its delay, a received one at the end
// of its visibility timeout. Receiving is therefore "take what is at the front
// and due, and put it back further behind". Nothing has to happen when a
// timeout ends; the message is simply due again. Body and state have rows of
// their own, so the index stays small, and the front of the index is read from
// memory.
//
// Messages of a group stand in a list of their own, and the group has one ticket
// in the index, at the time from which the first of its messages can be
// received. A FIFO queue moves the ticket to where the lock ends; a standard
// queue moves it behind the tickets of the other groups. See group.
//
// All changes of messages go through work: one transaction on one queue, that
// keeps index, groups, rows and counters in agreement.
//
// Receivers that wait are woken by the send that makes a message durable, or by
// the clock when a hidden message becomes due. A queue that nobody uses costs
// nothing.
//
// A message that was received too often leaves for the dead-letter queue in two
// durable steps, since that queue may be pinned to another partition: out of
// the source into its outbox, and from there into the dead-letter queue, once.
//
// A FIFO queue remembers for five minutes what was sent (memory); a move task
// (task, moving) uses the same outbox to bring dead letters back.
//
// # Where to read
//
//	model.go, keys.go, rows.go   what there is and how it is stored
//	work.go, group.go            the one way to change messages
//	recent.go                    what need not be read to change them
//	compose.go, fifo.go, send.go     a message comes in
//	take.go, receive.go, settle.go   and goes out
//	move.go, movetask.go, mover.go   or to another queue
//	queue.go, attributes.go, ...     what owners do with their queues
//	lineage.go                       what is told of who sent and received
//
// # What differs from AWS
//
// See docs/services/sqs.md. PurgeQueue and DeleteQueue take effect at once, and the
// name of a deleted queue can be used again without waiting for 60 seconds, unless
// Config.Strict is set. Counters are exact rather than approximate. Resource
// policies are kept and shown but not enforced.
package sqs
