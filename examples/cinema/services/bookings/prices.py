"""What a seat costs."""

from __future__ import annotations

STALLS = 1100
BALCONY = 1450
BALCONY_ROWS = "JKLM"


def price(seats: list[str]) -> int:
    """Return the price of seats such as "F7", in cents."""
    return sum(BALCONY if seat[0] in BALCONY_ROWS else STALLS for seat in seats)
