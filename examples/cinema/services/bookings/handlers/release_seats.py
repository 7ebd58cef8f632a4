"""PaymentDeclined -> SeatsReleased."""

from __future__ import annotations

from typing import Any

import bus


def handler(event: dict[str, Any], context: Any) -> None:
    """Give the seats of a booking that was not paid for back to the hall."""
    declined = event["detail"]
    released = {key: declined[key] for key in ("bookingId", "show", "seats", "customer")}
    released["reason"] = declined["reason"]
    bus.publish("cinema.bookings", "SeatsReleased", released)
