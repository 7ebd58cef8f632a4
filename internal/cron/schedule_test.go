package cron_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"stormbus/internal/cron"
)

func location(tb testing.TB, name string) *time.Location {
	tb.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		tb.Skipf("no time zone data: %v", err)
	}
	return loc
}

func at(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Fatal(err)
	}
	return t.UTC()
}

// TestRecorded holds what was recorded on AWS, and the examples of its manual.
func TestRecorded(t *testing.T) {
	t.Parallel()
	const both, rules, scheduler, none = "rules scheduler", "rules", "scheduler", ""
	tests := []struct{ accepts, expression string }{
		{both, "rate(1 minute)"},
		{both, "rate(1 hour)"},
		{both, "rate(1 day)"},
		{both, "rate(10 minutes)"},
		{both, "rate(5 hours)"},
		{both, "rate(7 days)"},
		{scheduler, "rate(1 minutes)"},
		{scheduler, "rate(1 hours)"},
		{scheduler, "rate(1 days)"},
		{scheduler, "rate(10 minute)"},
		{scheduler, "rate(10 hour)"},
		{scheduler, "rate(10 day)"},
		{none, "rate(10 seconds)"},
		{none, "rate(10 years)"},
		{none, "rate()"},
		{none, "rate(10)"},
		{none, "rate(10 )"},
		{none, "rate( minutes)"},
		{none, "rate(10 minutess)"},
		{none, "rate(foo minutes)"},
		{none, "rate(0 minutes)"},
		{none, "rate(-10 minutes)"},
		{none, "rate(+10 minutes)"},
		{none, "rate(1.5 hours)"},
		{none, "rate(10 MINUTES)"},
		{none, "rate( 10 minutes )"},
		{none, "rate(10  minutes)"},
		{none, " rate(10 minutes)"},
		{none, "rate(10 minutes) "},
		{none, "rate(10 minutes"},
		{none, "RATE(10 minutes)"},
		{none, "rate(99999999999999999999 days)"},
		{none, "rate(200000 days)"},

		{both, "cron(0 2 ? * SAT *)"},
		{both, "cron(0 12 * * ? *)"},
		{both, "cron(5,35 14 * * ? *)"},
		{both, "cron(15 10 ? * 6L 2002-2005)"},
		{both, "cron(0 2 ? * SAT#3 *)"},
		{both, "cron(* * ? * SAT#3 *)"},
		{both, "cron(0/5 5 ? JAN 1-5 2022)"},
		{both, "cron(0 18 ? * MON-FRI *)"},
		{both, "cron(0 8 1 * ? *)"},
		{both, "cron(0/15 * * * ? *)"},
		{both, "cron(*/15 * * * ? *)"},
		{both, "cron(0-59/10 * * * ? *)"},
		{both, "cron(0 0 1-31/30 * ? *)"},
		{both, "cron(0 8-8 * * ? *)"},
		{both, "cron(0/5 8-17 ? * MON-FRI *)"},
		{both, "cron(0/30 20-23 ? * MON-FRI *)"},
		{both, "cron(0/30 0-2 ? * MON-FRI *)"},
		{both, "cron(0 12 3W * ? *)"},
		{both, "cron(0 0 L * ? *)"},
		{both, "cron(0 0 LW * ? *)"},
		{both, "cron(0 0 ? * L *)"},
		{both, "cron(0 9 ? * 2#1 *)"},
		{both, "cron(0 9 ? * MON-SUN *)"},
		{both, "cron(0 9 ? * mon *)"},
		{none, "cron(0 1 * * * *)"},
		{none, "cron(0 1 ? * ? *)"},
		{none, "cron(7 20 * * NOT *)"},
		{none, "cron(7 20 ? * NOT *)"},
		{none, "cron(INVALID)"},
		{none, "cron()"},
		{none, "cron(0 dummy ? * MON-FRI *)"},
		{none, "cron(71 8 1 * ? *)"},
		{none, "cron(0 24 1 * ? *)"},
		{none, "cron(0 0 0 * ? *)"},
		{none, "cron(0 0 32 * ? *)"},
		{none, "cron(0 0 1 13 ? *)"},
		{none, "cron(0 0 1 0 ? *)"},
		{none, "cron(0 0 ? * 0 *)"},
		{none, "cron(0 0 ? * 8 *)"},
		{none, "cron(0 0 ? * SAT#6 *)"},
		{none, "cron(0 0 ? * SAT#0 *)"},
		{none, "cron(0 0 ? * 3#1,6#3 *)"},
		{none, "cron(0 0 ? * 6L,2 *)"},
		{none, "cron(0 0 32W * ? *)"},
		{none, "cron(0 0 1W,15W * ? *)"},
		{none, "cron(0 0 1 * ? 1969)"},
		{none, "cron(0 0 1 * ? 2200)"},
		{none, "cron(0 0 1 * ? 2005-2002)"},
		{none, "cron(0 0 1 * ?)"},
		{none, "cron(0 0 0 1 * ? *)"},
		{none, "cron( 0 12 * * ? *)"},
		{none, "cron(0 12 * * ? * )"},
		{none, "cron(5,,35 14 * * ? *)"},
		{none, "cron(5, 14 * * ? *)"},
		{none, "cron(0/0 * * * ? *)"},
		{none, "cron(/5 * * * ? *)"},
		{none, "cron(0/ * * * ? *)"},
		{none, "cron(0/61 * * * ? *)"},
		{none, "cron(5- * * * ? *)"},
		{none, "cron(-5 * * * ? *)"},
		{none, "cron(+5 * * * ? *)"},
		{none, "cron(? 1 * * ? *)"},

		{scheduler, "at(2026-11-23T10:00:00)"},
		{none, "at(2021-12-31)"},
		{none, "at(2021-12-31T23:59:59Z)"},
		{none, "at(2021-12-31T23:59:59.5)"},
		{none, "at(2021-02-30T00:00:00)"},
		{none, "at(2021-12-31T24:00:00)"},
		{none, "at( 2021-12-31T23:59:59)"},
		{none, "at()"},
		{none, ""},
		{none, "0 12 * * ? *"},
		{none, "every day"},
		{none, ")("},
	}
	for _, tt := range tests {
		t.Run(tt.expression, func(t *testing.T) {
			t.Parallel()
			for name, d := range map[string]cron.Dialect{rules: cron.Rules, scheduler: cron.Scheduler} {
				_, err := cron.Parse(tt.expression, cron.Options{Dialect: d})
				want := strings.Contains(tt.accepts, name)
				if (err == nil) != want {
					t.Errorf("Parse(%q) for %s = %v, want accepted %v", tt.expression, name, err, want)
				}
				var syntax *cron.SyntaxError
				if err != nil && !errors.As(err, &syntax) {
					t.Errorf("Parse(%q) = %T, want *SyntaxError", tt.expression, err)
				}
			}
		})
	}
}

func TestNext(t *testing.T) {
	t.Parallel()
	tests := []struct {
		expression, location, after string
		want                        []string // empty string: never again
	}{
		{"cron(0 12 * * ? *)", "", "2026-11-23T10:00:00Z", []string{"2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z"}},
		{"cron(0 12 * * ? *)", "", "2026-11-23T12:00:00Z", []string{"2026-11-24T12:00:00Z"}},
		{"cron(0 12 * * ? *)", "", "2026-11-23T11:59:59.999Z", []string{"2026-11-23T12:00:00Z"}},
		{"cron(5,35 14 * * ? *)", "", "2026-12-31T14:05:00Z", []string{"2026-12-31T14:35:00Z", "2027-01-01T14:05:00Z"}},
		{"cron(0/20 22-1 * * ? *)", "", "2026-01-01T01:20:00Z", []string{"2026-01-01T01:40:00Z", "2026-01-01T22:00:00Z"}},
		{"cron(50/5 * * * ? *)", "", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:50:00Z", "2026-01-01T00:55:00Z", "2026-01-01T01:50:00Z"}},
		{"cron(0 18 ? * MON-FRI *)", "", "2026-11-20T18:00:00Z", []string{"2026-11-23T18:00:00Z"}},
		{"cron(0 0 ? * FRI-MON *)", "", "2026-11-23T00:00:00Z", []string{"2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z"}},
		{"cron(0 0 ? * L *)", "", "2026-11-23T00:00:00Z", []string{"2026-11-28T00:00:00Z", "2026-12-05T00:00:00Z"}},
		{"cron(15 10 ? * 6L 2026)", "", "2026-11-01T00:00:00Z", []string{"2026-11-27T10:15:00Z", "2026-12-25T10:15:00Z", ""}},
		{"cron(15 10 ? * 6L 2002-2005)", "", "2026-11-01T00:00:00Z", []string{""}},
		{"cron(15 10 ? * FRIL 2002-2005)", "", "1999-11-01T00:00:00Z", []string{"2002-01-25T10:15:00Z"}},
		{"cron(0 2 ? * SAT#3 *)", "", "2026-11-01T00:00:00Z", []string{"2026-11-21T02:00:00Z", "2026-12-19T02:00:00Z"}},
		{"cron(0 2 ? * SUN#5 *)", "", "2026-11-01T00:00:00Z", []string{"2026-11-29T02:00:00Z", "2027-01-31T02:00:00Z"}},
		{"cron(0 0 L * ? *)", "", "2028-02-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"}},
		// October 31 2026 is a Saturday, February 28 2027 a Sunday, March 31 a Wednesday.
		{"cron(0 0 LW * ? *)", "", "2026-10-01T00:00:00Z", []string{"2026-10-30T00:00:00Z"}},
		{"cron(0 0 LW * ? *)", "", "2027-02-01T00:00:00Z", []string{"2027-02-26T00:00:00Z", "2027-03-31T00:00:00Z"}},
		// August 1 2026 is a Saturday, November 1 a Sunday, August 15 a Saturday, November 15 a Sunday.
		{"cron(0 0 1W 8,11 ? *)", "", "2026-08-01T00:00:00Z", []string{"2026-08-03T00:00:00Z", "2026-11-02T00:00:00Z"}},
		{"cron(0 0 15W 8,11 ? *)", "", "2026-08-01T00:00:00Z", []string{"2026-08-14T00:00:00Z", "2026-11-16T00:00:00Z"}},
		{"cron(0 0 31W * ? *)", "", "2026-05-01T00:00:00Z", []string{"2026-05-29T00:00:00Z", "2026-07-31T00:00:00Z"}},
		{"cron(0 0 29 2 ? *)", "", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"cron(0 0 31 FEB ? *)", "", "2026-01-01T00:00:00Z", []string{""}},
		{"cron(0 0 31 4,6,9,11 ? *)", "", "2026-01-01T00:00:00Z", []string{""}},
		{"cron(0 0 1 1 ? 2199)", "", "2026-01-01T00:00:00Z", []string{"2199-01-01T00:00:00Z", ""}},
		{"cron(0 0 1 1 ? 1970-1971)", "", "1900-01-01T00:00:00Z", []string{"1970-01-01T00:00:00Z", "1971-01-01T00:00:00Z", ""}},
		{"cron(0 0 1 1 ? 2020/3)", "", "2026-06-01T00:00:00Z", []string{"2029-01-01T00:00:00Z"}},

		{"cron(0 9 * * ? *)", "America/New_York", "2026-11-23T00:00:00Z", []string{"2026-11-23T14:00:00Z"}},
		{"cron(0 9 * * ? *)", "America/New_York", "2026-06-23T00:00:00Z", []string{"2026-06-23T13:00:00Z"}},
		// Clocks go from 02:00 to 03:00 on 8 March 2026: 02:30 does not exist.
		{"cron(30 2 * * ? *)", "America/New_York", "2026-03-07T00:00:00Z", []string{"2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z"}},
		// Clocks go from 02:00 back to 01:00 on 1 November 2026: 01:30 exists twice.
		{"cron(30 1 * * ? *)", "America/New_York", "2026-11-01T00:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"}},
		{"cron(0/30 * * * ? *)", "America/New_York", "2026-11-01T05:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z"}},
		{"cron(0/30 * * * ? *)", "America/New_York", "2026-11-01T06:10:00Z", []string{"2026-11-01T07:00:00Z"}},
		{"cron(0/30 * * * ? *)", "Asia/Kolkata", "2026-11-01T05:10:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z"}},
		// Samoa had no 30 December 2011.
		{"cron(0 12 * * ? *)", "Pacific/Apia", "2011-12-29T12:00:00Z", []string{"2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"}},
		// In 2018 Brazil set its clocks forward at midnight: 4 November begins at 01:00.
		{"cron(0 0 * * ? *)", "America/Sao_Paulo", "2018-11-03T12:00:00Z", []string{"2018-11-05T02:00:00Z"}},
		// And back at midnight: 17 February 23:00 to 23:59 came twice.
		{"cron(30 23 * * ? *)", "America/Sao_Paulo", "2018-02-17T12:00:00Z", []string{"2018-02-18T01:30:00Z", "2018-02-19T02:30:00Z"}},

		{"rate(5 minutes)", "", "2026-11-23T10:00:07Z", []string{"2026-11-23T10:05:07Z", "2026-11-23T10:10:07Z"}},
		{"rate(1 day)", "America/New_York", "2026-10-31T16:00:00Z", []string{"2026-11-01T16:00:00Z", "2026-11-02T16:00:00Z"}},
		{"at(2026-11-23T10:00:00)", "", "2026-11-23T09:59:59Z", []string{"2026-11-23T10:00:00Z", ""}},
		{"at(2026-11-23T10:00:00)", "Asia/Kolkata", "2026-11-01T00:00:00Z", []string{"2026-11-23T04:30:00Z", ""}},
		{"at(2020-11-23T10:00:00)", "", "2026-11-01T00:00:00Z", []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.expression+" "+tt.after, func(t *testing.T) {
			t.Parallel()
			s, err := cron.Parse(tt.expression, cron.Options{Dialect: cron.Scheduler, Location: location(t, tt.location)})
			if err != nil {
				t.Fatal(err)
			}
			now := at(t, tt.after)
			for _, want := range tt.want {
				got, ok := s.Next(now)
				if want == "" {
					if ok {
						t.Errorf("Next(%v) = %v, want none", now, got)
					}
					return
				}
				if !ok || !got.Equal(at(t, want)) {
					t.Fatalf("Next(%v) = %v, %v; want %s", now, got, ok, want)
				}
				now = got
			}
		})
	}
}

func TestRateFromStart(t *testing.T) {
	t.Parallel()
	start := at(t, "2026-11-23T10:00:30Z")
	tests := []struct{ expression, after, want string }{
		{"rate(5 minutes)", "2026-11-01T00:00:00Z", "2026-11-23T10:00:30Z"},
		{"rate(5 minutes)", "2026-11-23T10:00:29Z", "2026-11-23T10:00:30Z"},
		{"rate(5 minutes)", "2026-11-23T10:00:30Z", "2026-11-23T10:05:30Z"},
		{"rate(5 minutes)", "2026-11-23T10:07:00Z", "2026-11-23T10:10:30Z"},
		{"rate(1 day)", "2026-11-25T10:00:31Z", "2026-11-26T10:00:30Z"},
		{"rate(1 day)", "2526-11-25T10:00:31Z", "2526-11-26T10:00:30Z"},
	}
	for _, tt := range tests {
		s, err := cron.Parse(tt.expression, cron.Options{Start: start})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Next(at(t, tt.after)); !ok || !got.Equal(at(t, tt.want)) {
			t.Errorf("%s: Next(%s) = %v, %v; want %s", tt.expression, tt.after, got, ok, tt.want)
		}
	}
}
