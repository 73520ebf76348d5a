"""Searches in the registry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.model import AliasRecord, ModelVersionRecord, RegisteredModelRecord
    from millwright.core.records.search import Page, Query

    Tag = tuple[str, str]


class ModelSearchStore(ABC):
    """Finds registered models and versions; `ModelStore` keeps them.

    Conditions may name the attributes of the method, and tags by their key. A comparison with a tag that is not there
    is false. Pages go on behind the last record of the page before, whatever was added or removed meanwhile.
    """

    @abstractmethod
    def search_models(
        self, query: Query, *, without: Tag | None = None, projects: Sequence[str] | None = None
    ) -> Page[RegisteredModelRecord]:
        """Models by `name`, `creation_timestamp` and `last_updated_timestamp`; ties by name.

        Args:
            query: What to find.
            without: A tag's key and value: models that carry it are left out.
            projects: Only models of these; of all when None.

        Raises:
            InvalidInputError: A field, operator or token is not one of this search.
        """

    @abstractmethod
    def search_versions(
        self, query: Query, *, without: Tag | None = None, projects: Sequence[str] | None = None
    ) -> Page[ModelVersionRecord]:
        """Versions by what their models have, and `version_number`, `run_id` and `source_path`.

        Ties are broken by name, then the newest version first.

        Args:
            query: What to find.
            without: A tag's key and value: versions of models of which any version carries it are left out.
            projects: Only versions of these models; of all when None.

        Raises:
            InvalidInputError: A field, operator or token is not one of this search.
        """

    @abstractmethod
    def list_latest(self, names: Sequence[str]) -> Mapping[str, Sequence[ModelVersionRecord]]:
        """The newest version in each stage of each of these models, the oldest first."""

    @abstractmethod
    def list_aliases_of(self, names: Sequence[str]) -> Mapping[str, Sequence[AliasRecord]]:
        """The aliases of each of these models, by alias."""
