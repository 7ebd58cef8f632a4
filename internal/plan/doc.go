// Package plan says what a board needs to run: functions, rules, queues, tables
// and ways in, in AWS's terms, with their names and settings.
//
// [Of] derives it. A board that does not say enough yet gives a plan of what is
// known, and [Plan.Missing] lists the rest with the step of the method that
// would say it. A board that cannot be planned as it is, because two things
// would have one name or a pattern can never match, is refused with [Problems].
//
// The plan is a value: deploying applies it, export prints it, [Diff] compares
// two. The same board always gives the same plan, byte for byte.
package plan
