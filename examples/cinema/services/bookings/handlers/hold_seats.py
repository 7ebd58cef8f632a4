"""Command: a customer chose seats. Publishes SeatsHeld."""

from __future__ import annotations

from typing import Any

import bus
from prices import price


def handler(event: dict[str, Any], context: Any) -> dict[str, str]:
    """Hold the seats of a request and answer with the ids to follow it by."""
    if not event["seats"]:
        raise ValueError("no seats were chosen")
    booking = {
        # A request that Lambda tries again keeps its id, and so does the booking.
        "bookingId": context.aws_request_id,
        "show": event["show"],
        "seats": event["seats"],
        "customer": event["customer"],
        "amount": price(event["seats"]),
        "card": event["card"],
    }
    event_id = bus.publish("cinema.bookings", "SeatsHeld", booking)
    return {"bookingId": booking["bookingId"], "eventId": event_id}
