"""The newest feature values of each entity, for reading while a prediction waits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from struct import Struct
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ORDER_BYTES = 16
_ORDER = Struct(">QQ")
_OFFSET = 1 << 63
_LONGEST_VIEW = 200


class OnlineRow(NamedTuple):
    """What is known of one entity in one view.

    Attributes:
        key: Names the entity; at least one byte.
        event_us: Since when the value holds, in microseconds since 1970.
        created_us: When it was recorded; None where nobody knows, which is older than any moment.
        value: The features, as whoever writes codes them.
    """

    key: bytes
    event_us: int
    created_us: int | None
    value: bytes


class Swap(NamedTuple):
    """A change of one value that holds only if nobody else made one meanwhile.

    Attributes:
        expected: The value as it was read; None if there was none.
        value: The new one.
    """

    key: bytes
    expected: bytes | None
    value: bytes


class OnlineStore(ABC):
    """One value per view and key: the newest that was put.

    Views are names of up to 200 bytes in UTF-8; one without rows does not exist. The promises of `storage.base` hold
    but for transactions: each call is a change of its own, and none of the records'. A `put` of many rows is durable
    when it returns; while it runs, others may see a part of them, and a process that is killed may leave a part. As the
    newest always wins, putting them again makes that good. A store may be used in a child that was forked.

    Attributes:
        rows_a_put: How many rows are cheapest to put at a time, when there are many.
    """

    rows_a_put: ClassVar[int] = 2_000

    @abstractmethod
    def put(self, view: str, rows: Sequence[OnlineRow], *, replace: bool = False) -> int:
        """Put rows; the store itself compares (event_us, created_us), and keeps the newest of each key.

        Args:
            view: The view's name.
            rows: Any number, in any order. Of equal moments, the one that is put later stays.
            replace: Put them whatever is there, even if it is newer. Of one key the last row stays.

        Returns:
            How many keys have one of these rows now that had another, or none, before or were put anew.
        """

    @abstractmethod
    def get(self, wanted: Sequence[tuple[str, Sequence[bytes]]]) -> list[list[bytes | None]]:
        """Values of many keys of several views, in one exchange with the store.

        Args:
            wanted: Views, each with its keys; a view or key may come twice.

        Returns:
            For each pair a list as long as its keys, in their order; None where there is no value.
        """

    def get_one(self, view: str, key: bytes) -> bytes | None:
        """The value of one key; None where there is none."""
        return self.get(((view, (key,)),))[0][0]

    @abstractmethod
    def swap(self, view: str, changes: Sequence[Swap]) -> list[bool]:
        """Change values that are still as they were read; each change is atomic.

        Such values have no moment: a `put` always replaces them.

        Args:
            view: The view's name.
            changes: Any number; their keys must differ.

        Returns:
            For each change, whether it was made. When it was not, read and try again.
        """

    @abstractmethod
    def count(self, view: str) -> int:
        """How many keys have a value."""

    @abstractmethod
    def iter_keys(self, view: str) -> Iterator[bytes]:
        """Every key, once, in no certain order; of those put or deleted meanwhile, some."""

    @abstractmethod
    def delete(self, view: str, keys: Sequence[bytes]) -> int:
        """Forget keys.

        Returns:
            How many had a value.
        """

    @abstractmethod
    def drop(self, view: str) -> None:
        """Forget everything of a view, its state too."""

    @abstractmethod
    def list_views(self) -> list[str]:
        """Views that have a row, sorted."""

    @abstractmethod
    def get_state(self, view: str) -> bytes | None:
        """What was noted of a view's materialization."""

    @abstractmethod
    def put_state(self, view: str, state: bytes) -> None:
        """Note how far a view's materialization is."""

    @abstractmethod
    def close(self) -> None:
        """Close what is open; a store that is used again opens anew."""


def order_of(row: OnlineRow) -> bytes:
    """Sixteen bytes that compare as (event_us, created_us) do.

    Raises:
        InvalidInputError: A moment does not fit into 64 bits.
    """
    created = row.created_us
    if -_OFFSET <= row.event_us < _OFFSET and (created is None or -_OFFSET < created < _OFFSET):
        return _ORDER.pack(row.event_us + _OFFSET, 0 if created is None else created + _OFFSET)
    raise InvalidInputError(
        f"Expected moments in microseconds that fit into 64 bits, found {row.event_us} and {created}.",
        hint="Microseconds since 1970, UTC.",
    )


def newest_rows(rows: Sequence[OnlineRow], *, replace: bool) -> list[tuple[bytes, bytes, bytes]]:
    """(key, order, value) of the row that stays of each key, sorted by key.

    Sorted, so that stores that lock single rows cannot block one another.

    Raises:
        InvalidInputError: A key is empty.
    """
    found: dict[bytes, tuple[bytes, bytes]] = {}
    for row in rows:
        order = order_of(row)
        known = found.get(row.key)
        if known is None or replace or order >= known[0]:
            found[row.key] = (order, row.value)
    check_keys(found)
    return [(key, *found[key]) for key in sorted(found)]


def check_view(view: str) -> bytes:
    """A view's name in UTF-8.

    Raises:
        InvalidInputError: It is empty, too long, or holds a null character.
    """
    name = view.encode("utf-8", "surrogatepass")
    if not name or len(name) > _LONGEST_VIEW or b"\0" in name or not _is_text(name):
        raise InvalidInputError(
            f"Expected a view's name of 1 to {_LONGEST_VIEW} bytes, found {view[:50]!r}.", hint="Name it otherwise."
        )
    return name


def check_keys(keys: Sequence[bytes] | dict[bytes, tuple[bytes, bytes]]) -> None:
    """See that no key is empty.

    Raises:
        InvalidInputError: One is.
    """
    if b"" in keys:
        raise InvalidInputError("Expected keys of at least one byte, found an empty one.", hint="Name an entity.")


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
