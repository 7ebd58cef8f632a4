"""PlaceOrder: a customer places an order."""

from __future__ import annotations

import uuid

from gen import Context, Refused, Request, events, publish, triggers


@triggers.place_order
def handler(request: Request, context: Context) -> dict[str, str]:
    """Place the order and tell everybody."""
    item = request.body.get("item")
    if not isinstance(item, str) or not item:
        raise Refused("say what to order: item")
    order = events.OrderPlaced(
        order_id=str(uuid.uuid4()),
        item=item,
        quantity=request.body.get("quantity", 1),
    )
    event_id = publish.order_placed(order)
    return {"order_id": order.order_id, "event_id": event_id}
