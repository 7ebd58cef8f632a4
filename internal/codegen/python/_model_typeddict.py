"""Events as dictionaries with types."""

from __future__ import annotations

from typing import Any, TypeVar, cast

T = TypeVar("T")


def read(model: type[T], detail: Any) -> T:
    """Return the data of an event, which was checked."""
    return cast(T, detail)


def write(data: Any) -> dict[str, Any]:
    """Return the data of an event as JSON data, not yet checked."""
    return dict(data)
