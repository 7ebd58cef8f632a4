//go:build race

package pattern_test

// raceEnabled says that pools forget things on purpose.
const raceEnabled = true
