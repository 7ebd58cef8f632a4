"""What is known of an event beside its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from . import _model, _schema

T = TypeVar("T")


@dataclass(frozen=True)
class EventType(Generic[T]):
    """An event of the board: what its data is, and how it is known on the bus."""

    model: type[T]
    schema: str  # its file's name
    version: int
    sources: list[str]  # the present one first, then those that it had
    detail_types: list[str]  # in the same order

    def matches(self, source: object, detail_type: object) -> bool:
        """Tell whether an event on the bus is one of this type."""
        return source in self.sources and detail_type in self.detail_types

    def read(self, detail: object) -> T:
        """Return the data of an event, which is checked."""
        _schema.check(self.schema, detail)
        return _model.read(self.model, detail)

    def write(self, data: T, carried: dict[str, str]) -> dict[str, Any]:
        """Return the data of an event as JSON, with what is carried along."""
        detail = {**_model.write(data), **carried}
        _schema.check(self.schema, detail)
        return detail
