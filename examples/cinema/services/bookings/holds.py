"""How long seats are held for somebody who has not paid yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

HOLD = timedelta(minutes=8)


@dataclass(frozen=True)
class Hold:
    """Seats that are kept for a booking until a point in time."""

    booking_id: str
    showing_id: str
    seats: tuple[str, ...]
    expires_at: datetime


class NotRemembered(Exception):
    """There is no table yet in which the box office could remember its holds."""


def remembered() -> Iterable[Hold]:
    """Return the holds that are neither paid for nor released."""
    raise NotRemembered(
        "holds stand in the table cinema-bookings-booking, and stormbus serves no tables yet"
    )


def expired(holds: Iterable[Hold], now: datetime) -> Iterator[Hold]:
    """Yield the holds whose time is over, the oldest first."""
    for hold in sorted(holds, key=lambda hold: hold.expires_at):
        if hold.expires_at <= now:
            yield hold
