from __future__ import annotations

import pytest

from millwright.core.records.audit import NodeKind
from millwright.workspace.workspace import Workspace

SQL = "SELECT city, COUNT(*) AS homes, AVG(rooms) AS rooms FROM our_homes GROUP BY city"


@pytest.fixture
def folder(tmp_path, mw):
    import polars as pl

    frame = pl.DataFrame({"id": [1, 2, 3], "city": ["Rome", "Oslo", "Rome"], "rooms": [3, 2, 4]})
    frame.write_parquet(tmp_path / "homes.parquet")
    assert mw(tmp_path, "data", "add", "homes.parquet", "--name", "our-homes").code == 0
    (tmp_path / "cities.sql").write_text("-- per city\n" + SQL + "\n", encoding="utf-8")
    return tmp_path


def rows(mw, folder, ref):
    return [tuple(row.values()) for row in mw(folder, "data", "show", ref, "--json").json["rows"]]


def test_transform_writes_a_version_with_lineage_and_tells_the_engine_and_why(folder, mw):
    answer = mw(folder, "data", "transform", "our-homes", "--sql", SQL, "--to", "cities")
    assert answer.out.startswith("✓ cities@1: 2 rows, 3 columns, from our-homes@1; computed by polars (the inputs are ")
    assert "within engine.memory_gb = 1)" in answer.out
    assert rows(mw, folder, "cities") == [("Oslo", 1, 2.0), ("Rome", 2, 3.5)]
    record = mw(folder, "data", "show", "cities", "--json").json["record"]
    assert (record["kind"], record["details"]["sql"], record["details"]["engine"]) == ("table", SQL, "polars")
    assert record["details"]["column_lineage"]["rooms"] == ["our-homes@1.rooms"]
    with Workspace.open(folder) as workspace:
        edges = workspace.stores.lineage.upstream(NodeKind.DATASET, "cities@1")
        assert [edge.source_id for edge in edges] == ["our-homes@1"]


@pytest.mark.parametrize("engine", ["polars", "streaming", "duckdb"])
def test_every_engine_makes_the_same_version(folder, mw, engine):
    first = mw(folder, "data", "transform", "our-homes", "--sql", "cities.sql", "--to", "cities", "--json").json
    words = ("data", "transform", "our-homes@1", "--sql", "cities.sql", "--to", "cities", "--engine", engine, "--json")
    again = mw(folder, *words).json
    assert again["record"]["version"] == 1
    assert again["record"]["digest"] == first["record"]["digest"]
    assert (again["engine"], again["reason"]) == (engine, "it was asked for")


def test_the_engine_is_a_setting(folder, mw):
    (folder / "millwright.toml").write_text('[engine]\nname = "streaming"\n', encoding="utf-8")
    words = ("data", "transform", "our-homes", "--sql", SQL, "--to", "cities", "--json")
    assert mw(folder, *words).json["engine"] == "streaming"


def test_the_order_of_the_sql_is_kept(folder, mw):
    sql = "SELECT id FROM our_homes ORDER BY rooms DESC"
    mw(folder, "data", "transform", "our-homes", "--sql", sql, "--to", "ids")
    assert rows(mw, folder, "ids") == [(3,), (1,), (2,)]


@pytest.mark.parametrize(
    ("datasets", "sql", "told"),
    [
        (["our-homes"], "SELECT nothing\nFROM our_homes", "engine polars cannot compute the sql, line 1"),
        (["our-homes"], "DROP TABLE our_homes", "Expected one SELECT as SQL, found 'DROP'"),
        (["our-homes"], "missing.sql", "found 'missing.sql', which cannot be read"),
        (["our-homes", "our-homes@1"], SQL, "would both be called our_homes"),
        (["nothing"], SQL, "nothing"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(folder, mw, datasets, sql, told):
    answer = mw(folder, "data", "transform", *datasets, "--sql", sql, "--to", "cities")
    assert answer.code == 1
    assert told in answer.err
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("engine", ["streaming", "duckdb"])
@pytest.mark.parametrize("order", ["", " ORDER BY k DESC, id"])
def test_a_large_result_is_written_in_batches_in_its_order(folder, mw, monkeypatch, engine, order):
    import polars as pl

    from millwright.data.datasets import batch_plan

    monkeypatch.setattr(batch_plan, "WHOLE_BYTES", 1 << 20)
    draw = pl.DataFrame({"id": range(400_000)}).with_columns(k=pl.col("id") * 7919 % 1009)
    draw.write_parquet(folder / "many.parquet")
    mw(folder, "data", "add", "many.parquet", "--name", "many")
    sql = f"SELECT k, id FROM many{order}"  # noqa: S608 (ours)
    words = ("data", "transform", "many", "--sql", sql, "--to", "sorted", "--engine")
    assert mw(folder, *words, "polars", "--json").json["record"]["rows"] == 400_000
    written = mw(folder, *words, engine, "--json").json["record"]
    assert written["version"] == 1  # the same rows in the same order
    with Workspace.open(folder) as workspace:
        found = workspace.datasets.get("sorted").read()
    by = {"by": ["k", "id"], "descending": [bool(order), False]}
    assert found.equals(draw.select("k", "id").sort(**by))
