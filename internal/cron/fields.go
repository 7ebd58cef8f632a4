package cron

import (
	"strconv"
	"strings"
)

// field describes one field of a cron expression.
type field struct {
	name     string
	min, max int
	names    []string // of the values from min on
	wraps    bool     // a range may run over the end
}

const (
	minYear = 1970
	maxYear = 2199
)

// The fields in the order of the expression.
const (
	minuteField = iota
	hourField
	dayOfMonthField
	monthField
	dayOfWeekField
	yearField
	fieldCount
)

func fieldOf(i int) field {
	return [fieldCount]field{
		minuteField:     {name: "minute", max: 59, wraps: true},
		hourField:       {name: "hour", max: 23, wraps: true},
		dayOfMonthField: {name: "day of month", min: 1, max: 31, wraps: true},
		monthField:      {name: "month", min: 1, max: 12, names: months(), wraps: true},
		dayOfWeekField:  {name: "day of week", min: 1, max: 7, names: weekdays(), wraps: true},
		yearField:       {name: "year", min: minYear, max: maxYear},
	}[i]
}

func months() []string {
	return []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
}

func weekdays() []string { return []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"} }

// set holds the values of a field, by value minus minimum.
type set struct {
	min int
	has []bool
}

func (s set) contains(v int) bool {
	i := v - s.min
	return i >= 0 && i < len(s.has) && s.has[i]
}

// parse reads a list of values, ranges and steps.
func (f field) parse(text string) (set, string) {
	s := set{min: f.min, has: make([]bool, f.max-f.min+1)}
	for item := range strings.SplitSeq(text, ",") {
		low, high, step, ok := f.item(item)
		if !ok {
			return set{}, "bad " + f.name + " " + strconv.Quote(text)
		}
		size := len(s.has)
		for v := low; v <= high; v += step {
			s.has[(v-f.min)%size] = true
		}
	}
	return s, ""
}

// item reads *, a value or a range, and a step behind it. A range that runs over
// the end of the field has a high bound above the maximum.
func (f field) item(text string) (low, high, step int, ok bool) {
	base, stepText, stepped := strings.Cut(text, "/")
	step = 1
	if stepped {
		if step, ok = number(stepText, 1, max(f.max, 1)); !ok {
			return 0, 0, 0, false
		}
	}
	if base == "*" {
		return f.min, f.max, step, true
	}
	first, last, isRange := strings.Cut(base, "-")
	if low, ok = f.value(first); !ok {
		return 0, 0, 0, false
	}
	switch {
	case isRange:
		if high, ok = f.value(last); !ok {
			return 0, 0, 0, false
		}
		if high < low {
			high += f.max - f.min + 1
			ok = f.wraps
		}
	case stepped:
		high = f.max
	default:
		high = low
	}
	return low, high, step, ok
}

// value reads a number or a name.
func (f field) value(text string) (int, bool) {
	for i, name := range f.names {
		if strings.EqualFold(text, name) {
			return f.min + i, true
		}
	}
	return number(text, f.min, f.max)
}

// number reads digits, and nothing else, between two bounds.
func number(text string, low, high int) (int, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && low <= n && n <= high
}
