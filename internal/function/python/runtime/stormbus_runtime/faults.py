"""Errors as the caller, the log and X-Ray see them."""

import json
import os
import sys
import traceback

_RUNTIME = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Fault(Exception):
    """An error that the runtime found, not one that the function raised."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.trace = trace or []


class Report:
    """An error, told in every form that is needed."""

    def __init__(self, error, request_id=""):
        self.request_id = request_id
        try:
            self.message = str(error)
        except Exception:  # a __str__ of the function's own that raises
            self.message = "<unprintable %s object>" % type(error).__name__
        if isinstance(error, Fault):
            self.kind, self.trace, self._frames = error.kind, error.trace, []
            self._xray_kind = "LambdaValidationError"
            return
        self.kind = self._xray_kind = type(error).__name__
        self._frames = _frames(error)
        self.trace = traceback.format_list(self._frames)

    def body(self):
        """The document for the caller."""
        return {
            "errorMessage": self.message,
            "errorType": self.kind,
            "requestId": self.request_id,
            "stackTrace": self.trace,
        }

    def text(self):
        """The text for the log. Lines are indented by no-break spaces, which
        AWS does so that no reader of logs trims them."""
        head = "[ERROR] %s" % self.kind
        if self.message:
            head += ": " + self.message
        lines = [head, "Traceback (most recent call last):"]
        for entry in self.trace:
            for line in entry.splitlines():
                text = line.lstrip(" ")
                lines.append("\u00a0" * (len(line) - len(text)) + text)
        return "\n".join(lines)

    def cause(self):
        """The document for X-Ray, JSON in ASCII."""
        stack = [{"label": label, "path": path, "line": line} for path, line, label, _ in self._frames]
        paths = sorted({frame["path"] for frame in stack})
        return json.dumps(
            {
                "working_directory": os.getcwd(),
                "exceptions": [{"message": self.message, "type": self._xray_kind, "stack": stack}],
                "paths": paths,
            }
        )


def _frames(error):
    """The frames of error's traceback as plain tuples (format_list marks the
    columns of richer ones, AWS does not), without the runtime's own."""
    frames = [(f.filename, f.lineno, f.name, f.line) for f in traceback.extract_tb(error.__traceback__)]
    own = 0
    while own < len(frames) and os.path.abspath(frames[own][0]).startswith(_RUNTIME):
        own += 1
    return frames[own:]


def unraisable(where, error):
    """Tell about an error of the runtime itself and end the process."""
    print("stormbus runtime: %s: %s: %s" % (where, type(error).__name__, error), file=sys.stderr)
    sys.exit(1)
