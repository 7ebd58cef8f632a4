"""What caused what, seen from stormbus's own API; the calls are boto3's alone.

A function receives a batch of messages with an unmodified boto3, which repeats
the trace of the run in every call, and publishes and sends after that.
"""

from __future__ import annotations

import json
import os
import pathlib
import time
import unittest
import urllib.request
from typing import Any, Iterator

import boto3

from support import ACCOUNT, REGION, Case, client, unique, zipped

ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"
PACKAGES = str(pathlib.Path(boto3.__file__).parent.parent)

WORKER = """
import json, os, sys

sys.path.append(os.environ["PACKAGES"])
import boto3

sqs, events = boto3.client("sqs"), boto3.client("events")

def handler(event, context):
    messages = []
    while len(messages) < 3:
        answer = sqs.receive_message(
            QueueUrl=os.environ["ORDERS"], MaxNumberOfMessages=10, WaitTimeSeconds=5, AttributeNames=["AWSTraceHeader"])
        messages += answer.get("Messages", [])
    events.put_events(Entries=[{
        "EventBusName": os.environ["BUS"], "Source": "shop", "DetailType": "OrdersShipped", "Detail": "{}"}])
    sqs.send_message_batch(QueueUrl=os.environ["INVOICES"], Entries=[
        {"Id": "plain", "MessageBody": "plain"},
        {"Id": "named", "MessageBody": "named", "MessageSystemAttributes": {
            "AWSTraceHeader": {"DataType": "String", "StringValue": os.environ["NAMED"]}}}])
"""

NAMED = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def tree(event_or_message: str) -> dict[str, Any]:
    """Return the causation tree below an event or a message."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_stormbus/api/trace/{event_or_message}"
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every event and message of a tree."""
    if isinstance(value, dict):
        if ("event_id" in value or "message_id" in value) and "done" in value:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from nodes(child)


def find(value: Any, **wanted: str) -> list[dict[str, Any]]:
    """Return the nodes of a tree that have the wanted fields."""
    return [n for n in nodes(value) if wanted.items() <= n.items() and not n.get("repeated")]


class Lineage(Case):
    def setUp(self) -> None:
        self.events, self.sqs = client("events"), client("sqs")
        self.bus, self.orders, self.invoices = unique("bus"), unique("orders"), unique("invoices")
        self.events.create_event_bus(Name=self.bus)
        self.orders_url = self.sqs.create_queue(QueueName=self.orders)["QueueUrl"]
        self.invoices_url = self.sqs.create_queue(QueueName=self.invoices)["QueueUrl"]
        self.rule("orders", "OrderPlaced", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.orders}")

    def rule(self, name: str, detail_type: str, target: str) -> None:
        self.events.put_rule(Name=name, EventBusName=self.bus, EventPattern=json.dumps({"detail-type": [detail_type]}))
        self.events.put_targets(Rule=name, EventBusName=self.bus, Targets=[{"Id": "t", "Arn": target}])

    def publish(self, detail_type: str, **entry: str) -> str:
        answer = self.events.put_events(Entries=[
            {"EventBusName": self.bus, "Source": "shop", "DetailType": detail_type, "Detail": "{}", **entry}])
        return answer["Entries"][0]["EventId"]

    def finished(self, event_id: str) -> dict[str, Any]:
        """Return the tree of an event when nothing below it is pending."""
        for _ in range(600):
            told = tree(event_id)
            if told["done"]:
                return told
            time.sleep(0.05)
        self.fail(f"the tree of {event_id} is not done: {told}")

    def test_a_batch_of_messages_has_several_causes(self) -> None:
        lambdas = client("lambda", read_timeout=60)
        name = unique("worker")
        variables = {
            "PACKAGES": PACKAGES, "ORDERS": self.orders_url, "INVOICES": self.invoices_url, "BUS": self.bus, "NAMED": NAMED,
        }
        function = lambdas.create_function(
            FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="app.handler", Timeout=40,
            Code={"ZipFile": zipped(WORKER)}, Environment={"Variables": variables},
        )["FunctionArn"]
        lambdas.get_waiter("function_active_v2").wait(FunctionName=name)
        self.rule("work", "Tick", function)

        placed = [self.publish("OrderPlaced") for _ in range(2)]
        sent = self.sqs.send_message(QueueUrl=self.orders_url, MessageBody="by hand")["MessageId"]
        tick = self.publish("Tick")
        for attempt in range(600):  # until the run has ended and its record is there
            told = self.finished(tick)
            if find(told, detail_type="OrdersShipped"):
                break
            time.sleep(0.05)
        (shipped,) = find(told, detail_type="OrdersShipped")
        (plain, named) = sorted(find(told, queue=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.invoices}"), key=lambda n: n["message_id"])
        links = shipped["also_caused_by"]
        self.assertEqual({link.get("event_id") for link in links}, {*placed, None}, links)
        self.assertIn(sent, {link["message_id"] for link in links})
        self.assertEqual({link["function"] for link in links}, {function}, links)
        for message in (plain, named):
            self.assertEqual({link["message_id"] for link in message["also_caused_by"]}, {link["message_id"] for link in links})

        # From each cause one finds the effects.
        for cause in (*placed, sent):
            told = tree(cause)
            (again,) = find(told, event_id=shipped["event_id"])
            self.assertIn(tick, {link.get("event_id") for link in again["also_caused_by"]})
            self.assertEqual(len(again["also_caused_by"]), 3)
            self.assertEqual(len(find(told, queue=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.invoices}")), 2)

        # Each entry has its own trace: one names another caller.
        traces = {}
        for message in self.sqs.receive_message(
            QueueUrl=self.invoices_url, MaxNumberOfMessages=10, AttributeNames=["AWSTraceHeader"])["Messages"]:
            traces[message["Body"]] = message["Attributes"]["AWSTraceHeader"]
        self.assertEqual(traces["named"], NAMED)
        self.assertRegex(traces["plain"], r"^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1")

    def test_a_worker_that_passes_the_trace_on_is_found(self) -> None:
        placed = self.publish("OrderPlaced")
        (message,) = self.sqs.receive_message(
            QueueUrl=self.orders_url, WaitTimeSeconds=10, AttributeNames=["AWSTraceHeader"])["Messages"]
        counted = self.publish("OrderCounted", TraceHeader=message["Attributes"]["AWSTraceHeader"])
        told = self.finished(placed)
        (below,) = find(told, event_id=counted)
        self.assertNotIn("also_caused_by", below)
        (link,) = tree(counted)["also_caused_by"]
        self.assertEqual((link["event_id"], link["message_id"]), (placed, message["MessageId"]))

    def test_a_caller_with_a_trace_header_is_known_by_it(self) -> None:
        sent = self.sqs.send_message(QueueUrl=self.orders_url, MessageBody="x")["MessageId"]
        trace = f"Root=1-5759e988-bd862e3fe1be46a994272793;Parent={os.urandom(8).hex()}"
        for service in (self.sqs, self.events):
            service.meta.events.register("before-send", lambda request, **_: request.headers.__setitem__("X-Amzn-Trace-Id", trace))
        self.sqs.receive_message(QueueUrl=self.orders_url, WaitTimeSeconds=10)
        effect = self.publish("Counted")
        self.assertEqual([link["message_id"] for link in tree(effect)["also_caused_by"]], [sent])
        self.assertEqual(len(find(tree(sent), event_id=effect)), 1)


if __name__ == "__main__":
    unittest.main()
