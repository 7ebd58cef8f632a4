"""The programme: showings and when they start."""

from __future__ import annotations

import unittest

from gen import InvalidData, Recorder, Refused, use_client
from gen._contract import LocalContext
from handlers import schedule_showing

SHOWING = {
    "showing_id": "0b6d9a52-7a3f-4c1e-8c62-2f0f7b1d4e90",
    "film": "Metropolis",
    "starts_at": "2026-11-24T20:15:00+00:00",
}


class ScheduleShowingTest(unittest.TestCase):
    def setUp(self) -> None:
        self.recorder = Recorder()
        use = use_client(self.recorder)
        use.__enter__()
        self.addCleanup(use.__exit__, None, None, None)

    def test_scheduled(self) -> None:
        answer = schedule_showing.handler(SHOWING, LocalContext())
        self.assertEqual(answer["showing_id"], SHOWING["showing_id"])
        [published] = self.recorder.details
        self.assertLessEqual(SHOWING.items(), published.items())

    def test_no_showing(self) -> None:
        with self.assertRaises(Refused):
            schedule_showing.handler({"film": "Metropolis"}, LocalContext())

    def test_what_the_schema_does_not_allow_is_not_sent(self) -> None:
        with self.assertRaisesRegex(InvalidData, "starts_at"):
            schedule_showing.handler({**SHOWING, "starts_at": "soon"}, LocalContext())
        self.assertEqual(self.recorder.entries, [])


if __name__ == "__main__":
    unittest.main()
