"""The seat map of a showing: what each event makes of the seats it names."""

from __future__ import annotations

from gen import events

FREE, HELD, TAKEN = "free", "held", "taken"

STATES: dict[type, str] = {
    events.ShowingScheduled: FREE,
    events.SeatsHeld: HELD,
    events.HoldExpired: FREE,
    events.SeatsReleased: FREE,
    events.BookingConfirmed: TAKEN,
}
