"""ReleaseSeats, whenever PaymentFailed happened.

It results in SeatsReleased.
"""

from gen import Context, Received, events, publish, triggers


@triggers.release_seats
def handler(event: Received[events.PaymentFailed], context: Context) -> None:
    """Give the seats of a booking that was not paid for back to the hall."""
    failed = event.data
    publish.seats_released(
        events.SeatsReleased(
            booking_id=failed.booking_id,
            showing_id=failed.order.showing_id,
            seats=failed.order.seats,
            reason=failed.reason,
        )
    )
