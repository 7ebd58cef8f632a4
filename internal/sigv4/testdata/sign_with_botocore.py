"""Print requests signed by botocore, as the tests of this package read them.

Run it with any recent botocore to remake botocore.json. All requests are signed
at one time with one key.
"""

import datetime
import json
import sys
from unittest import mock

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 11, 24, 8, 0, 0, tzinfo=datetime.timezone.utc)
KEY = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
SESSION = Credentials(KEY.access_key, KEY.secret_key, "session+token/of=botocore")


class Clock(datetime.datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return NOW

    @classmethod
    def utcnow(cls):
        return NOW.replace(tzinfo=None)


def signed(name, signer, method, url, headers=None, body=b""):
    """Return a case: the request that the signer makes."""
    request = AWSRequest(method=method, url=url, headers=headers or {}, data=body)
    signer.add_auth(request)
    sent = request.prepare()
    return {
        "name": name,
        "method": sent.method,
        "url": sent.url,
        "headers": {k: v if isinstance(v, str) else v.decode() for k, v in sent.headers.items()},
        "body": body.decode(),
    }


def cases():
    """Yield all cases."""
    host = "http://localhost:4566"
    json_type = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSEvents.PutEvents"}
    yield signed("json", SigV4Auth(KEY, "events", "eu-west-1"), "POST", host + "/", json_type, b'{"Entries":[]}')
    yield signed("session token", SigV4Auth(SESSION, "events", "eu-west-1"), "POST", host + "/", json_type, b"{}")
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    yield signed("form", SigV4Auth(KEY, "sts", "us-east-1"), "POST", host + "/", form, b"Action=GetCallerIdentity&Version=2011-06-15")
    path = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aa/invocations"
    yield signed("encoded path", SigV4Auth(KEY, "lambda", "eu-west-1"), "POST", host + path, {}, b"{}")
    yield signed("query", SigV4Auth(KEY, "lambda", "eu-west-1"), "GET", host + "/2015-03-31/functions?Marker=a%2Bb%20c%3D&MaxItems=2&a=", {})
    yield signed("S3 key", S3SigV4Auth(KEY, "s3", "us-east-1"), "PUT", host + "/bucket/a%20b//c/../%C3%BC%2B~.txt", {}, b"hello")
    yield signed("presigned S3", S3SigV4QueryAuth(KEY, "s3", "us-east-1", expires=60), "GET", host + "/bucket/a%20b?versionId=1%2F2", {})
    yield signed("presigned S3 with a token", S3SigV4QueryAuth(SESSION, "s3", "us-east-1", expires=604800), "GET", host + "/bucket/key", {})
    yield signed("presigned STS", SigV4QueryAuth(KEY, "sts", "us-east-1", expires=900), "GET", host + "/?Action=GetCallerIdentity&Version=2011-06-15", {})


with mock.patch("datetime.datetime", Clock), mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: NOW.replace(tzinfo=None), create=True):
    json.dump(list(cases()), sys.stdout, indent=1)
    print()
