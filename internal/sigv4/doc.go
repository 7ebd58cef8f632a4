// Package sigv4 is AWS's Signature Version 4, in both directions: [Parse] reads
// who signed a request, [Verifier] proves it, [OpenBody] reads the body as the
// signature promises it, and [Sign] signs.
//
// # What a signature covers
//
// The method, the path, the query, the headers that it lists (Host always, and
// every x-amz-* header that the request has), and the body: as its SHA-256, as
// a chain of signatures over its chunks, or not at all where the caller says
// UNSIGNED-PAYLOAD. For S3 the path is taken as it is; for all other services
// it is normalised and encoded once more.
//
// # Time
//
// A signature is made by the clock of the caller's machine, so it is judged by
// the clock of ours, whatever the time of the data is: the [clock.Clock] of a
// [Verifier] is the real one.
//
// # Bodies
//
// A body is verified while it is read, not before: what a [Body] has given is
// proven when it has given io.EOF, and not earlier. Whoever acts on a body must
// have read it to its end.
//
// # What is not verified
//
// Signatures for a set of regions (AWS4-ECDSA-P256-SHA256) are read and, by a
// [Verifier], refused. The region of a signature may be any: one server has all
// regions.
package sigv4
