// Package store keeps everything that must survive a crash: one ordered,
// transactional key-value store with timers, a change feed and blobs.
package store
