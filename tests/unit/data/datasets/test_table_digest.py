from __future__ import annotations

import polars as pl

from millwright.core.ids import Digest
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.data.datasets.table_digest import is_by_files, table_digest

SCHEMA = pl.Schema({"a": pl.Int64(), "b": pl.Datetime("us", "UTC")})
FILES = [(3, Digest("a" * 64)), (2, Digest("b" * 64))]


def test_digest_stays_what_it_is() -> None:
    # It is in people's records: a change of the scheme must have a name of its own.
    assert table_digest(SCHEMA, FILES) == "c67408e94649e7df7d0955c3eedd336f493e129022b1c295ff0c1759f1f734af"


def test_digest_differs_by_columns_files_and_their_order() -> None:
    others = [
        table_digest(pl.Schema({"a": pl.Int32(), "b": SCHEMA["b"]}), FILES),
        table_digest(pl.Schema({"c": pl.Int64(), "b": SCHEMA["b"]}), FILES),
        table_digest(SCHEMA, FILES[:1]),
        table_digest(SCHEMA, FILES[::-1]),
        table_digest(SCHEMA, []),
    ]
    assert len({table_digest(SCHEMA, FILES), *others}) == 6


def test_the_same_history_gives_the_same_digest_anywhere(catalog: DatasetCatalog) -> None:
    rows = pl.DataFrame({"a": [1, 2]})
    for name in ("one", "two"):
        assert not is_by_files(catalog.write(rows, name, kind=DatasetKind.TABLE).record.details)
        catalog.write(rows, name, kind=DatasetKind.TABLE, options=WriteOptions(mode="append"))
    one, two = catalog.get("one").record, catalog.get("two").record
    assert one.digest == two.digest
    assert is_by_files(one.details)
    # The same rows, written whole, are recognised where they are the latest version.
    assert catalog.write(pl.concat([rows, rows]), "one", kind=DatasetKind.TABLE).record == catalog.get("one").record
