"""BookingConfirmed -> TicketIssued."""

from __future__ import annotations

import uuid
from typing import Any

import bus


def handler(event: dict[str, Any], context: Any) -> None:
    """Issue the ticket of a confirmed booking; the same booking, the same ticket."""
    ticket = {key: event["detail"][key] for key in ("bookingId", "show", "seats", "customer")}
    ticket["ticketId"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"ticket/{ticket['bookingId']}"))
    bus.publish("cinema.tickets", "TicketIssued", ticket)
