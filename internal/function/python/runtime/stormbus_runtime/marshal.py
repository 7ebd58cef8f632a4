"""Events in, results out, with the conversions that AWS's runtime makes.

The json module differs in what it cannot write (Decimal, bytes) and in named
tuples, which it writes as arrays. So a result of plain types goes through json,
which is fast, and any other through the encoder below.
"""

import json
import math
import os
from json import encoder as _json

from .faults import Fault

# Versions before 3.12 escape everything beyond ASCII.
_ESCAPING = {"AWS_Lambda_python3.%d" % minor for minor in range(12)}
_ASCII = os.environ.get("AWS_EXECUTION_ENV", "") in _ESCAPING
_quote = _json.encode_basestring_ascii if _ASCII else _json.encode_basestring

_SCALARS = frozenset((str, int, float, bool, type(None)))


def unmarshal(body, content_type):
    """The event in a request's body."""
    if content_type != "application/json":
        return body
    try:
        return json.loads(body)
    except Exception as e:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % e) from None


def marshal(value):
    """A handler's result as (bytes, content type)."""
    if isinstance(value, bytes):
        return value, "application/unknown"
    try:
        return dumps(value).encode("utf-8"), "application/json"
    except Exception as e:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % e) from None


def dumps(value):
    """value as JSON text."""
    if _is_plain(value):
        return json.dumps(value, ensure_ascii=_ASCII)
    parts = []
    _encode(value, parts.append, set())
    return "".join(parts)


def _is_plain(value):
    kind = type(value)
    if kind in _SCALARS:
        return True
    try:
        if kind is dict:
            return all(type(k) is str and _is_plain(v) for k, v in value.items())
        if kind is list:
            return all(map(_is_plain, value))
    except RecursionError:
        pass  # a cycle, or depth: the encoder says which
    return False


def _encode(value, put, parents):
    if value is None or value is True or value is False:
        put(_constant(value))
    elif isinstance(value, str):
        put(_quote(value))
    elif isinstance(value, int):
        put(int.__repr__(value))
    elif isinstance(value, float):
        put(_float(value))
    elif isinstance(value, bytes):
        put(_quote(value.decode("utf-8")))
    else:
        _encode_container(value, put, parents)


def _encode_container(value, put, parents):
    if id(value) in parents:
        raise ValueError("Circular reference detected")
    parents.add(id(value))
    as_dict = None if isinstance(value, type) else getattr(value, "_asdict", None)
    if isinstance(value, dict):
        _encode_dict(value, put, parents)
    elif callable(as_dict):
        _encode_dict(as_dict(), put, parents)
    elif isinstance(value, (list, tuple)):
        _encode_list(value, put, parents)
    else:
        put(_raw(value))
    parents.discard(id(value))


def _encode_dict(value, put, parents):
    lead = "{"
    for key, item in value.items():
        put(lead)
        put(_quote(_key(key)))
        put(": ")
        _encode(item, put, parents)
        lead = ", "
    put("}" if lead != "{" else "{}")


def _encode_list(value, put, parents):
    lead = "["
    for item in value:
        put(lead)
        _encode(item, put, parents)
        lead = ", "
    put("]" if lead != "[" else "[]")


def _key(key):
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return key.decode("utf-8")
    if key is None or key is True or key is False:
        return _constant(key)
    if isinstance(key, float):
        return _float(key)
    if isinstance(key, int):
        return int.__repr__(key)
    raise TypeError("keys must be str, int, float, bool or None, not " + type(key).__name__)


def _constant(value):
    return "null" if value is None else "true" if value else "false"


def _float(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def _raw(value):
    # By name, so that a function that needs no decimals does not pay for the
    # import of the module.
    kind = type(value)
    if any(c.__name__ == "Decimal" and c.__module__ == "decimal" for c in kind.__mro__):
        return "NaN" if value.is_nan() else str(value)
    raise TypeError("Object of type %s is not JSON serializable" % kind.__name__)
