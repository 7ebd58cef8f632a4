"""The till: what becomes of a charge."""

from __future__ import annotations

import unittest
from typing import Any

import gateway
from gen import Recorder, use_client
from gen._contract import LocalContext, sample
from handlers import capture_payment


def held(card: str = "tok_4242", time: str = "2026-11-24T20:00:00Z") -> dict[str, Any]:
    """Return an event SeatsHeld."""
    event: dict[str, Any] = sample("SeatsHeld")
    detail = {**event["detail"], "card": card, "expires_at": "2026-11-24T20:08:00Z"}
    return {**event, "time": time, "detail": detail}


def handle(event: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what the till publishes, as pairs of detail-type and data."""
    recorder = Recorder()
    with use_client(recorder):
        capture_payment.handler(event, LocalContext())
    return list(zip(recorder.detail_types, recorder.details))


class CapturePaymentTest(unittest.TestCase):
    def test_captured(self) -> None:
        event = held()
        [(name, data)] = handle(event)
        self.assertEqual(name, "PaymentCaptured")
        self.assertEqual(data["amount"], event["detail"]["total"])
        self.assertEqual(data["order"]["seats"], event["detail"]["seats"])
        self.assertNotIn("card", str(data["order"]))

    def test_the_same_event_twice_is_one_payment(self) -> None:
        ids = {handle(held())[0][1]["payment_id"] for _ in range(2)}
        self.assertEqual(len(ids), 1)

    def test_declined(self) -> None:
        for card, reason in gateway.DECLINED.items():
            [(name, data)] = handle(held(card="tok_" + card))
            self.assertEqual((name, data["reason"]), ("PaymentFailed", reason))

    def test_the_hold_is_over(self) -> None:
        [(name, data)] = handle(held(time="2026-11-24T20:08:00Z"))
        self.assertEqual((name, data["reason"]), ("PaymentFailed", "hold_expired"))

    def test_broke_off(self) -> None:
        with self.assertRaises(gateway.BrokeOff):
            handle(held(card="tok_" + gateway.BROKEN))

    def test_nothing_to_charge(self) -> None:
        with self.assertRaisesRegex(ValueError, "cannot charge 0"):
            gateway.charge("tok_4242", 0, key="b-1")


if __name__ == "__main__":
    unittest.main()
