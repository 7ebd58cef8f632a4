"""IssueTicket, whenever BookingConfirmed happened.

It results in TicketIssued.
"""

import tickets
from gen import Context, Received, events, publish, triggers


@triggers.issue_ticket
def handler(event: Received[events.BookingConfirmed], context: Context) -> None:
    """Issue the ticket of a confirmed booking; the same booking, the same ticket."""
    booking = event.data
    ticket = tickets.ticket_id(booking.booking_id)
    publish.ticket_issued(
        events.TicketIssued(
            ticket_id=ticket,
            booking_id=booking.booking_id,
            seats=booking.seats,
            url=tickets.url(ticket),
        )
    )
