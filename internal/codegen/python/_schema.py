"""Judge JSON data by the schemas of events.

The schemas stand in the folder beside this file, as JSON Schema (draft 4).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MOST = 5  # problems that are told at once


class InvalidData(ValueError):
    """The data of an event is not what its schema says."""


def check(name: str, data: object) -> None:
    """Raise InvalidData unless data is what the schema of that name says."""
    problems: list[str] = []
    for problem in find_problems(load(name), data, ""):
        problems.append(problem)
        if len(problems) == MOST:
            break
    if problems:
        raise InvalidData(f"{name}: " + "; ".join(problems))


@cache
def load(name: str) -> dict[str, Any]:
    """Return the schema of that name."""
    schema: dict[str, Any] = read(f"schemas/{name}.json")
    return schema


@cache
def load_patterns() -> dict[str, re.Pattern[str]]:
    """Return the patterns of all schemas as Python writes them."""
    return {key: re.compile(text) for key, text in read("patterns.json").items()}


def read(path: str) -> Any:
    """Return what a JSON file beside this one says."""
    return json.loads((FOLDER / path).read_text(encoding="utf-8"))


def find_problems(schema: dict[str, Any], value: object, at: str) -> Iterator[str]:
    """Yield what is wrong with value; at is its place, as a JSON pointer."""
    types = schema.get("type")
    if types is None:
        return
    kind = kind_of(value)
    wanted = types if isinstance(types, list) else [types]
    if kind not in wanted and not (kind == "integer" and "number" in wanted):
        yield tell(at, f"it is {article(kind)} and must be {article(wanted[0])}")
    elif isinstance(value, str):
        yield from text_problems(schema, value, at)
    elif isinstance(value, dict):
        yield from object_problems(schema, value, at)
    elif isinstance(value, list):
        yield from array_problems(schema, value, at)
    elif isinstance(value, (int, float)) and kind != "boolean":
        yield from number_problems(schema, value, at)


def kind_of(value: object) -> str:
    """Return the JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or isinstance(value, float) and value.is_integer():
        return "integer"
    if isinstance(value, float) and math.isfinite(value):
        return "number"
    for cls, name in ((str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, cls):
            return name
    return f"{type(value).__name__}, which is no JSON"


def article(kind: str) -> str:
    """Return a type with its article."""
    if kind in ("array", "object", "integer"):
        return f"an {kind}"
    return f"a {kind}" if kind in ("string", "number", "boolean") else kind


def tell(at: str, message: str) -> str:
    """Return a problem with its place."""
    return f"{at}: {message}" if at else message


def text_problems(schema: dict[str, Any], value: str, at: str) -> Iterator[str]:
    """Yield what is wrong with a text."""
    if "enum" in schema and value not in schema["enum"]:
        values = ", ".join(v for v in schema["enum"] if v is not None)
        yield tell(at, f"it must be one of {values}")
    if "format" in schema and not has_format(schema["format"], value):
        yield tell(at, f"it must be of the format {schema['format']}")
    if len(value) < schema.get("minLength", 0):
        yield tell(at, f"it must have at least {schema['minLength']} characters")
    if len(value) > schema.get("maxLength", len(value)):
        yield tell(at, f"it must have at most {schema['maxLength']} characters")
    pattern = schema.get("pattern")
    if pattern is not None and not load_patterns()[pattern].search(value):
        yield tell(at, f"it must match {pattern}")


def number_problems(schema: dict[str, Any], value: float, at: str) -> Iterator[str]:
    """Yield what is wrong with a number."""
    if value < schema.get("minimum", value):
        yield tell(at, f"it must be at least {schema['minimum']}")
    if value > schema.get("maximum", value):
        yield tell(at, f"it must be at most {schema['maximum']}")


def array_problems(schema: dict[str, Any], value: list[Any], at: str) -> Iterator[str]:
    """Yield what is wrong with an array."""
    if len(value) < schema.get("minItems", 0):
        yield tell(at, f"it must have at least {schema['minItems']} items")
    if len(value) > schema.get("maxItems", len(value)):
        yield tell(at, f"it must have at most {schema['maxItems']} items")
    for index, item in enumerate(value):
        yield from find_problems(schema["items"], item, f"{at}/{index}")


def object_problems(
    schema: dict[str, Any], value: dict[str, Any], at: str
) -> Iterator[str]:
    """Yield what is wrong with an object."""
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        place = f"{at}/" + name.replace("~", "~0").replace("/", "~1")
        if name in value:
            yield from find_problems(inner, value[name], place)
        elif name in required:
            yield tell(place, "it is missing")


FORMS = {
    "uuid": re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\t\n\f\r ]+"),
    "email": re.compile(r"[^@\t\n\f\r ]+@[^@\t\n\f\r ]+"),
    "date": re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})"),
    "date-time": re.compile(
        r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
        r"(?:\.[0-9]+)?(?:[Zz]|[+-]([0-9]{2}):([0-9]{2}))"
    ),
}


def has_format(name: str, text: str) -> bool:
    """Tell whether a text is of a format."""
    found = FORMS[name].fullmatch(text)
    if found is None:
        return False
    if not name.startswith("date"):
        return True
    numbers = [int(group or 0) for group in found.groups()]
    try:
        date(max(numbers[0], 1), numbers[1], numbers[2])
        if name == "date-time":
            time(numbers[3], numbers[4], numbers[5])
            time(numbers[6], numbers[7])
    except ValueError:
        return False
    return True
