package cron_test

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"time"

	"stormbus/internal/cron"
)

// calendar reads a generated expression a second time, in another way than the
// package does: it says of one wall-clock minute whether it counts.
func calendar(fields []string, t time.Time) bool {
	in := func(field string, v, low, high int) bool {
		for item := range strings.SplitSeq(field, ",") {
			item, stepText, stepped := strings.Cut(item, "/")
			step := 1
			if stepped {
				step, _ = strconv.Atoi(stepText)
			}
			from, to := low, high
			if item != "*" {
				a, b, isRange := strings.Cut(item, "-")
				from, _ = strconv.Atoi(a)
				if to, _ = strconv.Atoi(b); !isRange && stepped {
					to = high
				} else if !isRange {
					to = from
				}
			}
			for x := from; x <= to; x += step {
				if x == v {
					return true
				}
			}
		}
		return false
	}
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	weekday := int(t.Weekday()) + 1
	dayOK := false
	switch dom, dow := fields[2], fields[4]; {
	case dom == "L":
		dayOK = t.Day() == last
	case strings.HasSuffix(dow, "L"):
		n, _ := strconv.Atoi(dow[:1])
		dayOK = weekday == n && t.Day()+7 > last
	case strings.Contains(dow, "#"):
		n, _ := strconv.Atoi(dow[:1])
		k, _ := strconv.Atoi(dow[2:])
		dayOK = weekday == n && t.Day() > 7*(k-1) && t.Day() <= 7*k
	case dow == "?":
		dayOK = in(dom, t.Day(), 1, 31)
	default:
		dayOK = in(dow, weekday, 1, 7)
	}
	return dayOK && in(fields[0], t.Minute(), 0, 59) && in(fields[1], t.Hour(), 0, 23) &&
		in(fields[3], int(t.Month()), 1, 12) && in(fields[5], t.Year(), 1970, 2199)
}

// generate makes a random field.
func generate(rnd *rand.Rand, low, high int) string {
	value := func() int { return low + rnd.Intn(high-low+1) }
	item := func() string {
		a, b := value(), value()
		switch rnd.Intn(5) {
		case 0:
			return fmt.Sprintf("%d-%d", min(a, b), max(a, b))
		case 1:
			return fmt.Sprintf("%d/%d", a, 1+rnd.Intn(high))
		case 2:
			return fmt.Sprintf("%d-%d/%d", min(a, b), max(a, b), 1+rnd.Intn(high))
		case 3:
			return fmt.Sprintf("*/%d", 1+rnd.Intn(high))
		}
		return strconv.Itoa(a)
	}
	if rnd.Intn(3) == 0 {
		return "*"
	}
	items := []string{item()}
	for rnd.Intn(3) == 0 {
		items = append(items, item())
	}
	return strings.Join(items, ",")
}

func generateCron(rnd *rand.Rand) []string {
	dom, dow := generate(rnd, 1, 31), "?"
	switch rnd.Intn(6) {
	case 0:
		dom = "L"
	case 1:
		dom, dow = "?", fmt.Sprintf("%dL", 1+rnd.Intn(7))
	case 2:
		dom, dow = "?", fmt.Sprintf("%d#%d", 1+rnd.Intn(7), 1+rnd.Intn(5))
	case 3:
		dom, dow = "?", generate(rnd, 1, 7)
	}
	return []string{generate(rnd, 0, 59), generate(rnd, 0, 23), dom, generate(rnd, 1, 12), dow, "*"}
}

// TestNextProperties checks, for random expressions, places and times: Next
// strictly increases, is a minute that the fields allow, and leaves none out.
func TestNextProperties(t *testing.T) {
	t.Parallel()
	const seed = 20261123
	rnd := rand.New(rand.NewSource(seed))
	places := []string{"", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata"}
	for range 100 {
		fields := generateCron(rnd)
		expression := "cron(" + strings.Join(fields, " ") + ")"
		loc := location(t, places[rnd.Intn(len(places))])
		s, err := cron.Parse(expression, cron.Options{Location: loc})
		if err != nil {
			t.Fatalf("seed %d: Parse(%s) = %v", seed, expression, err)
		}
		start := time.Date(2010+rnd.Intn(20), time.Month(1+rnd.Intn(12)), 1+rnd.Intn(28), rnd.Intn(24), rnd.Intn(60), 0, 0, time.UTC)
		after := start
		for range 20 {
			next, ok := s.Next(after)
			if !ok {
				break
			}
			if !next.After(after) || !calendar(fields, next.In(loc)) {
				t.Fatalf("seed %d: %s in %v: Next(%v) = %v", seed, expression, loc, after, next)
			}
			again, _ := s.Next(next.Add(-time.Nanosecond))
			if !again.Equal(next) {
				t.Fatalf("seed %d: %s in %v: just before %v, Next = %v", seed, expression, loc, next, again)
			}
			skipsNone(t, fields, loc, after, next)
			after = next
		}
	}
}

// skipsNone checks the minutes between two firings, at most two days of them.
func skipsNone(t *testing.T, fields []string, loc *time.Location, after, next time.Time) {
	t.Helper()
	const most = 2 * 24 * 60
	n := 0
	for at := after.Truncate(time.Minute).Add(time.Minute); at.Before(next) && n < most; at = at.Add(time.Minute) {
		if calendar(fields, at.In(loc)) && !shownBefore(at, loc) {
			t.Fatalf("%v in %v: Next(%v) = %v leaves out %v", fields, loc, after, next, at)
		}
		n++
	}
}

// shownBefore reports whether clocks showed the same minute up to a day ago,
// because they were set back since.
func shownBefore(at time.Time, loc *time.Location) bool {
	const minuteOf = "2006-01-02 15:04"
	wall := at.In(loc).Format(minuteOf)
	for ago := time.Minute; ago <= 24*time.Hour; ago += time.Minute {
		if at.Add(-ago).In(loc).Format(minuteOf) == wall {
			return true
		}
	}
	return false
}

// FuzzParse checks that Parse never panics, that Next moves forward whatever was
// accepted, and that it comes to an end.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"rate(5 minutes)", "rate(4294967295 minutes)", "cron(0 12 * * ? *)", "cron(15 10 ? * 6L 2002-2005)", "cron(0 2 ? * SAT#3 *)",
		"cron(0 0 LW * ? *)", "cron(0 0 31W FEB ? *)", "cron(5,35 22-2 * JAN-DEC/2 ? 1970/7)", "at(2026-11-23T10:00:00)", "cron(",
	} {
		f.Add(s, int64(1795000000))
	}
	f.Fuzz(func(t *testing.T, expression string, unix int64) {
		const year9999 = 253402300800
		after := time.Unix(unix%year9999, 0)
		for _, d := range []cron.Dialect{cron.Rules, cron.Scheduler} {
			s, err := cron.Parse(expression, cron.Options{Dialect: d})
			if err != nil {
				continue
			}
			for range 3 {
				next, ok := s.Next(after)
				if !ok {
					break
				}
				if !next.After(after) {
					t.Fatalf("%s: Next(%v) = %v", expression, after, next)
				}
				after = next
			}
		}
	})
}
