"""What is asked of an ingestion, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from millwright.core.errors import InvalidInputError, closest
from millwright.core.ids import StepRunId
from millwright.data.datasets.dataset import Dataset
from millwright.data.sources.request import SourceOptions

INCREMENTS = ("files", "column", "changes")
MODES = ("overwrite", "append", "merge")


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestOptions:
    """How a source becomes a version.

    Attributes:
        reading: How to read it.
        mode: `overwrite` (the version holds its rows alone), `append` (behind those that are there) or `merge` (by
            key). Empty: `overwrite` for whole reads; for increments `merge` with a key and else `append`.
        key: The columns that identify a row; for `merge`.
        evolve: Whether append and merge may add columns and widen types.
        incremental: What tells new rows from those that were read before: `files` (those of a folder or pattern that
            were not there), `column` (rows with a higher value in `column`) or `changes` (a Delta table's change feed,
            or a Kafka topic's next messages). Empty: the source is read whole.
        column: The cursor column.
        step_run_id: The step run that does it.
    """

    reading: SourceOptions = field(default_factory=SourceOptions)
    mode: Literal["", "overwrite", "append", "merge"] = ""
    key: tuple[str, ...] = ()
    evolve: bool = False
    incremental: Literal["", "files", "column", "changes"] = ""
    column: str = ""
    step_run_id: StepRunId | None = None

    @property
    def effective_mode(self) -> Literal["overwrite", "append", "merge"]:
        """The mode, also where none was named."""
        if self.mode:
            return self.mode
        if self.key:
            return "merge"
        return "append" if self.incremental else "overwrite"

    def check(self) -> None:
        """See that the options go together.

        Raises:
            InvalidInputError: They don't.
        """
        for name, value, known in (("mode", self.mode, MODES), ("incremental", self.incremental, INCREMENTS)):
            if value and value not in known:
                raise InvalidInputError(
                    f"Expected {name} as one of {', '.join(known)}, found '{value}'.", hint=closest(value, known)
                )
        if self.effective_mode == "merge" and not self.key:
            raise InvalidInputError(
                "Expected the key by which to merge, found none.", hint="Name its columns with --key."
            )
        if self.incremental and self.effective_mode == "overwrite":
            raise InvalidInputError(
                "Expected to append or merge what is new, found the mode 'overwrite'.",
                hint="Leave out --incremental or --mode.",
            )
        if (self.incremental == "column") != bool(self.column):
            raise InvalidInputError(
                "Expected a cursor column exactly for increments by column.",
                hint="Say --incremental column --cursor NAME.",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Ingested:
    """What came of an ingestion.

    Attributes:
        dataset: The version that holds the rows; the one that was there when nothing was new.
        rows: How many rows were read; 0 also where the source is known to be unchanged.
        is_new: Whether there is a version that was not there before.
    """

    dataset: Dataset
    rows: int
    is_new: bool
