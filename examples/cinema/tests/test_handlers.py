"""Each handler with a fake bus, then whole chains as the rules connect them."""

from __future__ import annotations

import json
import unittest
from typing import Any

from support import APP, run

CUSTOMER = {"name": "Ada", "email": "ada@example.com"}
REQUEST = {
    "show": "Metropolis, 20:15",
    "seats": ["F7", "K1"],
    "customer": CUSTOMER,
    "card": "tok_4242",
}
BOOKING = {
    "bookingId": "b-1",
    "show": "Metropolis, 20:15",
    "seats": ["F7", "K1"],
    "customer": CUSTOMER,
}


class HoldSeatsTest(unittest.TestCase):
    def test_publishes_seats_held(self) -> None:
        result, published = run("bookings", "hold_seats", REQUEST, request_id="b-1")
        held = {**BOOKING, "amount": 2550, "card": "tok_4242"}
        self.assertEqual(published, [("cinema.bookings", "SeatsHeld", held)])
        self.assertEqual(result, {"bookingId": "b-1", "eventId": "event-1"})

    def test_refuses_a_request_without_seats(self) -> None:
        with self.assertRaisesRegex(ValueError, "no seats"):
            run("bookings", "hold_seats", {**REQUEST, "seats": []})


class CapturePaymentTest(unittest.TestCase):
    def capture(self, card: str) -> list:
        event = {"detail": {**BOOKING, "amount": 2550, "card": card}}
        return run("payments", "capture_payment", event)[1]

    def test_publishes_payment_captured(self) -> None:
        [(source, detail_type, detail)] = self.capture("tok_4242")
        self.assertEqual((source, detail_type), ("cinema.payments", "PaymentCaptured"))
        self.assertEqual(detail, {**BOOKING, "amount": 2550, "paymentId": detail["paymentId"]})

    def test_charges_once_when_delivered_twice(self) -> None:
        self.assertEqual(self.capture("tok_4242"), self.capture("tok_4242"))

    def test_publishes_payment_declined(self) -> None:
        for card, reason in (("tok_0002", "card_declined"), ("tok_9995", "insufficient_funds")):
            with self.subTest(card):
                declined = {**BOOKING, "amount": 2550, "reason": reason}
                self.assertEqual(
                    self.capture(card), [("cinema.payments", "PaymentDeclined", declined)]
                )

    def test_refuses_an_amount_that_cannot_be(self) -> None:
        event = {"detail": {**BOOKING, "amount": 0, "card": "tok_4242"}}
        with self.assertRaisesRegex(ValueError, "cannot charge 0 cents"):
            run("payments", "capture_payment", event)


class FollowingHandlersTest(unittest.TestCase):
    def test_confirm_booking(self) -> None:
        event = {"detail": {**BOOKING, "amount": 2550, "paymentId": "p-1"}}
        _, published = run("bookings", "confirm_booking", event)
        self.assertEqual(
            published, [("cinema.bookings", "BookingConfirmed", {**BOOKING, "amount": 2550})]
        )

    def test_release_seats(self) -> None:
        event = {"detail": {**BOOKING, "amount": 2550, "reason": "card_declined"}}
        _, published = run("bookings", "release_seats", event)
        released = {**BOOKING, "reason": "card_declined"}
        self.assertEqual(published, [("cinema.bookings", "SeatsReleased", released)])

    def test_issue_ticket(self) -> None:
        event = {"detail": {**BOOKING, "amount": 2550}}
        _, [(source, detail_type, detail)] = run("tickets", "issue_ticket", event)
        self.assertEqual((source, detail_type), ("cinema.tickets", "TicketIssued"))
        self.assertEqual(detail, {**BOOKING, "ticketId": detail["ticketId"]})
        self.assertEqual(run("tickets", "issue_ticket", event)[1][0][2], detail, "delivered twice")


class ChainTest(unittest.TestCase):
    """The customers of the demo, along the rules of app.json."""

    def test_customers(self) -> None:
        app = json.loads((APP / "app.json").read_text())
        for customer in json.loads((APP / "customers.json").read_text()):
            with self.subTest(customer["name"]):
                self.assertEqual(list(follow(app, customer["request"])), customer["events"])


def follow(app: dict[str, Any], request: dict[str, Any]) -> Any:
    """Yield the types of the events that a request causes, as the rules say."""
    functions = {f["name"]: f for f in app["functions"]}
    todo = run_function(functions["bookings-hold-seats"], request)
    while todo:
        source, detail_type, detail = todo.pop(0)
        yield detail_type
        for rule in app["rules"]:
            pattern = rule["pattern"]
            if source in pattern["source"] and detail_type in pattern["detail-type"]:
                for target in rule["targets"]:
                    if "function" in target:
                        todo += run_function(functions[target["function"]], {"detail": detail})


def run_function(function: dict[str, Any], event: dict[str, Any]) -> list:
    """Run the handler that a function of app.json names."""
    service = function["code"][0].rpartition("/")[2]
    _, handler, _ = function["handler"].split(".")
    return run(service, handler, event)[1]


if __name__ == "__main__":
    unittest.main()
