"""That a source was read on: from one position to the next, in the transaction of the version that holds the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError
from millwright.core.records.dataset import SourceCursorRecord

if TYPE_CHECKING:
    from millwright.storage.base.datasets import DatasetStore


@dataclass(frozen=True, kw_only=True, slots=True)
class CursorMove:
    """How far a source had been read, and how far it is with the rows that are written.

    Attributes:
        before: What the reader found; None when the source was never read.
        after: What to remember.
    """

    before: SourceCursorRecord | None
    after: SourceCursorRecord

    def check(self, datasets: DatasetStore) -> None:
        """See that nobody else has read on meanwhile.

        Raises:
            ConflictError: Somebody has: the rows would be there twice.
        """
        if datasets.find_cursor(self.after.dataset, self.after.source) != self.before:
            raise ConflictError(
                f"Another process has read on from {self.after.source} into '{self.after.dataset}' meanwhile.",
                hint="Try again: what it read will not be read twice.",
            )

    def put(self, datasets: DatasetStore) -> None:
        """Remember the new position; inside the transaction that records the rows. Raises as `check` does."""
        self.check(datasets)
        datasets.put_cursor(self.after)
