"""SendParcel: what was ordered is sent."""

from __future__ import annotations

import uuid

from gen import Context, Received, events, publish, triggers
from weights import weight_of


@triggers.send_parcel
def handler(event: Received[events.OrderPlaced], context: Context) -> None:
    """Send a parcel for the order."""
    order = event.data
    publish.parcel_sent(
        events.ParcelSent(
            parcel_id=str(uuid.uuid4()),
            order_id=order.order_id,
            weight=weight_of(order.item, order.quantity),
        )
    )
