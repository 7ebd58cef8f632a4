"""ScheduleShowing, asked for by Manager with PUT /showings/{id}.

It results in ShowingScheduled.
"""

from gen import Context, Refused, Request, events, publish, triggers


@triggers.schedule_showing
def handler(request: Request, context: Context) -> object:
    """Put a showing on the programme."""
    showing_id = request.path.get("id") or request.body.get("showing_id")
    if not showing_id:
        raise Refused("the request names no showing")
    event_id = publish.showing_scheduled(
        events.ShowingScheduled(
            showing_id=showing_id,
            film=request.body.get("film", ""),
            starts_at=request.body.get("starts_at", ""),
        )
    )
    return {"showing_id": showing_id, "event_id": event_id}
