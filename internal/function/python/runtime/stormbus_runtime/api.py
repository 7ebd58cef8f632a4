"""A client of the Lambda Runtime API on one persistent, plain socket.

http.client would cost more than the rest of an invocation.
"""

import socket

_PREFIX = "/2018-06-01/runtime/"
_SMALL = 64 * 1024  # a body up to this size travels in one write with its head
_MAX_CAUSE = 1024 * 1024  # a longer one is not sent: a header has limits


class RuntimeApiError(Exception):
    """The Runtime API answered with something that cannot be gone on from."""


class Invocation:
    """One event and what came with it."""

    __slots__ = ("request_id", "body", "headers")

    def __init__(self, headers, body):
        self.request_id = headers.get("lambda-runtime-aws-request-id", "")
        self.headers = headers
        self.body = body


class RuntimeApi:
    """The Runtime API at address, which is host:port."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self._host = address
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = self._socket.makefile("rb")
        self._next = self._head("GET", "invocation/next", 0, ())

    def next(self):
        """Wait for an invocation."""
        self._socket.sendall(self._next)
        status, headers, body = self._answer()
        if status != 200:
            raise RuntimeApiError("next invocation: %d %r" % (status, body))
        return Invocation(headers, body)

    def respond(self, request_id, body, content_type):
        """Post a result. One that is too large has been dealt with: the caller
        of the function learns of it."""
        self._post(
            "invocation/%s/response" % request_id,
            body,
            (("Content-Type", content_type),),
            (202, 413),
        )

    def fail(self, request_id, body, kind, cause):
        """Post the error that an invocation ended with."""
        self._post_error("invocation/%s/error" % request_id, body, kind, cause)

    def fail_init(self, body, kind):
        """Post the error that initialization ended with."""
        self._post_error("init/error", body, kind, None)

    def _post_error(self, path, body, kind, cause):
        headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Function-Error-Type", kind),
        ]
        if cause and len(cause) <= _MAX_CAUSE:
            headers.append(("Lambda-Runtime-Function-XRay-Error-Cause", cause))
        self._post(path, body, headers, (202, 413))

    def _post(self, path, body, headers, accepted):
        head = self._head("POST", path, len(body), headers)
        if len(body) <= _SMALL:
            self._socket.sendall(head + body)
        else:
            self._socket.sendall(head)
            self._socket.sendall(body)
        status, _, answer = self._answer()
        if status not in accepted:
            raise RuntimeApiError("%s: %d %r" % (path, status, answer))

    def _head(self, method, path, length, headers):
        lines = [
            "%s %s%s HTTP/1.1" % (method, _PREFIX, path),
            "Host: " + self._host,
            "Content-Length: %d" % length,
        ]
        lines.extend("%s: %s" % header for header in headers)
        # The name of an exception class may be any identifier.
        return "\r\n".join(lines).encode("ascii", "replace") + b"\r\n\r\n"

    def _answer(self):
        status_line = self._reader.readline()
        if not status_line:
            raise RuntimeApiError("the Runtime API closed the connection")
        status = int(status_line.split(None, 2)[1])
        headers = {}
        while True:
            line = self._reader.readline().rstrip(b"\r\n")
            if not line:
                break
            name, _, value = line.partition(b":")
            headers[name.decode("ascii").lower()] = value.strip().decode("utf-8", "replace")
        body = self._reader.read(int(headers.get("content-length", "0")))
        return status, headers, body
