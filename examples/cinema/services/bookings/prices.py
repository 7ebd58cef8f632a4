"""What seats cost."""

from __future__ import annotations

from collections.abc import Sequence

CURRENCY = "EUR"
STALLS = 1100  # cents
BALCONY = 1450
BALCONY_ROWS = "JKLM"
VOUCHERS = frozenset({"FRIEND-OF-THE-HOUSE"})


def price(seats: Sequence[str], voucher: str = "") -> float:
    """Return the price of seats such as "F7", in euros; a voucher pays for all."""
    if voucher in VOUCHERS:
        return 0
    cents = sum(BALCONY if seat[:1] in BALCONY_ROWS else STALLS for seat in seats)
    return cents / 100
