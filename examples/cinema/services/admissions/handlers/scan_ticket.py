"""ScanTicket, asked for by Usher with POST /tickets/{id}/scan.

It results in GuestAdmitted.
"""

import tickets
from gen import Context, Refused, Request, events, publish, triggers


@triggers.scan_ticket
def handler(request: Request, context: Context) -> object:
    """Let a guest in whose ticket belongs to the booking that it shows."""
    shown = request.body
    ticket = request.path.get("id") or shown.get("ticket_id")
    booking_id = shown.get("booking_id")
    if not booking_id or ticket != tickets.ticket_id(booking_id):
        raise Refused("this is no ticket of that booking", 403)
    event_id = publish.guest_admitted(
        events.GuestAdmitted(
            ticket_id=ticket,
            booking_id=booking_id,
            seats=shown.get("seats", []),
        )
    )
    return {"welcome": shown.get("seats", []), "event_id": event_id}
