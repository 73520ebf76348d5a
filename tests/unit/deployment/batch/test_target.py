from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import AlreadyExistsError, InvalidInputError
from millwright.deployment.batch.target import OutputOptions, journal_folder, open_target
from millwright.storage.query import Query, read_query

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAME = pl.DataFrame({"id": [1, 2], "tags": [["a"], None]})


def rows_of(output, table):
    if "://" in output:
        return read_query(Query(url=output, table=table), lambda _: None)[0].height
    return pl.read_delta(output).height


@pytest.fixture(params=["delta", "sql"])
def place(request, tmp_path):
    return {"delta": (f"{tmp_path}/t.delta", ""), "sql": (f"sqlite:///{tmp_path}/t.db", "answers")}[request.param]


def test_table_takes_each_job_once(place):
    output, table = place
    target = open_target(output, OutputOptions(table=table))
    target.check("one")
    target.write(iter([FRAME, FRAME]), "one")
    target.check("one")
    target.write(iter([FRAME, FRAME]), "one")
    assert rows_of(output, table) == 4
    with pytest.raises(AlreadyExistsError, match="Say --mode append"):
        target.check("two")
    open_target(output, OutputOptions(table=table, mode="append")).write(iter([FRAME]), "two")
    assert rows_of(output, table) == 6
    replacing = open_target(output, OutputOptions(table=table, mode="replace"))
    replacing.write(iter([FRAME.rename({"id": "key"})]), "three")
    replacing.write(iter([FRAME]), "three")
    assert rows_of(output, table) == 2


def test_table_with_other_columns_keeps_its_rows(place):
    output, table = place
    open_target(output, OutputOptions(table=table)).write(iter([FRAME]), "one")
    adding = open_target(output, OutputOptions(table=table, mode="append"))
    with pytest.raises(InvalidInputError, match=r"does not take|has no column 'ident'"):
        adding.write(iter([FRAME.rename({"id": "ident"})]), "two")
    assert rows_of(output, table) == 2


def test_rows_that_break_off_leave_a_table_as_it_was(place):
    def broken() -> Iterator[pl.DataFrame]:
        yield FRAME
        raise OSError("the disk is full")

    output, table = place
    open_target(output, OutputOptions(table=table)).write(iter([FRAME]), "one")
    for mode in ("append", "replace"):
        with pytest.raises(Exception, match="the disk is full"):
            open_target(output, OutputOptions(table=table, mode=mode)).write(broken(), "two")
    assert rows_of(output, table) == 2


def test_file_is_replaced_and_told_by_its_digest(tmp_path):
    target = open_target(tmp_path / "out.csv", OutputOptions())
    target.check("one")
    plain = FRAME.select("id")
    first = target.write(iter([plain]), "one")
    assert target.write(iter([plain]), "two") == first
    assert target.write(iter([plain, plain]), "three") != first
    assert pl.read_csv(tmp_path / "out.csv").height == 4


@pytest.mark.parametrize(
    ("output", "options", "told"),
    [
        ("out.xyz", OutputOptions(), "Expected a file that ends in"),
        ("out.csv", OutputOptions(mode="append"), "Expected no mode for the file 'out.csv'"),
        ("out.delta", OutputOptions(mode="apend"), "Expected the mode append or replace, found 'apend'"),
        ("out", OutputOptions(format="parquet"), "Expected the format 'delta'"),
        ("postgresql://ann:pw@host/shop", OutputOptions(), "Expected a table of postgresql://host/shop"),
    ],
)
def test_wrong_output_is_refused(output, options, told):
    with pytest.raises(InvalidInputError, match=told):
        open_target(output, options)


def test_journal_is_beside_what_is_on_this_machine():
    assert journal_folder(open_target("a/out.csv", OutputOptions()), "x") == Path("a/.out.csv.predict")
    assert journal_folder(open_target("a/out.delta", OutputOptions()), "x") == Path("a/.out.delta.predict")
    databases = [open_target("sqlite:///a.db", OutputOptions(table=table)) for table in ("one", "two")]
    folders = {journal_folder(target, "x") for target in databases}
    assert {folder.parent for folder in folders} == {Path("x")}
    assert len(folders) == 2
