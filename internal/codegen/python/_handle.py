"""From what Lambda gives a function to what its handler wants, and back."""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import json
import os
import re
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from ._client import client
from ._event_type import EventType
from ._settings import BUS, CARRY

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Handler = Callable[[Any, Any], Any]
"""A function as Lambda calls it: with an event and a context."""


class Context(Protocol):
    """What Lambda tells a function about the invocation."""

    @property
    def aws_request_id(self) -> str:
        """The id of the invocation."""

    @property
    def function_name(self) -> str:
        """The name of the function."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the invocation may still take."""


class UnexpectedEvent(ValueError):
    """A handler was given an event of a type that is not its own."""


class PublishFailed(Exception):
    """The bus did not take an event; code is AWS's name for the reason."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Refused(Exception):
    """Raise it to refuse a request; over HTTP the answer has that status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Received(Generic[T_co]):
    """An event that was received."""

    data: T_co
    id: str
    time: datetime
    source: str
    detail_type: str
    correlation_id: str | None
    raw: dict[str, Any]  # as it came, with the fields that the schema does not have


@dataclass(frozen=True)
class Request:
    """A request: over HTTP, or of somebody who invoked the function."""

    body: dict[str, Any]
    path: dict[str, str]  # the parts of the path in braces, by name
    query: dict[str, str]
    headers: dict[str, str]  # names in small letters
    caller: str | None  # who signed in


@dataclass(frozen=True)
class Tick:
    """A time that a schedule has come to."""

    time: datetime


@dataclass(frozen=True)
class _Cause:
    """What is being handled, for what is published meanwhile."""

    correlation_id: str
    causation_id: str | None


_cause: ContextVar[_Cause | None] = ContextVar("cause", default=None)


@contextlib.contextmanager
def _handling(cause: _Cause) -> Iterator[None]:
    token = _cause.set(cause)
    try:
        yield
    finally:
        _cause.reset(token)


def publish(kind: EventType[T], data: T) -> str:
    """Publish an event and return its id.

    Its data is checked before: InvalidData says what is wrong with it.
    """
    entry = {
        "Source": kind.sources[0],
        "DetailType": kind.detail_types[0],
        "Detail": json.dumps(kind.write(data, _carried()), allow_nan=False),
        "EventBusName": os.environ.get("EVENT_BUS_NAME") or BUS,
    }
    answer = client().put_events(Entries=[entry])
    result = answer["Entries"][0]
    if answer.get("FailedEntryCount") or "EventId" not in result:
        code = result.get("ErrorCode", "unknown")
        raise PublishFailed(code, result.get("ErrorMessage", ""))
    return str(result["EventId"])


def _carried() -> dict[str, str]:
    cause = _cause.get()
    known = {
        "correlation_id": cause.correlation_id if cause else str(uuid.uuid4()),
        "causation_id": cause.causation_id if cause else None,
    }
    carried = {}
    for name in CARRY:
        value = known.get(name)
        if value is not None:
            carried[name] = value
    return carried


def by_events(
    name: str,
    types: Sequence[EventType[Any]],
    function: Callable[[Received[T], Context], None],
) -> Handler:
    """Return the handler of what is caused by events of the bus."""

    @functools.wraps(function)
    def handler(event: Any, context: Any) -> None:
        received: Received[Any] = _receive(name, types, event)
        correlation_id = received.correlation_id or received.id
        with _handling(_Cause(correlation_id, received.id)):
            function(received, context)

    return handler


def _receive(name: str, types: Sequence[EventType[Any]], event: Any) -> Received[Any]:
    if not isinstance(event, dict):
        raise UnexpectedEvent(f"{name}: this is no event of the bus: {event!r}")
    source, detail_type = event.get("source"), event.get("detail-type")
    for kind in types:
        if kind.matches(source, detail_type):
            break
    else:
        wanted = " or ".join(kind.detail_types[0] for kind in types)
        found = f"{detail_type!r} of {source!r}"
        raise UnexpectedEvent(f"{name}: {found} was received; it handles {wanted}")
    detail = event.get("detail")
    data = kind.read(detail)
    correlation_id = detail.get("correlation_id") if isinstance(detail, dict) else None
    return Received(
        data=data,
        id=str(event.get("id", "")),
        time=_time(event.get("time")),
        source=str(source),
        detail_type=str(detail_type),
        correlation_id=correlation_id,
        raw=event,
    )


def _time(text: object) -> datetime:
    """Return a time of the bus; Python 3.10 does not know its Z."""
    moment = re.sub("Z$", "+00:00", str(text))
    try:
        return datetime.fromisoformat(moment)
    except ValueError:
        return datetime.now().astimezone()


def by_schedule(
    name: str,
    function: Callable[[Tick, Context], None],
) -> Handler:
    """Return the handler of what is caused by a schedule."""

    @functools.wraps(function)
    def handler(event: Any, context: Any) -> None:
        time = event.get("time") if isinstance(event, dict) else None
        with _handling(_Cause(_invocation(context), None)):
            function(Tick(time=_time(time)), context)

    return handler


def _invocation(context: Any) -> str:
    return str(getattr(context, "aws_request_id", None) or uuid.uuid4())


def by_request(
    name: str,
    function: Callable[[Request, Context], object],
) -> Handler:
    """Return the handler of what is caused by requests.

    Over API Gateway, what the handler returns becomes the body of the answer.
    Whoever invokes the function gets it as it is.
    """

    @functools.wraps(function)
    def handler(event: Any, context: Any) -> Any:
        over_http = isinstance(event, dict) and "requestContext" in event
        try:
            request = _http_request(event) if over_http else _direct_request(event)
            with _handling(_Cause(_invocation(context), None)):
                result = function(request, context)
        except Refused as refused:
            if not over_http:
                raise
            return _answer({"message": str(refused)}, refused.status)
        return _answer(result, 200) if over_http else result

    return handler


def _direct_request(event: Any) -> Request:
    body = {} if event is None else event
    if not isinstance(body, dict):
        raise Refused("the payload must be a JSON object")
    return Request(body=body, path={}, query={}, headers={}, caller=None)


def _http_request(event: dict[str, Any]) -> Request:
    headers = event.get("headers") or {}
    return Request(
        body=_body(event),
        path=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): value for name, value in headers.items()},
        caller=_caller(event["requestContext"]),
    )


def _body(event: dict[str, Any]) -> dict[str, Any]:
    text = event.get("body")
    if not text:
        return {}
    try:
        if event.get("isBase64Encoded"):
            text = base64.b64decode(text, validate=True).decode()
        body = json.loads(text)
    except (binascii.Error, ValueError):
        raise Refused("the body must be JSON") from None
    if not isinstance(body, dict):
        raise Refused("the body must be a JSON object")
    return body


def _caller(context: dict[str, Any]) -> str | None:
    """Return who signed in: in REST and in HTTP APIs it stands elsewhere."""
    authorizer = context.get("authorizer") or {}
    claims = (authorizer.get("jwt") or authorizer).get("claims") or {}
    identity = context.get("identity") or {}
    iam = authorizer.get("iam") or {}
    principal = authorizer.get("principalId")
    caller = claims.get("sub") or principal or iam.get("userArn")
    caller = caller or identity.get("userArn")
    return None if caller is None else str(caller)


def _answer(result: Any, status: int) -> dict[str, Any]:
    """Return the answer over HTTP. A handler may make it whole itself."""
    if isinstance(result, dict) and isinstance(result.get("statusCode"), int):
        return result
    if result is None:
        return {"statusCode": 204}
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(result),
    }
