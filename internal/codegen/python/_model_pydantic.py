"""Events as frozen models of pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict

from . import _schema

T = TypeVar("T")
M = TypeVar("M", bound="Model")  # Self is of Python 3.11


class Model(BaseModel):
    """A JSON object."""

    model_config = ConfigDict(
        frozen=True,
        populate_by_name=True,
        protected_namespaces=(),
    )

    @classmethod
    def from_dict(cls: type[M], data: Mapping[str, Any]) -> M:  # noqa: PYI019
        """Return the object that JSON data stands for. Other fields are ignored."""
        return cls.model_validate(dict(data))

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON data, without what is None and may be left out."""
        data = {}
        for attribute, field in type(self).model_fields.items():
            value = getattr(self, attribute)
            if value is not None or field.is_required():
                alias = field.serialization_alias  # it may be empty
                data[attribute if alias is None else alias] = encode(value)
        return data


class Event(Model):
    """The data of an event."""

    @classmethod
    def from_dict(cls: type[M], data: Mapping[str, Any]) -> M:  # noqa: PYI019
        """Return the event that JSON data stands for; raise InvalidData if none."""
        _schema.check(cls.__name__, data)
        return cls.model_validate(dict(data))


def encode(value: Any) -> Any:
    """Return a value as JSON data."""
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, list):
        return [encode(item) for item in value]
    return value


def read(model: type[T], detail: Any) -> T:
    """Return the data of an event, which was checked."""
    return cast(T, cast("type[Model]", model).model_validate(detail))


def write(data: Any) -> dict[str, Any]:
    """Return the data of an event as JSON data, not yet checked."""
    return cast(Model, data).to_dict()
