"""SQS in full: FIFO queues, dead letters, move tasks, permissions.

Clients of before November 2023 run these tests as well, and speak the query
protocol. Forms that no client would send are written by hand.
"""

from __future__ import annotations

import json
import os
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

from support import ACCOUNT, REGION, Case, client, unique


def arn(url: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rsplit('/', 1)[1]}"


class Fifo(Case):
    def setUp(self) -> None:
        self.sqs = client("sqs")
        self.name = unique("queue") + ".fifo"
        self.url = self.sqs.create_queue(QueueName=self.name, Attributes={"FifoQueue": "true"})["QueueUrl"]

    def send(self, group: str, body: str) -> dict:
        return self.sqs.send_message(
            QueueUrl=self.url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=body
        )

    def receive_all(self, **arguments: object) -> list[dict]:
        return self.sqs.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"], **arguments
        ).get("Messages", [])

    def test_the_attributes_of_a_fifo_queue(self) -> None:
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(attributes["FifoQueue"], "true")
        self.assertEqual(attributes["ContentBasedDeduplication"], "false")
        self.assertEqual(attributes["DeduplicationScope"], "queue")
        self.assertEqual(attributes["FifoThroughputLimit"], "perQueue")
        self.sqs.set_queue_attributes(
            QueueUrl=self.url,
            Attributes={"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"},
        )

    def test_a_group_keeps_its_order_and_is_locked(self) -> None:
        numbers = [self.send(body[0], body)["SequenceNumber"] for body in ("a1", "a2", "b1")]
        self.assertEqual(numbers, sorted(numbers))
        self.assertEqual({len(number) for number in numbers}, {20})
        (first,) = self.sqs.receive_message(QueueUrl=self.url)["Messages"]
        self.assertEqual(first["Body"], "a1")
        self.assertEqual([m["Body"] for m in self.receive_all()], ["b1"])
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=first["ReceiptHandle"])
        (second,) = self.receive_all()
        self.assertEqual(second["Body"], "a2")
        self.assertEqual(second["Attributes"]["MessageGroupId"], "a")
        self.assertEqual(second["Attributes"]["MessageDeduplicationId"], "a2")
        self.assertEqual(second["Attributes"]["SequenceNumber"], numbers[1])

    def test_a_copy_is_dropped(self) -> None:
        first = self.send("a", "same")
        (message,) = self.receive_all()
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        again = self.send("a", "same")
        self.assertEqual(again["MessageId"], first["MessageId"])
        self.assertEqual(again["SequenceNumber"], first["SequenceNumber"])
        self.assertEqual(self.receive_all(), [])

    def test_an_attempt_is_repeated(self) -> None:
        self.send("a", "a1")
        first = self.receive_all(ReceiveRequestAttemptId="try")
        self.assertEqual(self.receive_all(ReceiveRequestAttemptId="try"), first)
        self.assertEqual(self.receive_all(), [])

    def test_what_a_fifo_queue_refuses(self) -> None:
        send = self.sqs.send_message
        self.assert_refused("MissingParameter", send, QueueUrl=self.url, MessageBody="x", MessageDeduplicationId="d")
        self.assert_refused("InvalidParameterValue", send, QueueUrl=self.url, MessageBody="x", MessageGroupId="a")
        self.assert_refused(
            "InvalidParameterValue", send,
            QueueUrl=self.url, MessageBody="x", MessageGroupId="a", MessageDeduplicationId="d", DelaySeconds=1,
        )
        self.send("a", "a1")
        (message,) = self.receive_all(VisibilityTimeout=0)
        said = self.assert_refused(
            "InvalidParameterValue", self.sqs.delete_message, QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"]
        )
        self.assertTrue(said.endswith("Reason: The receipt handle has expired."), said)


class DeadLetters(Case):
    def setUp(self) -> None:
        self.sqs = client("sqs")
        self.dead = self.sqs.create_queue(QueueName=unique("dead"))["QueueUrl"]
        policy = json.dumps({"deadLetterTargetArn": arn(self.dead), "maxReceiveCount": 1})
        self.url = self.sqs.create_queue(
            QueueName=unique("queue"), Attributes={"VisibilityTimeout": "0", "RedrivePolicy": policy}
        )["QueueUrl"]

    def test_a_move_task_brings_dead_letters_back(self) -> None:
        self.assertEqual(
            self.sqs.list_dead_letter_source_queues(QueueUrl=self.dead)["queueUrls"], [self.url]
        )
        self.sqs.send_message_batch(
            QueueUrl=self.url, Entries=[{"Id": str(n), "MessageBody": str(n)} for n in range(10)]
        )
        self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10))
        self.assertEqual(self.count(self.dead), "10")
        self.sqs.start_message_move_task(SourceArn=arn(self.dead))
        end = time.monotonic() + 10
        while (task := self.task())["Status"] == "RUNNING" and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual(task["Status"], "COMPLETED", task)
        self.assertEqual(task["ApproximateNumberOfMessagesMoved"], 10)
        self.assertEqual(self.count(self.url), "10")

    def test_a_move_task_is_cancelled(self) -> None:
        self.sqs.send_message(QueueUrl=self.dead, MessageBody="x")
        handle = self.sqs.start_message_move_task(
            SourceArn=arn(self.dead), DestinationArn=arn(self.url), MaxNumberOfMessagesPerSecond=1
        )["TaskHandle"]
        self.assertEqual(self.task()["TaskHandle"], handle)
        self.assert_refused(
            "InvalidParameterValue", self.sqs.start_message_move_task, SourceArn=arn(self.dead)
        )
        self.sqs.cancel_message_move_task(TaskHandle=handle)
        self.assert_refused(
            "ResourceNotFoundException", self.sqs.start_message_move_task, status=404, SourceArn=arn(self.dead) + "x"
        )

    def task(self) -> dict:
        (task,) = self.sqs.list_message_move_tasks(SourceArn=arn(self.dead))["Results"]
        return task

    def count(self, url: str) -> str:
        name = "ApproximateNumberOfMessages"
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]

    def test_permissions_are_a_policy(self) -> None:
        self.sqs.add_permission(
            QueueUrl=self.url, Label="one", AWSAccountIds=["111122223333"], Actions=["SendMessage"]
        )
        policy = json.loads(
            self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        )
        self.assertEqual(policy["Statement"][0]["Sid"], "one")
        self.sqs.remove_permission(QueueUrl=self.url, Label="one")
        self.assert_refused("InvalidParameterValue", self.sqs.remove_permission, QueueUrl=self.url, Label="one")


class Query(Case):
    """The query protocol: forms in, XML out."""

    def call(self, action: str, **parameters: str) -> ElementTree.Element:
        form = {"Action": action, "Version": "2012-11-05", **{k.replace("_", "."): v for k, v in parameters.items()}}
        request = urllib.request.Request(
            os.environ["AWS_ENDPOINT_URL"],
            data=urllib.parse.urlencode(form).encode(),
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/sqs/aws4_request,"
                " SignedHeaders=host, Signature=none",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            text = error.read()
        root = ElementTree.fromstring(text)
        for element in root.iter():
            element.tag = element.tag.rsplit("}", 1)[-1]
        return root

    def text(self, root: ElementTree.Element, path: str) -> str:
        found = root.find(path)
        self.assertIsNotNone(found, ElementTree.tostring(root))
        return found.text or ""

    def test_fifo(self) -> None:
        name = unique("queue") + ".fifo"
        url = self.text(
            self.call("CreateQueue", QueueName=name, Attribute_1_Name="FifoQueue", Attribute_1_Value="true"), ".//QueueUrl"
        )
        sent = self.call("SendMessage", QueueUrl=url, MessageBody="x", MessageGroupId="a", MessageDeduplicationId="1")
        self.assertEqual(len(self.text(sent, ".//SequenceNumber")), 20)
        got = self.call("ReceiveMessage", QueueUrl=url, AttributeName_1="MessageGroupId", VisibilityTimeout="0")
        self.assertEqual(self.text(got, ".//Message/Attribute/Value"), "a")
        refused = self.call("DeleteMessage", QueueUrl=url, ReceiptHandle=self.text(got, ".//ReceiptHandle"))
        self.assertEqual(self.text(refused, ".//Error/Code"), "InvalidParameterValue")
        refused = self.call("SendMessage", QueueUrl=url, MessageBody="x")
        self.assertEqual(self.text(refused, ".//Error/Code"), "MissingParameter")

    def test_move_tasks_and_permissions(self) -> None:
        url = self.text(self.call("CreateQueue", QueueName=unique("queue")), ".//QueueUrl")
        refused = self.call("StartMessageMoveTask", SourceArn=arn(url))
        self.assertEqual(self.text(refused, ".//Error/Message"), "Source queue must be configured as a Dead Letter Queue.")
        self.call("AddPermission", QueueUrl=url, Label="one", AWSAccountId_1="111122223333", ActionName_1="SendMessage")
        refused = self.call("AddPermission", QueueUrl=url, Label="one", AWSAccountId_1="111122223333", ActionName_1="SendMessage")
        self.assertEqual(
            self.text(refused, ".//Error/Message"), "Value one for parameter Label is invalid. Reason: Already exists."
        )


if __name__ == "__main__":
    unittest.main()
