"""Clients of EventBridge: boto3 where it is installed, else one of our own."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import importlib
import json
import os
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any, Protocol, cast

TIMEOUT = 10  # seconds
ATTEMPTS = 3
ENTRY_NAMES = {"Source", "DetailType", "Detail", "EventBusName"}


class Client(Protocol):
    """What is needed of boto3's client of EventBridge."""

    def put_events(self, *, Entries: list[dict[str, Any]]) -> Any:
        """Publish events and tell what became of each."""


class ServiceError(Exception):
    """EventBridge answered with an error; code is AWS's name for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class StandardClient:
    """A client that needs nothing but the standard library.

    It does what boto3 does: finds the address, signs the request (Signature
    Version 4), and passes on the trace of the invocation that it runs in, by
    which the bus knows who published an event.
    """

    def put_events(self, *, Entries: list[dict[str, Any]]) -> Any:
        """Publish events and tell what became of each."""
        url = urllib.parse.urlsplit(endpoint())
        body = json.dumps({"Entries": Entries}).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return send(url, body)
            except (OSError, http.client.HTTPException, ServiceError) as error:
                if attempt == ATTEMPTS or not is_passing(error):
                    raise
                time.sleep(0.1 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")


def is_passing(error: Exception) -> bool:
    """Tell whether the same request may succeed a moment later."""
    return not isinstance(error, ServiceError) or error.code in (
        "InternalException",
        "ServiceUnavailable",
        "ThrottlingException",
    )


def endpoint() -> str:
    """Return the address of EventBridge, by the variables that AWS's SDKs read."""
    return (
        os.environ.get("AWS_ENDPOINT_URL_EVENTBRIDGE")
        or os.environ.get("AWS_ENDPOINT_URL")
        or f"https://events.{region()}.amazonaws.com"
    )


def region() -> str:
    """Return the region."""
    return os.environ.get("AWS_REGION") or os.environ["AWS_DEFAULT_REGION"]


def send(url: urllib.parse.SplitResult, body: bytes) -> Any:
    """Send one request and return what the answer says."""
    path = url.path or "/"
    headers = {
        "Host": url.netloc,
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSEvents.PutEvents",
    }
    headers["Authorization"] = sign(path, headers, body)
    headers.update(trace())
    secure = url.scheme == "https"
    connect = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=TIMEOUT)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return read(response.status, response.read())
    finally:
        connection.close()


def read(status: int, body: bytes) -> Any:
    """Return what an answer says, or raise it if it is an error."""
    try:
        answer = json.loads(body)
    except ValueError:
        text = body.decode(errors="replace")
        code = "ServiceUnavailable" if status >= 500 else str(status)
        raise ServiceError(code, text) from None
    if status == 200:
        return answer
    code = str(answer.get("__type", status)).rpartition("#")[2]
    raise ServiceError(code, answer.get("message") or answer.get("Message") or "")


def trace() -> dict[str, str]:
    """Return the header that names this invocation, as botocore writes it."""
    value = os.environ.get("_X_AMZN_TRACE_ID")
    if not value or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return {}
    return {"X-Amzn-Trace-Id": urllib.parse.quote(value, safe="-=;:+&[]{}\"',")}


def sign(path: str, headers: dict[str, str], body: bytes) -> str:
    """Return the Authorization header; add to headers what it needs."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers["X-Amz-Date"] = stamp
    if token := os.environ.get("AWS_SESSION_TOKEN"):
        headers["X-Amz-Security-Token"] = token

    lines = sorted((name.lower(), value.strip()) for name, value in headers.items())
    names = ";".join(name for name, _ in lines)
    canonical = [f"{name}:{value}" for name, value in lines]
    request = "\n".join(["POST", path, "", *canonical, "", names, digest(body)])
    scope = [stamp[:8], region(), "events", "aws4_request"]
    key = ("AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope:
        key = hmac.digest(key, part.encode(), "sha256")
    text = ["AWS4-HMAC-SHA256", stamp, "/".join(scope), digest(request.encode())]
    signature = hmac.digest(key, "\n".join(text).encode(), "sha256").hex()
    credential = "/".join([os.environ["AWS_ACCESS_KEY_ID"], *scope])
    parts = [
        f"Credential={credential}",
        f"SignedHeaders={names}",
        f"Signature={signature}",
    ]
    return "AWS4-HMAC-SHA256 " + ", ".join(parts)


def digest(data: bytes) -> str:
    """Return the SHA-256 of data in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


class Recorder:
    """A client for tests: it publishes nothing and remembers everything."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def put_events(self, *, Entries: list[dict[str, Any]]) -> Any:
        """Remember events."""
        for entry in Entries:
            if not isinstance(entry, dict) or set(entry) != ENTRY_NAMES:
                raise TypeError(f"this is no entry of an event: {entry!r}")
        first = len(self.entries) + 1
        self.entries.extend(Entries)
        ids = range(first, len(self.entries) + 1)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(i)} for i in ids]}

    @property
    def detail_types(self) -> list[str]:
        """The detail-types of what was published, in its order."""
        return [entry["DetailType"] for entry in self.entries]

    @property
    def details(self) -> list[dict[str, Any]]:
        """The data of what was published, in its order."""
        return [json.loads(entry["Detail"]) for entry in self.entries]


_clients: list[Client] = []  # the last one is in use


def client() -> Client:
    """Return the client, which is made once for each environment."""
    if not _clients:
        _clients.append(_make())
    return _clients[-1]


def _make() -> Client:
    try:
        # By its name, since boto3 has no types of its own.
        boto3 = importlib.import_module("boto3")
    except ModuleNotFoundError:
        return StandardClient()
    return cast(Client, boto3.client("events"))


@contextlib.contextmanager
def use_client(other: Client) -> Iterator[None]:
    """Publish with another client, for tests: with use_client(Recorder()): ..."""
    _clients.append(other)
    try:
        yield
    finally:
        _clients.remove(other)
