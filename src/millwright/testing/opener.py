"""Opens the stores at some place, here or in another process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from millwright.storage.catalog import open_online, open_stores

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreOpener:
    """Opens one store, or all of them; can be pickled.

    Attributes:
        family: The attribute of `Stores`, such as `runs`; empty for the `Stores` themselves.
    """

    records_url: str
    artifacts_url: str
    predictions_url: str
    family: str = ""

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        """The store, open for as long as the context."""
        stores = open_stores(
            records_url=self.records_url, artifacts_url=self.artifacts_url, predictions_url=self.predictions_url
        )
        try:
            yield getattr(stores, self.family) if self.family else stores
        finally:
            stores.close()


@dataclass(frozen=True, slots=True)
class OnlineOpener:
    """Opens an online store; can be pickled.

    Attributes:
        url: As the setting `online` names it.
    """

    url: str

    @contextmanager
    def __call__(self) -> Iterator[Any]:
        """The store, open for as long as the context."""
        store = open_online(self.url)
        try:
            yield store
        finally:
            store.close()
