"""The life of the process: initialize once, then serve one event at a time."""

import json
import logging
import os
import sys

from .api import RuntimeApi, RuntimeApiError
from .context import LambdaContext
from .faults import Report, unraisable
from .handler import load
from .logs import Log
from .marshal import dumps, marshal, unmarshal

_INIT_WARNING = (
    "LAMBDA_WARNING: Unhandled exception. The function could not be initialized; "
    "the error follows."
)


def main():
    log = Log(os.environ)
    log.install()
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    except OSError as e:
        unraisable("connect to the Runtime API", e)
    try:
        handler = load(os.environ["_HANDLER"])
    except Exception as e:
        report = Report(e)
        logging.warning(_INIT_WARNING)
        log.error(report)
        api.fail_init(_document(report), report.kind)
        sys.exit(1)
    try:
        while True:
            serve(api, log, handler, api.next())
    except (OSError, RuntimeApiError) as e:
        unraisable("talk to the Runtime API", e)


def serve(api, log, handler, invocation):
    """Run handler for one invocation and post what became of it."""
    log.request_id = invocation.request_id
    log.tenant_id = invocation.headers.get("lambda-runtime-aws-tenant-id")
    _set_trace(invocation.headers.get("lambda-runtime-trace-id"))
    try:
        context = LambdaContext(invocation, log.plain)
        event = unmarshal(invocation.body, invocation.headers.get("content-type"))
        body, content_type = marshal(handler(event, context))
    except Exception as e:
        report = Report(e, invocation.request_id)
        log.error(report)
        api.fail(invocation.request_id, _document(report), report.kind, report.cause())
        return
    api.respond(invocation.request_id, body, content_type)


def _set_trace(trace):
    if trace:
        os.environ["_X_AMZN_TRACE_ID"] = trace
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def _document(report):
    try:
        return dumps(report.body()).encode("utf-8")
    except UnicodeEncodeError:  # a message with half of a surrogate pair
        return json.dumps(report.body()).encode("ascii")
