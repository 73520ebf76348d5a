from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.core.digest import digest_bytes
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.ancestry import read_already
from millwright.data.datasets.write_options import WriteOptions

if TYPE_CHECKING:
    from typing import Literal

    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.storage.catalog import Stores


def write(catalog: DatasetCatalog, name: str, mode: Literal["overwrite", "append"]) -> None:
    options = WriteOptions(mode=mode, source_uri=name, source_digest=digest_bytes(name.encode()))
    catalog.write(pl.DataFrame({"a": [name]}), "t", kind=DatasetKind.SOURCE, options=options)


def known(stores: Stores, name: str) -> int | None:
    found = read_already(stores.datasets, "t", digest_bytes(name.encode()))
    return None if found is None else found.version


def test_versions_on_which_the_latest_builds_count(catalog: DatasetCatalog, stores: Stores) -> None:
    assert known(stores, "a") is None
    write(catalog, "a", "overwrite")
    write(catalog, "b", "append")
    catalog.delete("t", "a = 'a'")
    assert (known(stores, "a"), known(stores, "b"), known(stores, "c")) == (1, 2, None)


def test_what_was_overwritten_does_not_count(catalog: DatasetCatalog, stores: Stores) -> None:
    write(catalog, "a", "overwrite")
    write(catalog, "b", "overwrite")
    assert (known(stores, "a"), known(stores, "b")) == (None, 2)


def test_what_was_undone_does_not_count(catalog: DatasetCatalog, stores: Stores) -> None:
    write(catalog, "a", "overwrite")
    write(catalog, "b", "append")
    catalog.restore("t@1")
    assert (known(stores, "a"), known(stores, "b")) == (1, None)
