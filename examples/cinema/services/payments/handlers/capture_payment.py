"""CapturePayment, whenever SeatsHeld happened.

It results in PaymentCaptured or PaymentFailed.
"""

from datetime import datetime
from typing import Literal

import gateway
from gen import Context, Received, events, publish, triggers

Reason = Literal["card_declined", "insufficient_funds", "hold_expired"]


@triggers.capture_payment
def handler(event: Received[events.SeatsHeld], context: Context) -> None:
    """Take the money for held seats."""
    held = event.data
    if event.time >= instant(held.expires_at):
        fail(held, "hold_expired")
        return
    try:
        # The booking's id is the key under which the processor charges only
        # once, because an event may be delivered more than once.
        payment_id = gateway.charge(held.card, held.total.amount, key=held.booking_id)
    except gateway.Declined as declined:
        fail(held, declined.reason)
        return
    publish.payment_captured(
        events.PaymentCaptured(
            payment_id=payment_id,
            booking_id=held.booking_id,
            amount=held.total,
            method="card",
            order=events.PaymentCapturedOrder(
                showing_id=held.showing_id,
                film=held.film,
                seats=held.seats,
                email=held.email,
            ),
        )
    )


def instant(text: str) -> datetime:
    """Return the time that a text says; Python 3.10 does not know Z."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def fail(held: events.SeatsHeld, reason: Reason) -> None:
    """Tell that the seats are not paid for, and why."""
    publish.payment_failed(
        events.PaymentFailed(
            booking_id=held.booking_id,
            reason=reason,
            order=events.PaymentFailedOrder(
                showing_id=held.showing_id,
                film=held.film,
                seats=held.seats,
                email=held.email,
            ),
        )
    )
