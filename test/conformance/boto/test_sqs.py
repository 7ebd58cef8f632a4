"""SQS: queues, messages, visibility and long polling, in botocore's eyes.

botocore checks the MD5 digests of every message that it sends and receives.
"""

from __future__ import annotations

import os
import threading
import time
import unittest

from support import ACCOUNT, REGION, SQS_PROTOCOL, Case, client, unique


class Sqs(Case):
    def setUp(self) -> None:
        self.sqs = client("sqs")
        self.name = unique("queue")
        self.url = self.sqs.create_queue(QueueName=self.name, Attributes={"VisibilityTimeout": "20"})["QueueUrl"]

    def test_the_protocol_is_the_wanted_one(self) -> None:
        self.assertEqual(SQS_PROTOCOL, os.environ.get("STORMBUS_TEST_SQS_PROTOCOL", "json"))

    def test_a_queue_is_found_by_its_name(self) -> None:
        self.assertTrue(self.url.endswith(f"/{ACCOUNT}/{self.name}"), self.url)
        self.assertEqual(self.sqs.get_queue_url(QueueName=self.name)["QueueUrl"], self.url)
        self.assertIn(self.url, self.sqs.list_queues(QueueNamePrefix=self.name)["QueueUrls"])
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(attributes["QueueArn"], f"arn:aws:sqs:{REGION}:{ACCOUNT}:{self.name}")
        self.assertEqual(attributes["VisibilityTimeout"], "20")
        self.assertEqual(attributes["MessageRetentionPeriod"], "345600")
        self.assertEqual(attributes["MaximumMessageSize"], "1048576")

    def test_a_message_travels_with_its_attributes(self) -> None:
        self.sqs.send_message(
            QueueUrl=self.url,
            MessageBody="Grüße",
            MessageAttributes={
                "text": {"DataType": "String", "StringValue": "x"},
                "number": {"DataType": "Number", "StringValue": "7"},
                "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
            },
        )
        system_names = "AttributeNames" if SQS_PROTOCOL == "query" else "MessageSystemAttributeNames"
        answer = self.sqs.receive_message(
            QueueUrl=self.url, MessageAttributeNames=["All"], **{system_names: ["All"]}
        )
        (message,) = answer["Messages"]
        self.assertEqual(message["Body"], "Grüße")
        self.assertEqual(message["MessageAttributes"]["bytes"]["BinaryValue"], b"\x00\xff")
        self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], "1")
        self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        counts = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(counts["ApproximateNumberOfMessages"], "0")
        self.assertEqual(counts["ApproximateNumberOfMessagesNotVisible"], "0")

    def test_a_received_message_is_hidden_until_its_time_is_over(self) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody="once")
        (message,) = self.sqs.receive_message(QueueUrl=self.url)["Messages"]
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=self.url))
        self.sqs.change_message_visibility(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        (again,) = self.sqs.receive_message(QueueUrl=self.url, AttributeNames=["All"])["Messages"]
        self.assertEqual(again["MessageId"], message["MessageId"])
        self.assertNotEqual(again["ReceiptHandle"], message["ReceiptHandle"])
        self.assertEqual(again["Attributes"]["ApproximateReceiveCount"], "2")

    def test_a_long_poll_answers_when_a_message_comes(self) -> None:
        waiting = threading.Event()
        answers: list[dict] = []

        def poll() -> None:
            waiting.set()
            answers.append(client("sqs").receive_message(QueueUrl=self.url, WaitTimeSeconds=20))

        thread = threading.Thread(target=poll)
        begin = time.monotonic()
        thread.start()
        waiting.wait()
        self.sqs.send_message(QueueUrl=self.url, MessageBody="now")
        thread.join()
        self.assertEqual(answers[0]["Messages"][0]["Body"], "now")
        self.assertLess(time.monotonic() - begin, 19)

    def test_batches_fail_entry_by_entry(self) -> None:
        answer = self.sqs.send_message_batch(
            QueueUrl=self.url,
            Entries=[{"Id": "good", "MessageBody": "x"}, {"Id": "bad", "MessageBody": "a\x01b"}],
        )
        self.assertEqual([entry["Id"] for entry in answer["Successful"]], ["good"])
        self.assertEqual(answer["Failed"][0]["Code"], "InvalidMessageContents")
        self.assert_refused(
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
            self.sqs.send_message_batch,
            QueueUrl=self.url,
            Entries=[{"Id": str(n), "MessageBody": "x"} for n in range(11)],
        )

    def test_a_purged_queue_is_empty(self) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody="x")
        self.sqs.purge_queue(QueueUrl=self.url)
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=self.url))
        message = self.assert_refused(
            "AWS.SimpleQueueService.PurgeQueueInProgress", self.sqs.purge_queue, status=403, QueueUrl=self.url
        )
        self.assertEqual(message, f"Only one PurgeQueue operation on {self.name} is allowed every 60 seconds.")

    def test_errors_carry_awss_codes(self) -> None:
        missing = self.url.replace(self.name, unique("missing"))
        message = self.assert_refused(
            "AWS.SimpleQueueService.NonExistentQueue", self.sqs.send_message, QueueUrl=missing, MessageBody="x"
        )
        wsdl = " for this wsdl version" if SQS_PROTOCOL == "query" else ""
        self.assertEqual(message, f"The specified queue does not exist{wsdl}.")
        with self.assertRaises(self.sqs.exceptions.QueueDoesNotExist):
            self.sqs.get_queue_url(QueueName=unique("missing"))
        self.assert_refused("InvalidParameterValue", self.sqs.receive_message, QueueUrl=self.url, MaxNumberOfMessages=11)
        self.assert_refused("QueueAlreadyExists", self.sqs.create_queue, QueueName=self.name, Attributes={"DelaySeconds": "5"})
        self.sqs.delete_queue(QueueUrl=self.url)
        self.assert_refused(
            "AWS.SimpleQueueService.NonExistentQueue", self.sqs.receive_message, QueueUrl=self.url
        )


if __name__ == "__main__":
    unittest.main()
