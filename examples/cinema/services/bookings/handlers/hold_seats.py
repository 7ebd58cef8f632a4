"""HoldSeats, asked for by Customer with POST /bookings.

It results in SeatsHeld.
"""

from datetime import datetime, timezone

import holds
import prices
from gen import Context, Refused, Request, events, publish, triggers


@triggers.hold_seats
def handler(request: Request, context: Context) -> object:
    """Hold the seats of a request and answer with the ids to follow it by."""
    wish = request.body
    for field in ("showing_id", "film", "seats", "email", "card"):
        if field not in wish:
            raise Refused(f"the request lacks {field}")
    if not wish["seats"]:
        raise Refused("no seats were chosen")
    total = prices.price(wish["seats"], wish.get("voucher", ""))
    expires_at = datetime.now(timezone.utc) + holds.HOLD
    # A request that Lambda tries again keeps its id, and so does the booking.
    booking_id = context.aws_request_id
    event_id = publish.seats_held(
        events.SeatsHeld(
            booking_id=booking_id,
            showing_id=wish["showing_id"],
            film=wish["film"],
            seats=wish["seats"],
            email=wish["email"],
            total=events.Money(amount=total, currency=prices.CURRENCY),
            card=wish["card"],
            expires_at=expires_at.isoformat(timespec="seconds"),
        )
    )
    return {"booking_id": booking_id, "event_id": event_id}
