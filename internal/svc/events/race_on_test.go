//go:build race

package events

// raceEnabled says that pools forget things on purpose.
const raceEnabled = true
