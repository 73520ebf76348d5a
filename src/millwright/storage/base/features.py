"""Definitions of features, and what was brought online."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.core.ids import MaterializationId
    from millwright.core.records.feature import FeatureDefinitionRecord, FeatureKind, MaterializationRecord


class FeatureDefinitionStore(ABC):
    """Versions of definitions, and materializations; the values themselves are in datasets and in online stores.

    Threads and processes may share it; what a call wrote is durable when it returns, or when the transaction that it
    is a part of ends.
    """

    @abstractmethod
    def put(self, record: FeatureDefinitionRecord) -> FeatureDefinitionRecord:
        """Record what a definition is now.

        When the latest version has the same digest, it takes over what the record says for people (the definition's
        text, description, owner, tags, sources, code) and is not retired any more; otherwise the record becomes the
        next version.

        Args:
            record: Its version does not count, nor, when the version is there, its time and actor.

        Returns:
            The record as it is kept.
        """

    @abstractmethod
    def get(self, kind: FeatureKind, name: str, version: int | None = None) -> FeatureDefinitionRecord:
        """A version of a definition; the latest when none is named. Retired ones are found, too.

        Raises:
            NotFoundError: There is no such definition or version; the message names the closest.
        """

    @abstractmethod
    def list_versions(self, kind: FeatureKind, name: str) -> list[FeatureDefinitionRecord]:
        """All versions of a definition, newest first; empty when there is none."""

    @abstractmethod
    def list_latest(
        self, kind: FeatureKind | None = None, *, text: str = "", retired: bool = False
    ) -> list[FeatureDefinitionRecord]:
        """The latest version of each definition, by kind and name.

        Args:
            kind: Only of this kind.
            text: Only those in which every word of it stands, in capitals or not: in the name, the description, the
                owner, a tag, a source, or in what is declared (names of features, keys, columns).
            retired: Whether to list retired ones, too.
        """

    @abstractmethod
    def retire(self, kind: FeatureKind, name: str) -> FeatureDefinitionRecord:
        """Offer a definition no more; its versions stay. Nothing when it is retired already.

        Raises:
            NotFoundError: There is no such definition.
        """

    @abstractmethod
    def add_materialization(self, record: MaterializationRecord) -> None:
        """Add a materialization.

        Raises:
            AlreadyExistsError: The id is taken.
        """

    @abstractmethod
    def update_materialization(self, record: MaterializationRecord) -> None:
        """Replace a materialization.

        Raises:
            NotFoundError: There is none with its id.
        """

    @abstractmethod
    def get_materialization(self, materialization_id: MaterializationId) -> MaterializationRecord:
        """A materialization.

        Raises:
            NotFoundError: There is none with this id.
        """

    @abstractmethod
    def list_materializations(self, view: str | None = None, *, limit: int = 50) -> list[MaterializationRecord]:
        """Materializations (of one view), the one that began last first."""
