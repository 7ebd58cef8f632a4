// Package cron reads the schedule expressions of EventBridge rules and of
// EventBridge Scheduler, and computes when they fire:
//
//	rate(5 minutes)
//	cron(0 18 ? * MON-FRI *)
//	at(2026-11-23T10:00:00)
//
// [Parse] accepts what AWS accepts, as far as that was recorded.
// [Schedule.Next] is a pure function; the package keeps no time of its own.
//
// A cron expression has six fields: minute, hour, day of month, month, day of
// week and year. Exactly one of the two day fields is "?". Fields may hold lists,
// ranges, steps, and names of months and days; days of the week count from
// SUN = 1. Where AWS's behaviour is not known, Quartz's is followed: a range may
// run over its end (FRI-MON), and names may be lower case.
//
//   - L in the day of month is its last day, LW its last weekday, and 15W the
//     weekday nearest to the 15th in the same month.
//   - In the day of week, 6L is the last Friday of the month, 6#3 the third one,
//     and L alone is Saturday.
//
// Cron expressions are evaluated on the wall clock of their location, as AWS
// does: a time that the clock skips in spring is skipped, and one that it shows
// twice in autumn counts the first time only. A day of rate is 24 hours.
package cron
