// Package events is Amazon EventBridge: event buses, rules and their targets on
// the protocol of the AWS SDKs, in front of the data plane in package bus.
//
// # How it works
//
// Buses, rules and targets are rows of the meta partition, and those rows are
// the truth. What publishing needs of them is derived: the ids of buses in this
// package, compiled rules in [bus.Bus], one lane per target in
// [delivery.Engine]. Every change is one Update, and what is derived from it
// changes in that Update's OnDurable hook. So a rule that was acknowledged
// before PutEvents is called applies to its events, one that was removed does
// not, and nothing ever applies that a crash could take back.
//
// A target that is removed leaves a row that says "this lane is gone" in the same
// Update. The lane and the deliveries that wait in it are dropped after that;
// if the process ends before, [Service.Start] does it.
//
// The default bus of an account and region gets its row when it is first asked
// for.
//
// # What differs from AWS
//
// Schedules, archives, replays, API destinations, partner event sources and
// global endpoints are not supported yet and say so; see
// docs/services/events.md. Policies, roles, keys and log settings are kept and
// shown, but not enforced. An event for a bus that does not exist is accepted
// and dropped, as on AWS, and lineage tells so.
package events
