package codegen_test

import (
	"strings"
	"testing"
)

// fileOf is the content of a file that a board results in.
func fileOf(t testing.TB, text, path string) string {
	t.Helper()
	for _, f := range mustFiles(t, text) {
		if f.Path == path {
			return string(f.Content)
		}
	}
	t.Fatalf("there is no %s", path)
	return ""
}

// TestFormerNames: what handlers call by the name that it had before it was
// renamed is still there, so that they go on working.
func TestFormerNames(t *testing.T) {
	t.Parallel()
	text := replace(t, cinema(t), ", do: ConfirmBooking,", ", do: AcceptBooking,", "  ConfirmBooking: {from: reaction}", "  AcceptBooking: {from: reaction, was: ConfirmBooking}", "by: ConfirmBooking", "by: AcceptBooking",
		"reads: [SeatMap]", "reads: [Plan]", "  SeatMap: {", "  Plan: {was: SeatMap, ")
	for path, want := range map[string]string{
		"services/bookings/gen/events.py":   "\n\n\n# Former names, as the board remembers them.\nPaymentTaken = PaymentCaptured\n",
		"services/payments/gen/publish.py":  "\n\n\n# Former names, as the board remembers them.\npayment_taken = payment_captured\n",
		"services/bookings/gen/triggers.py": "\n\n\n# Former names, as the board remembers them.\nconfirm_booking = accept_booking\nViewSeatMapEvents = ViewPlanEvents\nview_seat_map = view_plan\n",
	} {
		if got := fileOf(t, text, path); !strings.HasSuffix(got, want) {
			t.Errorf("%s does not end with %q:\n%s", path, want, got)
		}
	}
}

// TestFormerNameOfAnother: a name belongs to what has it now.
func TestFormerNameOfAnother(t *testing.T) {
	t.Parallel()
	text := replace(t, cinema(t), "  ConfirmBooking: {from: reaction}", "  ConfirmBooking: {from: reaction, was: HoldSeats}",
		"  PaymentFailed: {at: 50,", "  PaymentTaken: {by: CapturePayment, of: Payment, at: 50, v: 1, data: {payment_id: uuid}}\n  PaymentFailed: {at: 50,")
	for _, path := range []string{"services/payments/gen/events.py", "services/payments/gen/publish.py", "services/bookings/gen/triggers.py"} {
		if got := fileOf(t, text, path); strings.Contains(got, "# Former names") {
			t.Errorf("%s gives away a name that something else has:\n%s", path, got)
		}
	}
}
