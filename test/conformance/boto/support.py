"""What the conformance tests share: clients of the server under test.

The server's address, region and account come from the environment variables
that AWS SDKs read; nothing here is particular to stormbus.
"""

from __future__ import annotations

import io
import json
import os
import textwrap
import unittest
import uuid
import zipfile
from typing import Any, Callable

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = os.environ["AWS_ACCESS_KEY_ID"]
REGION = os.environ["AWS_DEFAULT_REGION"]


def client(service: str, **settings: Any) -> Any:
    """Return a boto3 client of ``service`` that does not retry."""
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}, **settings))


# What SQS is spoken in: "json" by clients of today, "query" by older ones.
SQS_PROTOCOL = client("sqs").meta.service_model.protocol


def unique(prefix: str) -> str:
    """Return a resource name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def zipped(source: str, name: str = "app.py") -> bytes:
    """Return a zip archive with one file that holds the dedented ``source``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, textwrap.dedent(source))
    return buffer.getvalue()


class Case(unittest.TestCase):
    """A test case with the helpers that most tests need."""

    def assert_refused(self, code: str, call: Callable[..., Any], *, status: int = 400, **arguments: Any) -> str:
        """Check that ``call`` raises a ClientError of ``code`` and return its message."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        answer = caught.exception.response
        self.assertEqual(answer["Error"]["Code"], code, answer)
        self.assertEqual(answer["ResponseMetadata"]["HTTPStatusCode"], status, answer)
        self.assertTrue(answer["ResponseMetadata"].get("RequestId"), answer)
        return answer["Error"]["Message"]

    def receive(self, sqs: Any, queue_url: str, wanted: int = 1) -> list[Any]:
        """Receive and delete ``wanted`` messages; return their decoded JSON bodies."""
        bodies: list[Any] = []
        while len(bodies) < wanted:
            answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=10)
            messages = answer.get("Messages", [])
            self.assertTrue(messages, f"{len(bodies)} of {wanted} messages arrived within ten seconds")
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        self.assertEqual(len(bodies), wanted)
        return bodies
