"""A project that stormbus runs, seen by an unmodified boto3.

The folder of the project, which was made by `stormbus new shop`, is in PROJECT.
"""

from __future__ import annotations

import json
import os
import pathlib
import time
import unittest
from typing import Any

import boto3
from botocore.config import Config

PROJECT = pathlib.Path(os.environ["PROJECT"])
PATIENCE = 20  # seconds; it only bounds tests that would hang


def client(service: str) -> Any:
    """Return a client that does not retry."""
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}))


class ProjectTest(unittest.TestCase):
    """What the board of the project says is on the server."""

    def setUp(self) -> None:
        self.awslambda, self.events, self.sqs = client("lambda"), client("events"), client("sqs")

    def order(self, **body: Any) -> dict[str, Any]:
        answer = self.awslambda.invoke(FunctionName="shop-orders-place-order", Payload=json.dumps(body))
        self.assertNotIn("FunctionError", answer, answer)
        result: dict[str, Any] = json.load(answer["Payload"])
        return result

    def eventually(self, what: str, look: Any) -> Any:
        """Return what ``look`` finds, once it finds something."""
        give_up = time.monotonic() + PATIENCE
        while not (found := look()):
            self.assertLess(time.monotonic(), give_up, f"{what} did not happen")
            time.sleep(0.02)
        return found

    def test_resources(self) -> None:
        rules = self.events.list_rules(EventBusName="shop")["Rules"]
        self.assertEqual([rule["Name"] for rule in rules], ["send-on-placed"])
        pattern = json.loads(rules[0]["EventPattern"])
        self.assertEqual(pattern, {"source": ["shop.orders"], "detail-type": ["OrderPlaced"]})
        names = [f["FunctionName"] for f in self.awslambda.list_functions()["Functions"]]
        self.assertEqual(names, ["shop-orders-place-order", "shop-parcels-send-parcel"])
        for name in names:
            function = self.awslambda.get_function(FunctionName=name)
            self.assertEqual(function["Tags"], {"stormbus:board": "shop"})
            self.assertEqual(function["Configuration"]["Environment"]["Variables"]["EVENT_BUS_NAME"], "shop")
        queues = self.sqs.list_queues(QueueNamePrefix="shop-")["QueueUrls"]
        self.assertEqual([url.rpartition("/")[2] for url in queues], ["shop-parcels-send-parcel-dlq"])

    def test_events_flow(self) -> None:
        """An order is placed; what the parcel's service publishes comes out."""
        url = self.sqs.create_queue(QueueName="sent")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.events.put_rule(Name="watch", EventBusName="shop", EventPattern=json.dumps({"detail-type": ["ParcelSent"]}))
        self.addCleanup(self.events.delete_rule, Name="watch", EventBusName="shop")
        self.events.put_targets(Rule="watch", EventBusName="shop", Targets=[{"Id": "queue", "Arn": arn}])
        self.addCleanup(self.events.remove_targets, Rule="watch", EventBusName="shop", Ids=["queue"])
        placed = self.order(item="umbrella", quantity=2)
        message = self.eventually(
            "ParcelSent",
            lambda: self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"),
        )[0]
        event = json.loads(message["Body"])
        self.assertEqual((event["source"], event["detail-type"]), ("shop.parcels", "ParcelSent"))
        self.assertEqual(event["detail"]["order_id"], placed["order_id"])
        self.assertEqual(event["detail"]["weight"], 0.8)
        self.assertEqual(event["detail"]["causation_id"], placed["event_id"])

    def test_saved_handler_is_live(self) -> None:
        handler = PROJECT / "services/orders/handlers/place_order.py"
        before = handler.read_text(encoding="utf-8")
        self.addCleanup(handler.write_text, before, encoding="utf-8")
        handler.write_text(before.replace('"event_id": event_id', '"event_id": event_id, "saved": "yes"'), encoding="utf-8")
        self.eventually("the new code", lambda: self.order(item="umbrella").get("saved") == "yes")

    def test_saved_board_is_live(self) -> None:
        board = PROJECT / "storm.yaml"
        before = board.read_text(encoding="utf-8")
        changed = before.replace("send-on-placed", "send-at-once")
        self.addCleanup(self.save_and_wait, board, before, "send-on-placed")
        self.save_and_wait(board, changed, "send-at-once")

    def save_and_wait(self, board: pathlib.Path, text: str, rule: str) -> None:
        board.write_text(text, encoding="utf-8")
        self.eventually(
            rule,
            lambda: [r["Name"] for r in self.events.list_rules(EventBusName="shop")["Rules"]] == [rule],
        )


if __name__ == "__main__":
    unittest.main()
