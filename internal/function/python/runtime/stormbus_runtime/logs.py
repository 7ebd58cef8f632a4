"""The log: where records go and in what form.

With _LAMBDA_TELEMETRY_LOG_FD set, every record is written there in one frame:
4 bytes type, 4 bytes length, 8 bytes microseconds since the epoch, text; all
big-endian. The type tells the form (text or JSON) and the level, so the other
side knows where a record of many lines ends.
"""

import json
import logging
import os
import struct
import sys
import time
import traceback

_FRAME = struct.Struct(">IIQ")
_TEXT, _JSON = 0xA55A0003, 0xA55A0002
_LEVEL_STEP = {
    logging.DEBUG: 0x08,
    logging.INFO: 0x0C,
    logging.WARNING: 0x10,
    logging.ERROR: 0x14,
    logging.CRITICAL: 0x18,
}
_OWN_FIELDS = frozenset(logging.makeLogRecord({}).__dict__) | {
    "message",
    "asctime",
    "aws_request_id",
    "tenant_id",
}


class Sink:
    """Writes records to the frame descriptor, or plainly to stdout."""

    def __init__(self, fd):
        self._fd = fd

    def write(self, text, level=None, as_json=False):
        if self._fd is None:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
            sys.stdout.flush()
            return
        data = text.encode("utf-8", "backslashreplace")
        kind = (_JSON if as_json else _TEXT) + _LEVEL_STEP.get(level, 0)
        rest = memoryview(_FRAME.pack(kind, len(data), int(time.time() * 1000000)) + data)
        while rest:
            rest = rest[os.write(self._fd, rest) :]


class Log:
    """The log of this environment. request_id and tenant_id are those of the
    invocation under way."""

    def __init__(self, environ):
        fd = environ.pop("_LAMBDA_TELEMETRY_LOG_FD", None)
        self.sink = Sink(int(fd) if fd else None)
        self.as_json = environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        level = environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        self.level = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level)
        self.request_id = None
        self.tenant_id = None

    def install(self):
        """Make the standard streams UTF-8 and take over the root logger."""
        for stream in (sys.stdout, sys.stderr):
            if (stream.encoding or "").lower() != "utf-8":
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        root = logging.getLogger()
        root.addHandler(_Handler(self))
        if self.level in ("DEBUG", "INFO", "WARN", "WARNING", "ERROR", "CRITICAL"):
            root.setLevel(self.level)

    def plain(self, message):
        """Write message as it is."""
        self.sink.write(message)

    def error(self, report):
        """Write an error that ended an invocation or the initialization."""
        if self.as_json:
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            line = dict({"timestamp": now, "level": "ERROR"}, **report.body())
            self.sink.write(json.dumps(line, ensure_ascii=False), logging.ERROR, True)
            return
        self.sink.write(report.text(), logging.ERROR)


class _Handler(logging.Handler):
    """The one handler of the root logger."""

    def __init__(self, log):
        super().__init__()
        self._log = log
        self.addFilter(self._stamp)
        self.setFormatter(_JSONFormatter() if log.as_json else _TextFormatter())

    def _stamp(self, record):
        record.aws_request_id = self._log.request_id or ""
        record.tenant_id = self._log.tenant_id
        return True

    def emit(self, record):
        try:
            # The level is told only where it was asked for.
            levelled = self._log.as_json or self._log.level
            level = _standard_level(record) if levelled else None
            is_json = isinstance(self.formatter, _JSONFormatter)
            self._log.sink.write(self.format(record), level, is_json)
        except Exception:
            self.handleError(record)


def _standard_level(record):
    """The level of record, rounded down to one that has a name of its own."""
    return min(max(record.levelno, 0), 50) // 10 * 10


class _TextFormatter(logging.Formatter):
    converter = time.gmtime

    def __init__(self):
        super().__init__(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
            "%Y-%m-%dT%H:%M:%S",
        )


class _JSONFormatter(logging.Formatter):
    converter = time.gmtime

    def format(self, record):
        as_is = isinstance(record.msg, dict) and not record.args
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": logging.getLevelName(_standard_level(record)),
            "message": record.msg if as_is else record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0]:
            kind, error, trace = record.exc_info
            line["stackTrace"] = traceback.format_tb(trace)
            line["errorType"] = kind.__name__
            line["errorMessage"] = str(error)
        line["requestId"] = record.aws_request_id
        if record.exc_info and record.exc_info[0]:
            line["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
        line["tenantId"] = record.tenant_id
        extra = {k: v for k, v in record.__dict__.items() if k not in _OWN_FIELDS and k not in line}
        line.update(extra)
        line = {k: v for k, v in line.items() if v is not None}
        return json.dumps(line, ensure_ascii=False, default=str) + "\n"
