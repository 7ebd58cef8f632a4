"""The standard-library client against a local HTTP server and against botocore."""

from __future__ import annotations

import os
import unittest
from datetime import datetime, timezone
from unittest import mock

from support import ENVIRONMENT, Server

import awsjson

try:
    import botocore.auth
    import botocore.awsrequest
    import botocore.credentials
    import botocore.handlers
except ImportError:
    botocore = None

# One request and the signature that botocore 1.44.5 gives it.
NOW = datetime(2026, 11, 23, 10, 0, 0, tzinfo=timezone.utc)
HEADERS = {
    "Host": "127.0.0.1:4566",
    "Content-Type": "application/x-amz-json-1.1",
    "X-Amz-Target": "AWSEvents.PutEvents",
}
BODY = b'{"Entries": []}'
SIGNATURE = "df5b0fc424b026203102fcaf51456385793e81c43f4ad04a3e10ba0dbc60f43e"


class AwsJsonTest(unittest.TestCase):
    def setUp(self) -> None:
        patch = mock.patch.dict(os.environ, ENVIRONMENT)
        patch.start()
        self.addCleanup(patch.stop)


class CallTest(AwsJsonTest):
    def call(self, status: int, answer: bytes) -> tuple:
        with Server(status, answer) as server:
            os.environ["AWS_ENDPOINT_URL"] = server.url
            result = awsjson.call("events", "AWSEvents.DescribeEventBus", {"Name": "cinema"})
        [request] = server.requests
        return result, request

    def test_request(self) -> None:
        result, request = self.call(200, b'{"Name":"cinema"}')
        self.assertEqual(result, {"Name": "cinema"})
        self.assertEqual((request.path, request.body), ("/", b'{"Name": "cinema"}'))
        self.assertEqual(request.headers["Content-Type"], "application/x-amz-json-1.1")
        self.assertEqual(request.headers["X-Amz-Target"], "AWSEvents.DescribeEventBus")
        self.assertEqual(request.headers["X-Amz-Security-Token"], "session")
        self.assertRegex(
            request.headers["Authorization"],
            r"^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-west-1/events/aws4_request, "
            r"SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
            r"Signature=[0-9a-f]{64}$",
        )

    def test_errors(self) -> None:
        for name, status, answer, want in (
            (
                "a name",
                400,
                b'{"__type":"ResourceNotFoundException","message":"m"}',
                "ResourceNotFoundException: m",
            ),
            (
                "a shape id",
                400,
                b'{"__type":"com.amazonaws.events#InternalException"}',
                "InternalException: ",
            ),
            ("a capital M", 400, b'{"__type":"E","Message":"m"}', "E: m"),
            ("no name", 503, b"{}", "503: "),
            ("no JSON", 502, b"<html>Bad Gateway</html>", "502: <html>Bad Gateway</html>"),
            ("success without JSON", 200, b"", "200: "),
        ):
            with self.subTest(name), self.assertRaises(awsjson.ServiceError) as raised:
                self.call(status, answer)
            self.assertEqual(str(raised.exception), want, name)

    def test_nobody_listens(self) -> None:
        with Server(200, b"{}") as server:
            os.environ["AWS_ENDPOINT_URL"] = server.url
        with self.assertRaises(ConnectionRefusedError):
            awsjson.call("events", "AWSEvents.ListRules", {})


class EndpointTest(AwsJsonTest):
    def test_order(self) -> None:
        os.environ.pop("AWS_ENDPOINT_URL", None)
        self.assertEqual(awsjson.endpoint("events"), "https://events.eu-west-1.amazonaws.com")
        os.environ["AWS_ENDPOINT_URL"] = "http://one"
        self.assertEqual(awsjson.endpoint("events"), "http://one")
        os.environ["AWS_ENDPOINT_URL_EVENTS"] = "http://two"
        self.assertEqual(awsjson.endpoint("events"), "http://two")


class TraceTest(AwsJsonTest):
    TRACES = (ENVIRONMENT["_X_AMZN_TRACE_ID"], "Root=1-a-b;Lineage=a:1|b:2", 'Self=é;x y="1"', "")

    def test_only_inside_a_function(self) -> None:
        del os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.assertEqual(awsjson.trace(), {})

    def test_quotes_what_a_header_cannot_hold(self) -> None:
        os.environ["_X_AMZN_TRACE_ID"] = self.TRACES[1]
        self.assertEqual(awsjson.trace(), {"X-Amzn-Trace-Id": "Root=1-a-b;Lineage=a:1%7Cb:2"})

    @unittest.skipUnless(botocore, "botocore is not installed")
    def test_is_botocores(self) -> None:
        for value in self.TRACES:
            with self.subTest(value):
                os.environ["_X_AMZN_TRACE_ID"] = value
                params = {"headers": {}}
                botocore.handlers.add_recursion_detection_header(params)
                self.assertEqual(awsjson.trace(), params["headers"])


class SignTest(AwsJsonTest):
    def test_recorded(self) -> None:
        got = awsjson.sign("events", "/", dict(HEADERS), BODY, NOW)
        self.assertEqual(got.rpartition("=")[2], SIGNATURE)

    @unittest.skipUnless(botocore, "botocore is not installed")
    def test_is_botocores(self) -> None:
        got = awsjson.sign("events", "/", dict(HEADERS), BODY, NOW)
        names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        credentials = botocore.credentials.Credentials(*(ENVIRONMENT[name] for name in names))
        request = botocore.awsrequest.AWSRequest(
            "POST", "http://127.0.0.1:4566/", dict(HEADERS), BODY
        )
        signer = botocore.auth.SigV4Auth(credentials, "events", "eu-west-1")
        with mock.patch("botocore.auth.get_current_datetime", return_value=NOW):
            signer.add_auth(request)
        self.assertEqual(got, request.headers["Authorization"])


if __name__ == "__main__":
    unittest.main()
