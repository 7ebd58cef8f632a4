"""The box office: what its handlers make of requests, events and time."""

from __future__ import annotations

import contextlib
import io
import json
import unittest
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import holds
import prices
from gen import Recorder, Refused, events, use_client
from gen._contract import LocalContext, sample
from handlers import (
    confirm_booking,
    expire_holds,
    hold_seats,
    release_seats,
    view_seat_map,
)

WISH: dict[str, Any] = {
    "showing_id": "0b6d9a52-7a3f-4c1e-8c62-2f0f7b1d4e90",
    "film": "Metropolis",
    "seats": ["F7", "K1"],
    "email": "ada@example.com",
    "card": "tok_4242",
}
NOW = datetime(2026, 11, 24, 20, 0, tzinfo=timezone.utc)
TICK = {"time": NOW.isoformat()}


class BoxOfficeTest(unittest.TestCase):
    def setUp(self) -> None:
        self.recorder = Recorder()
        use = use_client(self.recorder)
        use.__enter__()
        self.addCleanup(use.__exit__, None, None, None)


class HoldSeatsTest(BoxOfficeTest):
    def test_hold(self) -> None:
        answer = hold_seats.handler(WISH, LocalContext())
        [held] = self.recorder.details
        self.assertEqual(answer, {"booking_id": held["booking_id"], "event_id": "1"})
        self.assertEqual(held["total"], {"amount": 25.5, "currency": "EUR"})
        self.assertEqual(held["seats"], ["F7", "K1"])

    def test_voucher(self) -> None:
        [voucher] = prices.VOUCHERS
        hold_seats.handler({**WISH, "voucher": voucher}, LocalContext())
        self.assertEqual(self.recorder.details[0]["total"]["amount"], 0)

    def test_refused(self) -> None:
        for lacking in WISH:
            wish = {name: value for name, value in WISH.items() if name != lacking}
            with self.subTest(lacking), self.assertRaisesRegex(Refused, lacking):
                hold_seats.handler(wish, LocalContext())
        with self.assertRaisesRegex(Refused, "no seats"):
            hold_seats.handler({**WISH, "seats": []}, LocalContext())
        self.assertEqual(self.recorder.entries, [])


class ReactionsTest(BoxOfficeTest):
    def test_a_payment_confirms_what_was_ordered(self) -> None:
        paid = sample("PaymentCaptured")
        confirm_booking.handler(paid, LocalContext())
        [confirmed] = self.recorder.details
        self.assertEqual(confirmed["seats"], paid["detail"]["order"]["seats"])
        self.assertEqual(confirmed["causation_id"], paid["id"])

    def test_free_seats_are_confirmed_at_once(self) -> None:
        held = sample("SeatsHeld")
        confirm_booking.handler(held, LocalContext())
        [confirmed] = self.recorder.details
        self.assertEqual(confirmed["booking_id"], held["detail"]["booking_id"])

    def test_a_failed_payment_releases_the_seats(self) -> None:
        failed = sample("PaymentFailed")
        release_seats.handler(failed, LocalContext())
        [released] = self.recorder.details
        self.assertEqual(released["reason"], failed["detail"]["reason"])
        self.assertEqual(released["seats"], failed["detail"]["order"]["seats"])

    def test_the_seat_map_tells_what_changes(self) -> None:
        for name, want in ("SeatsHeld", "held"), ("BookingConfirmed", "taken"):
            with contextlib.redirect_stdout(io.StringIO()) as log:
                view_seat_map.handler(sample(name), LocalContext())
            self.assertEqual(json.loads(log.getvalue())["are"], want)


class ExpireHoldsTest(BoxOfficeTest):
    def test_only_what_is_over(self) -> None:
        over = holds.Hold("b-1", "s-1", ("F7",), NOW)
        over = replace(over, booking_id=sample("SeatsHeld")["detail"]["booking_id"])
        over = replace(over, showing_id=WISH["showing_id"])
        later = replace(over, expires_at=NOW + timedelta(seconds=1))
        with mock.patch.object(holds, "remembered", lambda: [later, over]):
            expire_holds.handler(TICK, LocalContext())
        [expired] = self.recorder.details
        self.assertEqual(expired["booking_id"], over.booking_id)

    def test_nothing_is_remembered_yet(self) -> None:
        with self.assertRaisesRegex(holds.NotRemembered, "no tables yet"):
            expire_holds.handler(TICK, LocalContext())


class PriceTest(unittest.TestCase):
    def test_prices(self) -> None:
        self.assertEqual(prices.price(["F7", "F8"]), 22)
        self.assertEqual(prices.price(["J1"]), 14.5)
        self.assertEqual(prices.price([]), 0)


class EventsTest(unittest.TestCase):
    def test_money_is_a_number(self) -> None:
        # The rule pay-on-held compares it: an amount in quotes would never match.
        self.assertEqual(events.Money(amount=1, currency="EUR").amount, 1)


if __name__ == "__main__":
    unittest.main()
