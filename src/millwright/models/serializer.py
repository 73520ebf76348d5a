"""Models as step outputs of pipelines, stored as packages."""

from __future__ import annotations

from typing import Any

from millwright.models.model import Model
from millwright.models.package import pack, unpack


class ModelSerializer:
    """Fits the serializer protocol of pipelines by its shape.

    Args:
        allow_code: Whether models that are Python code may be read, which runs them.
    """

    name = "model"

    def __init__(self, *, allow_code: bool = False) -> None:
        self._allow_code = allow_code

    def handles(self, value_type: type) -> bool:
        """True for `Model`."""
        return isinstance(value_type, type) and issubclass(value_type, Model)

    def dumps(self, value: Any) -> bytes:
        """The model as a package without a compilation."""
        return pack(value)

    def loads(self, data: bytes, annotation: Any) -> Model:
        """The model of a package; the annotation decides nothing."""
        del annotation
        return unpack(data, allow_code=self._allow_code)
