"""What a serializer and an adapter are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.ids import Digest

if TYPE_CHECKING:
    from millwright.storage.base import ArtifactStore


class Serializer(Protocol):
    """Turns values of some types into bytes and back.

    `dumps` gives the same bytes for equal values, on every machine: the digest of the bytes is the value's identity in
    cache keys. Beside what stands here, a serializer may have:

    - `library`, a text: the package whose objects it reads, which counts by its version for steps that are given them.
    - `share(value)`: gives a handle that a second step may change without the first one's value changing; without it a
      value is read back from its bytes for each step.
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


class PartSerializer(Protocol):
    """Of values that consist of several blobs, such as a folder of files: only those that are new are stored.

    Such a serializer has `store` and `fetch` where others have `dumps` and `loads`.
    """

    name: str

    def handles(self, value_type: type) -> bool:
        """See `Serializer.handles`."""
        ...

    def store(self, value: Any, artifacts: ArtifactStore) -> tuple[bytes, tuple[Digest, ...]]:
        """Store the parts of a value.

        Returns:
            Bytes that stand for the whole value (the same for equal values: they name the parts by digest), and the
            digests of the parts.

        Raises:
            TypeError: Something inside the value cannot be stored.
            ValueError: The same.
        """
        ...

    def fetch(self, data: bytes, annotation: Any, artifacts: ArtifactStore) -> Any:
        """The value again.

        Args:
            data: What `store` gave.
            annotation: The type that the step asks for; `Any` for the type that was stored.
            artifacts: Where the parts are.
        """
        ...


class ContentSerializer(Serializer, Protocol):
    """Of containers whose type alone does not tell what they hold: a dictionary of arrays is a dictionary."""

    def holds(self, value: Any) -> bool:
        """Whether a value is its own."""
        ...

    def promises(self, hint: Any) -> bool:
        """Whether values of an annotated type are its own."""
        ...


@dataclass(frozen=True, slots=True)
class DumpedValue:
    """A value in its stored form.

    Attributes:
        serializer: The name of the serializer that wrote it.
        data: The bytes; their digest is the value's identity.
        parts: Digests of blobs that were stored beside them; a record has to name them, or they are collected.
    """

    serializer: str
    data: bytes
    parts: tuple[Digest, ...] = ()


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
