"""Whether definitions fit their sources."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from millwright.data.features.checking import fits, kind_of_key, problems
from millwright.data.features.definition import Entity, Feature, FeatureView, StreamFeatureView, Window


@pytest.mark.parametrize(
    ("found", "declared", "yes"),
    [
        (pl.Int64(), pl.Int64(), True),
        (pl.Int32(), pl.Int64(), True),
        (pl.Int64(), pl.Int32(), False),
        (pl.UInt32(), pl.Int64(), True),
        (pl.UInt64(), pl.Int64(), False),
        (pl.Int8(), pl.UInt8(), False),
        (pl.Int64(), pl.Float64(), True),
        (pl.Float64(), pl.Float32(), True),
        (pl.Float64(), pl.Int64(), False),
        (pl.Decimal(10, 2), pl.Float64(), True),
        (pl.String(), pl.Float64(), False),
        (pl.Int64(), pl.String(), False),
        (pl.Categorical(), pl.String(), True),
        (pl.Date(), pl.Datetime("us", "UTC"), True),
        (pl.Datetime("us"), pl.Date(), False),
        (pl.Null(), pl.Boolean(), True),
        (pl.List(pl.Int8()), pl.List(pl.Int64()), True),
        (pl.List(pl.String()), pl.List(pl.Int64()), False),
    ],
)
def test_type_fits_when_it_holds_every_value(found, declared, yes) -> None:
    assert fits(found, declared) is yes


def test_keys_of_a_kind_are_compared_alike() -> None:
    assert kind_of_key(pl.Int8()) == kind_of_key(pl.UInt64()) == "integer"
    assert kind_of_key(pl.Categorical()) == kind_of_key(pl.String()) == "text"
    assert kind_of_key(pl.Datetime("ms")) == "moment" != kind_of_key(pl.Date())


@pytest.mark.usefixtures("phases")
def test_each_view_is_held_against_its_source(datasets, history) -> None:
    stream = StreamFeatureView(
        "stream",
        entities=[Entity("spending", keys=("cost",))],
        source="phases",
        timestamp="ended",
        windows=[Window("total", "building", "sum", over=timedelta(days=1)), Window("n", "gone", over=timedelta(1))],
    )
    sql = FeatureView(
        "sql", entities=[Entity("building")], source="phases", features=[Feature("n", "Int64")], timestamp="ended",
        transform="SELECT nothing FROM phases",
    )  # fmt: skip
    found = problems([history, stream, sql], recorded=[], dataset=datasets.get)
    assert len(found) == 4
    assert "whole numbers, text, dates or moments in its key 'cost', found Float64" in found[1]
    assert "needs a column 'gone'" in found[0]
    assert "'stream:total' (sum) needs numbers in 'building', found String" in found[2]
    assert found[3].startswith("'sql': 'sql' does not fit its source 'phases'")
