// Package pinball finds the signs of a distributed monolith, such as ThoughtWorks'
// "Lambda pinball", on the design: services that call each other, share data, or
// bounce an event between them until nobody can say where the logic is.
//
// Each rule has an id, a severity, a sentence about it and a remedy, in one table
// (rules.go), and one function that looks at the board. Thresholds are starting
// points and stand in one place ([Limits]); none of them is proven by field data.
//
// Choreography is not flagged: that two services react to each other's events is
// how an event-driven system works. An error is a cycle of events that nothing can
// stop, or a call that waits.
//
// A finding that somebody accepted until a day, with a reason, is told as ignored
// until that day is over.
package pinball
