from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.context import ValidationContext
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.rule import Rule
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_check import check_table
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume

COLUMNS = (
    ColumnContract(name="n", type=ColumnType.NUMBER),
    ColumnContract(name="w", type=ColumnType.CATEGORY),
    ColumnContract(name="d", type=ColumnType.DATE),
)
VALUES = [1.0, 2.0, 3.0, 10.0, None]
TABLE = pl.LazyFrame(
    {"n": VALUES, "w": ["a", "a", "b", None, None], "d": [date(2026, 1, day) for day in (1, 2, 3, 4, 5)]}
)
NOW = datetime(2026, 1, 7, tzinfo=UTC)


def found(table: pl.LazyFrame = TABLE, *, former: pl.LazyFrame | None = None, **parts: Any) -> list[str]:
    contract = Contract(name="t", columns=COLUMNS, **parts)
    context = ValidationContext(now=NOW, former=former, resolve={"t@golden": TABLE}.__getitem__)
    return [str(one) for one in check_table(contract, table, table.collect().height, context).findings]


def unjudged(table: pl.LazyFrame = TABLE, *, former: pl.LazyFrame | None = None, **parts: Any) -> list[str]:
    contract = Contract(name="t", columns=COLUMNS, **parts)
    context = ValidationContext(now=NOW, former=former, resolve={"t@golden": TABLE.clear()}.__getitem__)
    return [str(one) for one in check_table(contract, table, table.collect().height, context).unjudged]


@pytest.mark.parametrize(
    ("measure", "parts", "value"),
    [
        (Measure.MEAN, {}, np.mean(VALUES[:4])),
        (Measure.STD, {}, np.std(VALUES[:4], ddof=1)),
        (Measure.QUANTILE, {"at": 0.4}, np.quantile(VALUES[:4], 0.4)),
        (Measure.NULLS, {}, 0.2),
        (Measure.SHARE, {"values": (1, 10)}, 0.5),
        (Measure.DISTINCT, {}, 4),
    ],
)
def test_measure_is_held_between_its_bounds(measure: Measure, parts: dict[str, Any], value: float) -> None:
    def spread(**bounds: float) -> list[str]:
        return found(distributions=(Distribution(column="n", measure=measure, **parts, **bounds),))

    assert spread(minimum=value - 1e-9, maximum=value + 1e-9) == []
    assert len(spread(minimum=value + 1e-9)) == 1
    assert "above" in spread(maximum=value - 1e-9)[0]


def test_share_of_words_is_over_the_values_that_are_there() -> None:
    one = Distribution(column="w", measure=Measure.SHARE, values=("a",), maximum=0.5)
    assert found(distributions=(one,)) == ["share of a of w: above 0.5 (0.6667)"]


def test_column_without_values_has_no_measure_but_nulls() -> None:
    empty = TABLE.with_columns(n=pl.lit(None, pl.Float64))
    parts = tuple(Distribution(column="n", measure=one, minimum=5) for one in (Measure.MEAN, Measure.STD, Measure.PSI))
    assert found(empty, former=TABLE, distributions=parts) == []
    told = [f"{one.what}: there are no values" for one in parts]
    assert unjudged(empty, former=TABLE, distributions=parts) == told
    nulls = Distribution(column="n", measure=Measure.NULLS, maximum=0.5)
    assert found(empty, distributions=(nulls,)) == ["nulls of n: above 0.5 (1)"]


def test_distance_is_measured_against_a_version_or_the_former_one() -> None:
    other = TABLE.with_columns(n=pl.col("n") + 100)
    former = Distribution(column="n", measure=Measure.KS, maximum=0.5)
    golden = Distribution(column="n", measure=Measure.KS, maximum=0.5, reference="t@golden", severity=Severity.WARN)
    assert found(other, distributions=(former,)) == []  # there is no former version
    assert found(other, former=TABLE, distributions=(former,)) == ["ks of n against the former version: above 0.5 (1)"]
    assert found(other, distributions=(golden,)) == ["ks of n against t@golden: above 0.5 (1)"]
    assert found(distributions=(golden,)) == []


def test_what_cannot_be_compared_passes_and_is_told() -> None:
    distances = tuple(Distribution(column="n", measure=one, maximum=0.5) for one in (Measure.PSI, Measure.KS))
    volume = Volume(max_change=0.2)
    assert found(distributions=distances, volume=volume) == []
    assert unjudged(distributions=distances, volume=volume) == [
        "volume: changed by more than 0.2 of the former version: there is no former version",
        "psi of n against the former version: there is no former version",
        "ks of n against the former version: there is no former version",
    ]
    assert unjudged(former=TABLE, distributions=distances, volume=volume) == []
    assert unjudged(former=TABLE.clear(), distributions=distances[:1], volume=volume) == [
        "volume: changed by more than 0.2 of the former version: the former version has no rows",
        "psi of n against the former version: there are no values in the former version",
    ]
    golden = Distribution(column="n", measure=Measure.KS, maximum=0.5, reference="t@golden")
    assert unjudged(distributions=(golden,)) == ["ks of n against t@golden: there are no values in t@golden"]


def test_newest_value_must_be_young_enough_to_the_moment() -> None:
    def stale(days: float) -> list[str]:
        return found(freshness=(Freshness(column="d", max_age=timedelta(days=days)),))

    assert stale(2) == []
    assert stale(1.9) == ["d: newest value older than 2736m (newest is 2026-01-05 00:00:00+00:00)"]
    none = TABLE.with_columns(d=pl.lit(None, pl.Date))
    assert found(none, freshness=(Freshness(column="d", max_age=timedelta(2)),)) == [
        "d: newest value older than 2d (no values)"
    ]


def test_naive_times_count_as_utc() -> None:
    times = (ColumnContract(name="d", type=ColumnType.DATETIME),)
    for zone in (None, "UTC"):
        table = pl.LazyFrame({"d": [datetime(2026, 1, 6, 12)]}).cast(pl.Datetime("us", zone))  # noqa: DTZ001
        for hours, broken in ((12, 0), (11, 1)):
            contract = Contract(
                name="t", columns=times, freshness=(Freshness(column="d", max_age=timedelta(hours=hours)),)
            )
            assert len(check_table(contract, table, 1, ValidationContext(now=NOW)).findings) == broken


def test_volume_is_held_and_compared_with_the_former_version() -> None:
    assert found(volume=Volume(min_rows=5, max_rows=5, max_change=0.1)) == []
    assert found(volume=Volume(min_rows=6)) == ["volume: fewer than 6 rows (5)"]
    assert found(volume=Volume(max_rows=4)) == ["volume: more than 4 rows (5)"]
    four = TABLE.head(4)
    assert found(former=four, volume=Volume(max_change=0.25)) == []
    assert found(former=four, volume=Volume(max_change=0.2)) == [
        "volume: changed by more than 0.2 of the former version (+25.0%, 4 to 5)"
    ]
    assert found(former=TABLE.clear(), volume=Volume(max_change=0.2)) == []


def test_rule_about_the_table_is_true_false_or_unknown() -> None:
    rules = tuple(
        Rule(name=name, expression=text)
        for name, text in (("sum", "SUM(n) = 16"), ("small", "MAX(n) < 10"), ("null", "SUM(n) > NULL"))
    )
    assert found(rules=rules[:2]) == ["small: MAX(n) < 10 (not so)"]
    with pytest.raises(InvalidInputError, match="names the column 'x'"):
        found(rules=(Rule(name="r", expression="SUM(x) = 1"),))
