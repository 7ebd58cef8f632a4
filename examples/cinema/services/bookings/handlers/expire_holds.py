"""ExpireHolds, by the clock: rate(1 minute).

It results in HoldExpired.
"""

import holds
from gen import Context, Tick, events, publish, triggers


@triggers.expire_holds
def handler(tick: Tick, context: Context) -> None:
    """Let go of the seats that nobody paid for in time."""
    for hold in holds.expired(holds.remembered(), tick.time):
        publish.hold_expired(
            events.HoldExpired(
                booking_id=hold.booking_id,
                showing_id=hold.showing_id,
                seats=list(hold.seats),
            )
        )
