"""boto3 over TLS, with the certificate authority that the server has made.

AWS_ENDPOINT_URL is an https address and AWS_CA_BUNDLE the authority.
"""

from __future__ import annotations

import os
import unittest
from unittest import mock

import boto3
from botocore.config import Config
from botocore.exceptions import SSLError

ONCE = Config(retries={"total_max_attempts": 1})


class Tls(unittest.TestCase):
    def test_services_answer(self) -> None:
        sqs = boto3.client("sqs", config=ONCE)
        url = sqs.create_queue(QueueName="tls")["QueueUrl"]
        self.assertTrue(url.startswith(os.environ["AWS_ENDPOINT_URL"] + "/"), url)
        sqs.send_message(QueueUrl=url, MessageBody="sealed")
        self.assertEqual(sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"], "sealed")
        self.assertTrue(boto3.client("sts", config=ONCE).get_caller_identity()["Account"])

    def test_an_address_has_a_certificate_as_well(self) -> None:
        address = os.environ["AWS_ENDPOINT_URL"].replace("localhost", "127.0.0.1")
        boto3.client("events", endpoint_url=address, config=ONCE).list_event_buses()

    def test_who_does_not_trust_the_authority_does_not_connect(self) -> None:
        with mock.patch.dict(os.environ):
            del os.environ["AWS_CA_BUNDLE"]
            with self.assertRaises(SSLError):
                boto3.session.Session().client("sts", config=ONCE).get_caller_identity()


if __name__ == "__main__":
    unittest.main()
