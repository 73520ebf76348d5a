"""How values of the rooms pass between steps, besides tables and JSON values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.data.datasets.dataset import Dataset

if TYPE_CHECKING:
    from millwright.data.datasets.catalog import DatasetCatalog


class DatasetSerializer:
    """A dataset version as its name, version and digest; the rows stay in their table.

    The digest makes the stored bytes change with the rows, so that what follows runs again exactly then.
    """

    name = "dataset"

    def __init__(self, catalog: DatasetCatalog) -> None:
        self._catalog = catalog

    def handles(self, value_type: type) -> bool:
        """True for `Dataset`."""
        return isinstance(value_type, type) and issubclass(value_type, Dataset)

    def dumps(self, value: Dataset) -> bytes:
        """Name, version and digest as JSON."""
        from millwright.core.digest import canonical_json

        return canonical_json({"dataset": value.record.ref, "digest": value.record.digest})

    def loads(self, data: bytes, annotation: Any) -> Dataset:
        """The dataset version that the bytes name."""
        import json

        del annotation
        return self._catalog.get(json.loads(data)["dataset"])


def dataset_rows(value: Dataset) -> Any:
    """A dataset where a step wants a table: its rows."""
    return value.read()
