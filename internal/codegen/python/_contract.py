"""What the contract tests of this service are made of."""

from __future__ import annotations

import importlib
import json
import unittest
from pathlib import Path
from typing import Any

from ._client import Recorder, use_client
from ._event_type import EventType

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Any:
    """Return a whole event as the bus delivers it."""
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


class LocalContext:
    """What Lambda would tell a function about the invocation."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"
    function_name = "contract-test"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""
        return 10_000


class ContractTest(unittest.TestCase):
    """Tests of what this service and the others expect of each other."""

    def check_arrow(self, module: str, event: str, *outcomes: str) -> None:
        """Give a handler the sample of an event and judge what it publishes.

        That is checked when it is published, so only its type is left to judge:
        it must be one of the outcomes that the board has.
        """
        handler = importlib.import_module(module).handler
        recorder = Recorder()
        with use_client(recorder):
            try:
                handler(sample(event), LocalContext())
            except NotImplementedError as missing:
                self.skipTest(f"{module} is not written yet: {missing}")
        for detail_type in recorder.detail_types:
            message = f"{module} published it; on the board it may not"
            self.assertIn(detail_type, outcomes, message)

    def check_sample(self, kind: EventType[Any]) -> None:
        """Read the sample of an event and write it again."""
        event = sample(kind.schema)
        self.assertTrue(kind.matches(event["source"], event["detail-type"]))
        data = kind.read(event["detail"])
        self.assertEqual(kind.read(kind.write(data, {})), data)
