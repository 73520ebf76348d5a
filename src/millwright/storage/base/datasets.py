"""Records of dataset versions (the rows themselves are in Delta tables)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.ids import Digest
    from millwright.core.records.dataset import (
        DatasetState,
        DatasetTagRecord,
        DatasetVersionRecord,
        ErasureRecord,
        SourceCursorRecord,
    )


class DatasetStore(ABC):
    """Which versions of which datasets exist, how people name them, and how far their sources were read."""

    @abstractmethod
    def create_version(self, record: DatasetVersionRecord) -> DatasetVersionRecord:
        """Add a version; its number in the record is replaced by the next free one.

        Returns:
            The record as stored, with its version number.
        """

    @abstractmethod
    def get_version(self, dataset: str, version: int | None = None) -> DatasetVersionRecord:
        """A version, the latest when None.

        Raises:
            NotFoundError: No such dataset or version; the message names the closest dataset.
        """

    @abstractmethod
    def find_by_digest(self, dataset: str, digest: Digest) -> DatasetVersionRecord | None:
        """The latest version of a dataset with exactly these rows, of those whose rows can still be read."""

    @abstractmethod
    def find_by_source(self, dataset: str, source_digest: Digest) -> DatasetVersionRecord | None:
        """The latest version read from exactly these source bytes, of those whose rows can still be read."""

    @abstractmethod
    def find_at(self, dataset: str, moment: datetime) -> DatasetVersionRecord | None:
        """The latest version that was created at a moment or before; None when there was none."""

    @abstractmethod
    def list_datasets(self) -> list[DatasetVersionRecord]:
        """The latest version of every dataset, by name."""

    @abstractmethod
    def list_versions(self, dataset: str) -> list[DatasetVersionRecord]:
        """Versions of a dataset, newest first; empty when there is none."""

    @abstractmethod
    def set_state(self, dataset: str, version: int, state: DatasetState) -> None:
        """Say whether a version's rows can be read; nothing when it is in that state already.

        Raises:
            NotFoundError: No such dataset or version.
            StateTransitionError: The version is expired and should be available again, or a tag names it and it
                should expire.
        """

    @abstractmethod
    def amend_version(self, record: DatasetVersionRecord) -> None:
        """Replace where a version's rows are and what is known of them.

        Done after some were erased from it, and when its profile was computed later, for nothing else. Replaced
        are digest, table, rows, details and profile; every other field stays as it was stored.

        Raises:
            NotFoundError: No such dataset or version.
        """

    @abstractmethod
    def set_contract(self, dataset: str, version: int, contract: str) -> None:
        """Record that a version's rows hold a contract, in the place of one that was recorded before.

        Args:
            dataset: The dataset's name.
            version: Which version.
            contract: The contract, as `name@2`.

        Raises:
            NotFoundError: No such dataset or version.
        """

    @abstractmethod
    def set_tag(self, record: DatasetTagRecord) -> None:
        """Give a version a name; the version that had it before has it no longer.

        Raises:
            NotFoundError: No such dataset or version.
            StateTransitionError: The version is expired.
        """

    @abstractmethod
    def delete_tag(self, dataset: str, tag: str) -> None:
        """Take a name away from the version that has it; nothing when none has."""

    @abstractmethod
    def find_tag(self, dataset: str, tag: str) -> DatasetTagRecord | None:
        """Which version has a name."""

    @abstractmethod
    def list_tags(self, dataset: str | None = None) -> list[DatasetTagRecord]:
        """The tags of a dataset, or of all, by dataset and tag."""

    @abstractmethod
    def find_cursor(self, dataset: str, source: str) -> SourceCursorRecord | None:
        """How far a source was read into a dataset."""

    @abstractmethod
    def put_cursor(self, record: SourceCursorRecord) -> None:
        """Remember how far a source was read, instead of what was remembered of it."""

    @abstractmethod
    def list_cursors(self, dataset: str | None = None) -> list[SourceCursorRecord]:
        """The cursors of a dataset, or of all, by dataset and source."""

    @abstractmethod
    def add_erasure(self, record: ErasureRecord) -> None:
        """Keep that rows were erased.

        Raises:
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def list_erasures(self, dataset: str | None = None) -> list[ErasureRecord]:
        """Erasures in a dataset, or in all, newest first."""
