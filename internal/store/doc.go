// Package store keeps everything that must survive a crash: one ordered,
// transactional key-value store with timers, a change feed and blobs.
//
// # What it promises
//
//   - Update returns nil: all writes of its closure are on disk. They appear
//     together or not at all, after any crash.
//   - Closures of one partition run one after another on one goroutine:
//     serializable, no locks, no retries. Each runs at most once.
//   - Nothing that a caller can see rests on a write that is not durable yet.
//     Results, errors and reads are released after the sync of what they saw.
//   - A View sees every Update that returned before it began.
//   - Seq has no gaps and is never used twice. Partition time does not go
//     back, whatever the wall clock does.
//   - A timer's handler runs inside an Update that also removes the timer, so
//     its effects happen once. What leaves the process is at least once.
//   - Watch has no gaps, or fails with ErrTrimmed.
//   - Damage is found and reported, never answered with fewer rows.
//   - After a failed sync nothing more is acknowledged. A sync is never tried
//     again: the kernel may have dropped what it could not write.
//
// # Rules for a closure
//
// A closure given to Update is a pure function of its transaction and what it
// captured. Compute before, write inside, act outside once it is durable:
//
//   - no side effects, nothing that blocks, no call back into the Store. What
//     must happen outside becomes a row, and a worker acts on it after
//     OnDurable. A closure that runs for more than 100 ms is logged.
//   - read and decide first, write last: failing before the first write costs
//     nothing, failing after it costs a copy of the group's batch.
//   - assign captured results, do not append to them: a caller that tries
//     Update again must not see the leftovers of the first try.
//   - caches change in OnApply if they can be rebuilt from a View; state that
//     other goroutines read changes in OnDurable.
//
// Reads have no error result. An error is remembered, ends the iteration, and
// is what Update or View returns; nothing of such a closure is written.
//
// The layout of the rows is in docs/storage-format.md.
package store
