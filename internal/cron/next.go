package cron

import (
	"strings"
	"time"
)

// expression is a parsed cron expression.
type expression struct {
	minutes, hours, months, years set
	day                           dayRule
	loc                           *time.Location
}

func parseCron(text string, loc *time.Location) (*Schedule, string) {
	fields := strings.Fields(text)
	if len(fields) != fieldCount || strings.TrimSpace(text) != text {
		return nil, "want cron(minute hour day-of-month month day-of-week year)"
	}
	e := &expression{loc: loc}
	for i, to := range map[int]*set{
		minuteField: &e.minutes, hourField: &e.hours, monthField: &e.months, yearField: &e.years,
	} {
		var reason string
		if *to, reason = fieldOf(i).parse(fields[i]); reason != "" {
			return nil, reason
		}
	}
	ofMonth, ofWeek := fields[dayOfMonthField], fields[dayOfWeekField]
	var reason string
	switch {
	case (ofMonth == "?") == (ofWeek == "?"):
		return nil, "want ? in one of day-of-month and day-of-week"
	case ofWeek == "?":
		e.day, reason = parseDayOfMonth(ofMonth)
	default:
		e.day, reason = parseDayOfWeek(ofWeek)
	}
	if reason != "" {
		return nil, reason
	}
	return &Schedule{next: e.next}, ""
}

// next walks through the days from the one before after on: a clock that is set
// back at midnight shows a day again.
func (e *expression) next(after time.Time) (time.Time, bool) {
	from := after.In(e.loc).AddDate(0, 0, -1)
	year, month, firstDay := from.Date()
	if year < minYear {
		year, month, firstDay = minYear, time.January, 1
	}
	for ; year <= maxYear; year, month = year+1, time.January {
		if !e.years.contains(year) {
			firstDay = 1
			continue
		}
		for ; month <= time.December; month++ {
			if e.months.contains(int(month)) {
				if t, ok := e.inMonth(year, month, firstDay, after); ok {
					return t, true
				}
			}
			firstDay = 1
		}
	}
	return time.Time{}, false
}

func (e *expression) inMonth(year int, month time.Month, firstDay int, after time.Time) (time.Time, bool) {
	d := dateOf(year, month, firstDay)
	for ; d.day <= d.last; d.day++ {
		if e.day(d) {
			if t, ok := e.inDay(d, after); ok {
				return t, true
			}
		}
		d.weekday = d.weekday%saturday + 1
	}
	return time.Time{}, false
}

func (e *expression) inDay(d date, after time.Time) (time.Time, bool) {
	for hour := range len(e.hours.has) {
		if !e.hours.has[hour] {
			continue
		}
		for minute := range len(e.minutes.has) {
			if !e.minutes.has[minute] {
				continue
			}
			if t, ok := wallClock(d, hour, minute, e.loc); ok && t.After(after) {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// wallClock returns the first moment at which clocks in loc show the given time.
// There may be none, when clocks are set forward.
func wallClock(d date, hour, minute int, loc *time.Location) (time.Time, bool) {
	wall := time.Date(d.year, d.month, d.day, hour, minute, 0, 0, time.UTC)
	var first time.Time
	found := false
	// Clocks are not set twice within two days, so one of these offsets is it.
	for _, around := range [...]time.Duration{-day, day} {
		_, offset := wall.Add(around).In(loc).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second)
		_, actual := t.In(loc).Zone()
		if actual == offset && (!found || t.Before(first)) {
			first, found = t, true
		}
	}
	return first, found
}
