"""Records of dataset versions (the rows themselves are in Delta tables)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.ids import Digest
    from millwright.core.records.dataset import DatasetVersionRecord


class DatasetStore(ABC):
    """Which versions of which datasets exist."""

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
        """The latest version of a dataset with exactly these rows."""

    @abstractmethod
    def find_by_source(self, dataset: str, source_digest: Digest) -> DatasetVersionRecord | None:
        """The latest version of a dataset read from exactly these source bytes."""

    @abstractmethod
    def list_datasets(self) -> list[DatasetVersionRecord]:
        """The latest version of every dataset, by name."""

    @abstractmethod
    def list_versions(self, dataset: str) -> list[DatasetVersionRecord]:
        """Versions of a dataset, newest first; empty when there is none."""
