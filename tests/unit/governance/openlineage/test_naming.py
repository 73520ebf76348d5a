from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from millwright.core.ids import new_id
from millwright.governance.openlineage.naming import data_name, run_uuid


@pytest.mark.parametrize(
    ("uri", "namespace", "name"),
    [
        ("/data/x.csv", "file", "/data/x.csv"),
        ("sub/../x.csv", "file", "/base/x.csv"),
        ("file:///data/a%20b.csv", "file", "/data/a b.csv"),
        ("s3://bucket/key/x.parquet", "s3://bucket", "key/x.parquet"),
        ("s3a://bucket", "s3://bucket", "/"),
        ("gcs://bucket/x", "gs://bucket", "x"),
        ("abfs://c@acct.dfs.core.windows.net/x", "abfss://c@acct.dfs.core.windows.net", "x"),
        ("https://u:p@host:8443/a/x.csv?token=t#f", "https://host:8443", "a/x.csv"),
        ("postgresql://u:p@db/shop", "postgres://db:5432", "shop"),
        ("mysql://db:33/shop/orders", "mysql://db:33", "shop.orders"),
        ("sqlite:///shop.db", "sqlite", "/shop.db"),
    ],
)
def test_data_is_named_after_the_conventions(uri: str, namespace: str, name: str) -> None:
    assert data_name(uri, Path("/base")) == (namespace, name)


def test_run_keeps_its_id_as_a_uuid() -> None:
    identifier = new_id()
    assert UUID(run_uuid(identifier)).hex == identifier


def test_id_that_is_no_uuid_gives_always_the_same_one() -> None:
    assert run_uuid("manual__2026") == run_uuid("manual__2026") != run_uuid("manual__2027")
    assert UUID(run_uuid("x")).version == 5
