"""A client for AWS's JSON protocol, standard library only.

It does what boto3 does for one call: finds the endpoint, signs the request
(Signature Version 4), and passes on the trace of the invocation that it runs
in. That trace is how the bus knows which invocation published an event.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import urllib.parse
from datetime import datetime, timezone
from typing import Any

TIMEOUT = 10  # seconds


class ServiceError(Exception):
    """The service answered with an error; code is AWS's name for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


def call(service: str, target: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Call the operation that target names and return its answer."""
    url = urllib.parse.urlsplit(endpoint(service))
    body = json.dumps(arguments).encode()
    headers = {
        "Host": url.netloc,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": target,
    }
    headers["Authorization"] = sign(
        service, url.path or "/", headers, body, datetime.now(timezone.utc)
    )
    headers.update(trace())
    secure = url.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", url.path or "/", body, headers)
        response = connection.getresponse()
        return read(response.status, response.read())
    finally:
        connection.close()


def endpoint(service: str) -> str:
    """Return the address of a service, by the variables that AWS's SDKs read."""
    return (
        os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://{service}.{region()}.amazonaws.com"
    )


def region() -> str:
    """Return the region of this function."""
    return os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]


def trace() -> dict[str, str]:
    """Return the header that names this invocation, exactly as botocore writes it."""
    value = os.environ.get("_X_AMZN_TRACE_ID")
    if not value or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    return {"X-Amzn-Trace-Id": urllib.parse.quote(value, safe="-=;:+&[]{}\"',")}


def sign(service: str, path: str, headers: dict[str, str], body: bytes, now: datetime) -> str:
    """Return the Authorization header; add to headers what it needs."""
    stamp = now.strftime("%Y%m%dT%H%M%SZ")
    headers["X-Amz-Date"] = stamp
    if token := os.environ.get("AWS_SESSION_TOKEN"):
        headers["X-Amz-Security-Token"] = token

    lines = sorted((name.lower(), value.strip()) for name, value in headers.items())
    names = ";".join(name for name, _ in lines)
    request = "\n".join(
        ["POST", path, "", *(f"{name}:{value}" for name, value in lines), "", names, digest(body)]
    )
    scope = [stamp[:8], region(), service, "aws4_request"]
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, "/".join(scope), digest(request.encode())])
    credential = "/".join([os.environ["AWS_ACCESS_KEY_ID"], *scope])
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    return (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )


def digest(data: bytes) -> str:
    """Return the SHA-256 of data in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read(status: int, body: bytes) -> dict[str, Any]:
    """Return what an answer says, or raise it if it is an error."""
    try:
        answer = json.loads(body)
    except ValueError:
        raise ServiceError(str(status), body.decode(errors="replace")) from None
    if status == 200:
        return answer
    code = answer.get("__type", str(status)).rpartition("#")[2]
    raise ServiceError(code, answer.get("message") or answer.get("Message") or "")
