"""SeatsHeld -> PaymentCaptured, or PaymentDeclined if the card fails."""

from __future__ import annotations

from typing import Any

import bus
import gateway


def handler(event: dict[str, Any], context: Any) -> None:
    """Take the money for held seats."""
    held = event["detail"]
    result = {key: held[key] for key in ("bookingId", "show", "seats", "customer", "amount")}
    try:
        # The booking's id is the key under which the gateway charges only once,
        # because an event may be delivered more than once.
        result["paymentId"] = gateway.charge(held["card"], held["amount"], key=held["bookingId"])
    except gateway.Declined as declined:
        result["reason"] = declined.reason
        bus.publish("cinema.payments", "PaymentDeclined", result)
    else:
        bus.publish("cinema.payments", "PaymentCaptured", result)
