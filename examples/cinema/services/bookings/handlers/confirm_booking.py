"""PaymentCaptured -> BookingConfirmed."""

from __future__ import annotations

from typing import Any

import bus


def handler(event: dict[str, Any], context: Any) -> None:
    """Confirm a booking that has been paid for."""
    paid = event["detail"]
    confirmed = {key: paid[key] for key in ("bookingId", "show", "seats", "customer", "amount")}
    bus.publish("cinema.bookings", "BookingConfirmed", confirmed)
