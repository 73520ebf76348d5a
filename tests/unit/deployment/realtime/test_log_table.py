from __future__ import annotations

import polars as pl
import pytest

from millwright.core.ids import new_ids
from millwright.deployment.realtime.log_table import LogTable, joined

AT_S = 1772366400.25


@pytest.fixture
def source(make_served):
    return make_served().log_sources["site"]


def make_table(source, row, count: int, **about) -> LogTable:
    features = pl.DataFrame([row] * count)
    outputs = pl.DataFrame({"prediction": ["yes"] * count, "probability": [number / count for number in range(count)]})
    about = {"at_s": AT_S, "seconds": 0.5, "request_id": "r", "keys": None, "size": 1_000 * count, **about}
    return LogTable(source, (new_ids(count), features, outputs), **about)


def test_tables_become_the_records_of_their_rows(source, row):
    found = list(joined(source, [make_table(source, row, 3), make_table(source, row, 2, keys=["a", "b"])]))
    assert [record.key for record in found] == [None, None, None, "a", "b"]
    assert [record.outputs["probability"] for record in found] == [0, 1 / 3, 2 / 3, 0, 0.5]
    last = found[-1]
    assert last.features == row
    assert (last.endpoint, last.model, last.version) == ("site", source.model, source.version)
    assert (last.at.timestamp(), last.latency_ms, last.request_id) == (AT_S, 500, "r")


def test_parts_of_a_table_are_its_rows_and_its_bytes(source, row):
    table = make_table(source, row, 7, size=703, keys=list("abcdefg"))
    first, rest = table.split(3)
    assert (len(first), len(rest), first.size + rest.size) == (3, 4, 703)
    assert list(joined(source, [first, rest])) == list(joined(source, [table]))


def test_what_is_no_number_is_logged_as_null(source, row):
    outputs = pl.DataFrame({"prediction": ["no"], "probability": [float("nan")]})
    table = LogTable(
        source, (new_ids(1), pl.DataFrame([row]), outputs), at_s=AT_S, seconds=0, request_id="", keys=None, size=1
    )
    assert joined(source, [table])[0].outputs == {"prediction": "no", "probability": None}
