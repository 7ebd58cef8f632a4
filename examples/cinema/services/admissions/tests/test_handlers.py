"""The door: tickets, and who is let in with them."""

from __future__ import annotations

import unittest

import tickets
from gen import Recorder, Refused, use_client
from gen._contract import LocalContext, sample
from handlers import issue_ticket, scan_ticket

BOOKING = sample("BookingConfirmed")["detail"]["booking_id"]


class DoorTest(unittest.TestCase):
    def setUp(self) -> None:
        self.recorder = Recorder()
        use = use_client(self.recorder)
        use.__enter__()
        self.addCleanup(use.__exit__, None, None, None)

    def test_one_booking_one_ticket(self) -> None:
        for _ in range(2):
            issue_ticket.handler(sample("BookingConfirmed"), LocalContext())
        first, second = self.recorder.details
        self.assertEqual(first["ticket_id"], second["ticket_id"])
        self.assertTrue(first["url"].endswith(first["ticket_id"]))

    def test_a_guest_comes_in(self) -> None:
        ticket = tickets.ticket_id(BOOKING)
        shown = {"ticket_id": ticket, "booking_id": BOOKING, "seats": ["F7"]}
        answer = scan_ticket.handler(shown, LocalContext())
        self.assertEqual(answer, {"welcome": ["F7"], "event_id": "1"})
        self.assertEqual(self.recorder.detail_types, ["GuestAdmitted"])

    def test_somebody_else_s_ticket(self) -> None:
        shown = {"ticket_id": tickets.ticket_id("other"), "booking_id": BOOKING}
        with self.assertRaises(Refused):
            scan_ticket.handler(shown, LocalContext())
        self.assertEqual(self.recorder.entries, [])

    def test_over_http(self) -> None:
        event = {
            "requestContext": {},
            "pathParameters": {"id": tickets.ticket_id(BOOKING)},
            "body": "{}",
        }
        answer = scan_ticket.handler(event, LocalContext())
        self.assertEqual(answer["statusCode"], 403)


if __name__ == "__main__":
    unittest.main()
