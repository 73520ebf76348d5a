"""What is known of the versions that answer: their cells, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.errors import NotFoundError
from millwright.models.signature import Signature
from millwright.monitoring.reference import DOCUMENT, load_reference
from millwright.monitoring.summaries.table import TableGrid

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores

_MOST = 16  # a follower that runs for months sees many versions


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class KnownVersion:
    """One version of a model.

    Attributes:
        grid: Its cells; None without a reference.
        signature: What it takes and answers; None likewise.
        reason: Why there is no grid; empty when there is one.
    """

    grid: TableGrid | None = None
    signature: Signature | None = None
    reason: str = ""

    @property
    def digest(self) -> str:
        """Of the cells; empty without."""
        return self.grid.digest if self.grid is not None else ""


class KnownVersions:
    """The cells of versions, made once from their references and kept for the latest sixteen.

    Args:
        stores: Versions and their documents.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._found: dict[tuple[str, int], KnownVersion] = {}

    def find(self, model: str, version: int) -> KnownVersion:
        """What is known of a version; without a grid when it is not registered or has no reference."""
        key = (model, version)
        found = self._found.pop(key, None)
        if found is None:
            found = self._load(model, version)
        if found.grid is not None:  # a version that is registered later, or gets its reference, is asked for again
            self._found[key] = found
            while len(self._found) > _MOST:
                del self._found[next(iter(self._found))]
        return found

    def _load(self, model: str, version: int) -> KnownVersion:
        try:
            record = self._stores.models.get_version(model, version)
        except NotFoundError:
            return KnownVersion(reason=f"{model}@{version} is not in the registry.")
        if DOCUMENT not in record.documents:
            return KnownVersion(reason=f"{record.ref} has no document '{DOCUMENT}' to be compared with.")
        signature = Signature.from_json(record.signature)
        reference = load_reference(self._stores.artifacts.get(record.documents[DOCUMENT]))
        return KnownVersion(grid=TableGrid.of(reference, signature), signature=signature)
