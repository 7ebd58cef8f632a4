package deploy_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCinema deploys the running example, twice, and takes it away.
func TestCinema(t *testing.T) {
	t.Parallel()
	s := start(t)
	p := of(t, cinema(t))
	before := s.state()
	s.writes()
	planned, err := s.Plan(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if writes := s.writes(); len(writes) > 0 {
		t.Errorf("a dry run wrote: %q", writes)
	}
	done, err := s.Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(planned, done); diff != "" {
		t.Errorf("what was done is not what was planned (-planned +done):\n%s", diff)
	}
	want := `create bus cinema
create queue cinema-admissions-issue-ticket-dlq
create queue cinema-bookings-confirm-booking-dlq
create function cinema-admissions-issue-ticket
create function cinema-admissions-scan-ticket
create function cinema-bookings-confirm-booking
create function cinema-bookings-expire-holds
create function cinema-bookings-hold-seats
create function cinema-bookings-view-seat-map
create function cinema-payments-capture-payment
create function cinema-showings-schedule-showing
create rule booking-on-paid
create rule pay-on-held
create rule ticket-on-confirmed
create rule view-seat-map
`
	if diff := cmp.Diff(want, list(done)); diff != "" {
		t.Errorf("first (-want +got):\n%s", diff)
	}
	s.writes()
	again, err := s.Apply(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	if writes := s.writes(); len(writes) > 0 || list(again) != "" {
		t.Errorf("second: %s\nwrites: %q", list(again), writes)
	}
	removed, err := s.Remove(t.Context(), "cinema")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(list(removed), "delete ") != 15 {
		t.Errorf("removed:\n%s", list(removed))
	}
	if diff := cmp.Diff(before, s.state()); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}
