"""Signatures, as boto3 makes them, against a server that verifies them.

The environment holds a key that the server knows; its account is ACCOUNT.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import sys
import unittest
import zipfile
from typing import Any, Callable
from unittest import mock

import boto3
import botocore.auth
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = os.environ["ACCOUNT"]
REGION = os.environ["AWS_DEFAULT_REGION"]

# How one call of each protocol is refused: an unknown key, a wrong secret.
SERVICES: dict[str, tuple[Callable[[Any], Any], int, str, str]] = {
    "sqs": (lambda c: c.list_queues(), 403, "InvalidClientTokenId", "SignatureDoesNotMatch"),
    "events": (lambda c: c.list_rules(), 400, "UnrecognizedClientException", "InvalidSignatureException"),
    "lambda": (lambda c: c.list_functions(MaxItems=3), 403, "UnrecognizedClientException", "InvalidSignatureException"),
    "sts": (lambda c: c.get_caller_identity(), 403, "InvalidClientTokenId", "SignatureDoesNotMatch"),
}


def client(service: str, **settings: Any) -> Any:
    """Return a client that does not retry."""
    return boto3.client(service, config=Config(retries={"total_max_attempts": 1}), **settings)




class Auth(unittest.TestCase):
    def refused(self, service: str, code: str, status: int, **settings: Any) -> str:
        """Check that a call is refused, and return the message."""
        call = SERVICES[service][0]
        with self.assertRaises(ClientError) as caught:
            call(client(service, **settings))
        answer = caught.exception.response
        self.assertEqual((answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]), (code, status), answer)
        return answer["Error"]["Message"]

    def test_the_right_key(self) -> None:
        for service, (call, _, _, _) in SERVICES.items():
            with self.subTest(service):
                call(client(service))
        self.assertEqual(client("sts").get_caller_identity()["Account"], ACCOUNT)

    def test_an_unknown_key(self) -> None:
        for service, (_, status, code, _) in SERVICES.items():
            with self.subTest(service):
                message = self.refused(service, code, status, aws_access_key_id="AKIASTRANGER", aws_secret_access_key="x")
                self.assertEqual(message, "The security token included in the request is invalid.")

    def test_a_wrong_secret(self) -> None:
        for service, (_, status, _, code) in SERVICES.items():
            with self.subTest(service):
                message = self.refused(
                    service, code, status, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="wrong"
                )
                self.assertIn("The request signature we calculated does not match the signature you provided.", message)

    def test_an_old_clock(self) -> None:
        then = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(hours=1)
        with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: then):
            for service, (_, status, _, code) in SERVICES.items():
                with self.subTest(service):
                    message = self.refused(service, code, status)
                    self.assertRegex(message, r"^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$")

    def test_a_session_token(self) -> None:
        key = dict(aws_access_key_id=os.environ["SESSION_KEY"], aws_secret_access_key=os.environ["SESSION_SECRET"])
        client("events", aws_session_token=os.environ["SESSION_TOKEN"], **key).list_rules()
        self.refused("events", "UnrecognizedClientException", 400, aws_session_token="another", **key)
        self.refused("events", "UnrecognizedClientException", 400, **key)

    def test_a_function_has_a_key_of_its_own(self) -> None:
        source = (
            "import os, sys\n"
            "sys.path += os.environ['BOTO3'].split(os.pathsep)\n"
            "import boto3\n"
            "def run(event, context):\n"
            "    entry = {'Source': 'a', 'DetailType': 'b', 'Detail': '{}'}\n"
            "    put = boto3.client('events').put_events(Entries=[entry])\n"
            "    who = boto3.client('sts').get_caller_identity()\n"
            "    return {'failed': put['FailedEntryCount'], 'account': who['Account'], 'key': os.environ['AWS_ACCESS_KEY_ID']}\n"
        )
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("app.py", source)
        functions = client("lambda")
        functions.create_function(
            FunctionName="signs", Runtime="python3.12", Handler="app.run", Timeout=60, Role=f"arn:aws:iam::{ACCOUNT}:role/r",
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"BOTO3": os.pathsep.join(p for p in sys.path if p)}},
        )
        functions.get_waiter("function_active_v2").wait(FunctionName="signs", WaiterConfig={"Delay": 1})
        answer = json.load(functions.invoke(FunctionName="signs", Payload=b"{}")["Payload"])
        self.assertEqual((answer.get("failed"), answer.get("account")), (0, ACCOUNT), answer)
        self.assertTrue(answer["key"].startswith("ASIA"), answer)


if __name__ == "__main__":
    unittest.main()
