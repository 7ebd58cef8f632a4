"""What the tests share: the sources' place, a fake bus, a server that records."""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

APP = Path(__file__).resolve().parent.parent
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "session",
    "AWS_REGION": "eu-west-1",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_LAMBDA_FUNCTION_NAME": "payments-capture-payment",
    "EVENT_BUS_NAME": "cinema",
    "_X_AMZN_TRACE_ID": "Root=1-66a0f4a2-5c1b2d3e4f5a6b7c8d9e0f1a;Parent=53995c3f42cd8ad8",
}

sys.path.insert(0, str(APP / "shared"))


def run(service: str, handler: str, event: Any, request_id: str = "request-1") -> tuple[Any, list]:
    """Run a handler as its function would; return its result and what it published."""
    here = APP / "services" / service
    published = []

    def publish(source: str, detail_type: str, detail: dict[str, Any]) -> str:
        json.dumps(detail)  # what is published must be JSON
        published.append((source, detail_type, detail))
        return f"event-{len(published)}"

    # The modules of one service are as unknown to the next as in its own zip.
    with mock.patch.dict(sys.modules), mock.patch.object(sys, "path", [str(here), *sys.path]):
        import bus

        with mock.patch.object(bus, "publish", publish):
            path = here / "handlers" / f"{handler}.py"
            spec = importlib.util.spec_from_file_location(handler, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            result = module.handler(event, SimpleNamespace(aws_request_id=request_id))
    return result, published


class Server:
    """An HTTP server that answers every request alike and keeps what it got."""

    def __init__(self, status: int, answer: bytes) -> None:
        self.requests: list[SimpleNamespace] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.requests.append(
                    SimpleNamespace(path=self.path, headers=self.headers, body=body)
                )
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                """Say nothing: the test asserts on requests."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))

    def __enter__(self) -> Server:
        self.thread.start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()
