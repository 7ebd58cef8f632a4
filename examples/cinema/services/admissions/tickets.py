"""Tickets: the same booking always gives the same ticket."""

from __future__ import annotations

import uuid
from urllib.parse import quote


def ticket_id(booking_id: str) -> str:
    """Return the id of a booking's ticket, however often it is issued."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"ticket/{booking_id}"))


def url(ticket: str) -> str:
    """Return where the guest finds the ticket."""
    return f"https://tickets.cinema.example/{quote(ticket)}"
