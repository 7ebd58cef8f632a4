package cron

import (
	"strings"
	"time"
)

// dayRule says whether a day of a month counts.
type dayRule func(d date) bool

// date is a day of the calendar.
type date struct {
	year    int
	month   time.Month
	day     int
	weekday int // 1 is Sunday
	last    int // last day of the month
}

func dateOf(year int, month time.Month, day int) date {
	return date{
		year: year, month: month, day: day,
		weekday: int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()) + 1,
		last:    time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day(),
	}
}

const (
	sunday   = 1
	friday   = 6
	saturday = 7
)

// parseDayOfMonth reads the third field.
func parseDayOfMonth(text string) (dayRule, string) {
	f := fieldOf(dayOfMonthField)
	upper := strings.ToUpper(text)
	switch upper {
	case "L":
		return func(d date) bool { return d.day == d.last }, ""
	case "LW":
		return func(d date) bool { return d.day == nearestWeekday(d, d.last) }, ""
	}
	if number, ok := strings.CutSuffix(upper, "W"); ok {
		n, ok := f.value(number)
		if !ok {
			return nil, "bad day of month"
		}
		return func(d date) bool { return n <= d.last && d.day == nearestWeekday(d, n) }, ""
	}
	s, reason := f.parse(text)
	return func(d date) bool { return s.contains(d.day) }, reason
}

// nearestWeekday returns the weekday nearest to day n of the month of d, without
// leaving that month.
func nearestWeekday(d date, n int) int {
	weekday := (d.weekday-1+(n-d.day)%7+7)%7 + 1
	switch {
	case weekday == saturday && n == 1:
		return n + 2
	case weekday == saturday:
		return n - 1
	case weekday == sunday && n == d.last:
		return n - 2
	case weekday == sunday:
		return n + 1
	}
	return n
}

// parseDayOfWeek reads the fifth field.
func parseDayOfWeek(text string) (dayRule, string) {
	f := fieldOf(dayOfWeekField)
	upper := strings.ToUpper(text)
	if upper == "L" {
		return func(d date) bool { return d.weekday == saturday }, ""
	}
	if name, ok := strings.CutSuffix(upper, "L"); ok {
		weekday, ok := f.value(name)
		if !ok {
			return nil, "bad day of week"
		}
		return func(d date) bool { return d.weekday == weekday && d.day > d.last-7 }, ""
	}
	if name, nth, ok := strings.Cut(upper, "#"); ok {
		weekday, ok := f.value(name)
		n, isNumber := number(nth, 1, 5)
		if !ok || !isNumber {
			return nil, "bad day of week"
		}
		return func(d date) bool { return d.weekday == weekday && (d.day-1)/7+1 == n }, ""
	}
	s, reason := f.parse(text)
	return func(d date) bool { return s.contains(d.weekday) }, reason
}
