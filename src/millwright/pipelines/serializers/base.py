"""What a serializer and an adapter are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol


class Serializer(Protocol):
    """Turns values of some types into bytes and back.

    `dumps` gives the same bytes for equal values, on every machine: the digest of the bytes is the value's identity in
    cache keys. An optional method `share(value)` gives a handle that a second step may change without the first one's
    value changing; without it a value is read back from its bytes for each step.
    """

    name: str

    def handles(self, value_type: type) -> bool:
        """Whether values of exactly this type are its own."""
        ...

    def dumps(self, value: Any) -> bytes:
        """The value as bytes.

        Raises:
            TypeError: Something inside the value cannot be stored.
            ValueError: The same.
        """
        ...

    def loads(self, data: bytes, annotation: Any) -> Any:
        """The value of some bytes.

        Args:
            data: What `dumps` gave.
            annotation: The type that the step asks for; `Any` for the type that was stored.
        """
        ...


@dataclass(frozen=True, slots=True)
class Adapter:
    """A conversion that is applied when a step asks for another type than the one stored.

    Attributes:
        source: The type that a step returned.
        target: The type that a later step's parameter is annotated with.
        convert: Makes the one from the other.
    """

    source: type
    target: type
    convert: Callable[[Any], Any]
