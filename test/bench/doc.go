// Package bench measures the built binary from outside. Run it with
//
//	go test -run='^$' -bench=. ./test/bench
//
// Nothing here fails on a slow machine: figures are printed, not judged.
package bench
