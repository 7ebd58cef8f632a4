"""The payment provider's test mode: the card decides what happens.

A card is the provider's token for it, so that its number never reaches us.
"""

from __future__ import annotations

import uuid

DECLINED = {"0002": "card_declined", "9995": "insufficient_funds"}


class Declined(Exception):
    """The card was not charged; reason is the provider's word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def charge(card: str, amount: int, *, key: str) -> str:
    """Charge an amount in cents and return the payment's id.

    The same key gives the same payment, however often it is asked for.
    """
    if amount <= 0:
        raise ValueError(f"cannot charge {amount} cents")
    if reason := DECLINED.get(card[-4:]):
        raise Declined(reason)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"payment/{key}"))
