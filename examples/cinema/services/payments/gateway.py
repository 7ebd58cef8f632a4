"""The card processor's test mode: the card decides what happens.

A card is the processor's token for it, so that its number never reaches us.
"""

from __future__ import annotations

import uuid
from typing import Literal

Refusal = Literal["card_declined", "insufficient_funds"]

DECLINED: dict[str, Refusal] = {"0002": "card_declined", "9995": "insufficient_funds"}
BROKEN = "0119"  # the processor breaks off, and does not say whether it charged


class Declined(Exception):
    """The card was not charged; reason is the processor's word for why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


class BrokeOff(Exception):
    """The processor did not answer. Whether the card was charged is unknown."""


def charge(card: str, amount: float, *, key: str) -> str:
    """Charge an amount and return the payment's id.

    The same key gives the same payment, however often it is asked for.
    """
    if amount <= 0:
        raise ValueError(f"cannot charge {amount}")
    if card.endswith(BROKEN):
        raise BrokeOff("the card processor broke off in the middle of the charge")
    if reason := DECLINED.get(card[-4:]):
        raise Declined(reason)
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"payment/{key}"))
