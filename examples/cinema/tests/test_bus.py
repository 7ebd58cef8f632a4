"""The cinema's bus module against a local HTTP server, both of its ways."""

from __future__ import annotations

import json
import os
import unittest
from unittest import mock

from support import ENVIRONMENT, Server

import bus

ACCEPTED = b'{"FailedEntryCount":0,"Entries":[{"EventId":"11111111-2222-4333-8444-555555555555"}]}'
REFUSED = (
    b'{"FailedEntryCount":1,"Entries":'
    b'[{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."}]}'
)


class PublishTest(unittest.TestCase):
    """publish through the small client, as where there is no boto3."""

    boto3 = None

    def publish(self, answer: bytes) -> tuple:
        with Server(200, answer) as server:
            environment = {**ENVIRONMENT, "AWS_ENDPOINT_URL": server.url}
            with (
                mock.patch.dict(os.environ, environment),
                mock.patch.object(bus, "boto3", self.boto3),
            ):
                bus._client.cache_clear()
                event_id = bus.publish(
                    "cinema.tickets", "TicketIssued", {"seats": ["F7"], "show": "Noël"}
                )
        [request] = server.requests
        return event_id, request

    def test_sends_the_event(self) -> None:
        event_id, request = self.publish(ACCEPTED)
        self.assertEqual(event_id, "11111111-2222-4333-8444-555555555555")
        self.assertEqual(request.headers["X-Amz-Target"], "AWSEvents.PutEvents")
        [entry] = json.loads(request.body)["Entries"]
        self.assertEqual(json.loads(entry.pop("Detail")), {"seats": ["F7"], "show": "Noël"})
        want = {"EventBusName": "cinema", "Source": "cinema.tickets", "DetailType": "TicketIssued"}
        self.assertEqual(entry, want)

    def test_sends_the_trace_of_the_invocation(self) -> None:
        _, request = self.publish(ACCEPTED)
        self.assertEqual(request.headers["X-Amzn-Trace-Id"], ENVIRONMENT["_X_AMZN_TRACE_ID"])

    def test_raises_when_the_bus_refuses_the_event(self) -> None:
        with self.assertRaisesRegex(
            bus.NotPublished, "TicketIssued: MalformedDetail: Detail is malformed."
        ):
            self.publish(REFUSED)


@unittest.skipUnless(bus.boto3, "boto3 is not installed")
class PublishWithBoto3Test(PublishTest):
    """The same through boto3."""

    boto3 = bus.boto3


if __name__ == "__main__":
    unittest.main()
