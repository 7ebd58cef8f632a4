"""Events as frozen dataclasses."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar, cast

from . import _schema

T = TypeVar("T")
M = TypeVar("M", bound="Model")  # Self is of Python 3.11


class Model:
    """A JSON object. Every class that is one is a dataclass."""

    @classmethod
    def from_dict(cls: type[M], data: Mapping[str, Any]) -> M:  # noqa: PYI019
        """Return the object that JSON data stands for. Other fields are ignored."""
        return build(cls, data)

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON data, without what is None and may be left out."""
        data = {}
        for field in dataclasses.fields(cast(Any, self)):
            value = getattr(self, field.name)
            if value is not None or field.default is dataclasses.MISSING:
                data[field.metadata.get("name", field.name)] = encode(value)
        return data


class Event(Model):
    """The data of an event."""

    @classmethod
    def from_dict(cls: type[M], data: Mapping[str, Any]) -> M:  # noqa: PYI019
        """Return the event that JSON data stands for; raise InvalidData if none."""
        _schema.check(cls.__name__, data)
        return build(cls, data)


def build(cls: type[T], data: Mapping[str, Any]) -> T:
    """Return the object of a class that JSON data stands for."""
    values = {}
    for attribute, name, hint in fields(cast(Any, cls)):
        if name in data:
            values[attribute] = decode(hint, data[name])
    return cls(**values)


@cache
def fields(cls: type[Any]) -> list[tuple[str, str, Any]]:
    """Return attribute, name and type of all fields of a dataclass."""
    hints = typing.get_type_hints(cls)
    return [
        (field.name, field.metadata.get("name", field.name), hints[field.name])
        for field in dataclasses.fields(cls)
    ]


def decode(hint: Any, value: Any) -> Any:
    """Return a JSON value as its type wants it."""
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin is types.UnionType or origin is typing.Union:
        return decode(typing.get_args(hint)[0], value)
    if origin is list:
        return [decode(typing.get_args(hint)[0], item) for item in value]
    if isinstance(hint, type) and issubclass(hint, Model):
        return build(hint, value)
    return value


def encode(value: Any) -> Any:
    """Return a value as JSON data."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def read(model: type[T], detail: Any) -> T:
    """Return the data of an event, which was checked."""
    return build(model, detail)


def write(data: Any) -> dict[str, Any]:
    """Return the data of an event as JSON data, not yet checked."""
    return cast(Model, data).to_dict()
