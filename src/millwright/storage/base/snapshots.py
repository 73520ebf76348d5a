"""All records at once: for backups, and to know what is still named."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from millwright.core.ids import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")


def digests_in(line: bytes) -> set[Digest]:
    """Everything in a line of a snapshot that looks like a digest."""
    return {Digest(found.decode()) for found in _DIGEST.findall(line)}


class SnapshotStore(ABC):
    """Every record of every family, as one text that any back-end can read.

    The text is JSON lines: `{"table": …, "columns": […]}`, then one array for each row, and so on for each table.
    """

    @property
    @abstractmethod
    def revision(self) -> str:
        """The revision of the tables, which must be the same where a text is loaded."""

    @abstractmethod
    def dump(self) -> Iterator[bytes]:
        """The lines, all of one moment, while others go on writing; read as they are asked for."""

    @abstractmethod
    def load(self, lines: Iterable[bytes]) -> int:
        """Add every record of a text as one change.

        Returns:
            How many rows there were.

        Raises:
            ConflictError: There are records already.
            InvalidInputError: The text is not one that `dump` gave at this revision.
        """

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether nothing was recorded yet (what every new store holds does not count)."""

    @abstractmethod
    def named_digests(self) -> set[Digest]:
        """Every digest that any text of any record holds: whatever looks like one counts."""
