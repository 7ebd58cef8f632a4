"""The cinema's way to publish an event.

Through boto3 where the function has it, as on AWS; else through the small
client in awsjson.py, so that the cinema runs on a bare Python as well.
"""

from __future__ import annotations

import functools
import json
import os
from typing import Any

import awsjson

try:
    import boto3
except ImportError:
    boto3 = None


class NotPublished(Exception):
    """The bus answered, and refused the event."""


def publish(source: str, detail_type: str, detail: dict[str, Any]) -> str:
    """Publish one event on the cinema's bus and return its id.

    The bus has stored the event when this returns. When it raises, the
    invocation fails, and Lambda tries it again.
    """
    entry = {
        "EventBusName": os.environ["EVENT_BUS_NAME"],
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
    }
    if boto3:
        answer = _client().put_events(Entries=[entry])
    else:
        answer = awsjson.call("events", "AWSEvents.PutEvents", {"Entries": [entry]})
    # PutEvents succeeds as a call even when it refuses an entry.
    result = answer["Entries"][0]
    if answer["FailedEntryCount"]:
        raise NotPublished(f"{detail_type}: {result['ErrorCode']}: {result['ErrorMessage']}")
    return result["EventId"]


@functools.cache
def _client() -> Any:
    """One client for all invocations of this environment."""
    return boto3.client("events")
