"""Keep the view SeatMap: which seats of a showing are free."""

import json

import seatmap
from gen import Context, Received, events, triggers


@triggers.view_seat_map
def handler(event: Received[triggers.ViewSeatMapEvents], context: Context) -> None:
    """Write what changes on the seat map into the function's log.

    stormbus serves no tables yet that could keep the map itself.
    """
    happened = event.data
    seats = () if isinstance(happened, events.ShowingScheduled) else happened.seats
    state = seatmap.STATES[type(happened)]
    print(json.dumps({"showing": happened.showing_id, "seats": [*seats], "are": state}))
