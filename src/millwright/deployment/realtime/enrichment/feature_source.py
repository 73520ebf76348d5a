"""What looking up features needs of the feature store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.data.features.online.reader import OnlineReader
    from millwright.data.features.view import FeatureSelection


class FeatureSource(Protocol):
    """Definitions as they were recorded, and their newest values; `OnlineFeatures` is one."""

    def recorded(self, definitions: Sequence[str]) -> tuple[FeatureSelection, ...]:
        """The selections of a service in the versions that a model was trained with.

        Raises:
            NotFoundError: A version is not recorded, or the code of its Python function is not there.
        """
        ...

    def reader(self, features: Sequence[FeatureSelection]) -> OnlineReader:
        """What reads some selections again and again.

        Raises:
            StorageError: The store cannot be reached.
        """
        ...
