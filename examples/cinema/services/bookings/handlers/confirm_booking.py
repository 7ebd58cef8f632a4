"""ConfirmBooking, whenever PaymentCaptured or SeatsHeld happened.

It results in BookingConfirmed.
"""

from gen import Context, Received, events, publish, triggers


@triggers.confirm_booking
def handler(event: Received[triggers.ConfirmBookingEvents], context: Context) -> None:
    """Confirm a booking that is paid for, or that costs nothing."""
    booking = event.data
    # What was paid for comes back with the payment, so that nothing has to be
    # looked up; seats that are free never went to the till.
    order = booking.order if isinstance(booking, events.PaymentCaptured) else booking
    publish.booking_confirmed(
        events.BookingConfirmed(
            booking_id=booking.booking_id,
            showing_id=order.showing_id,
            film=order.film,
            seats=order.seats,
            email=order.email,
        )
    )
