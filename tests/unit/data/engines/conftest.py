"""Tables with everything that engines differ in, and transformations that have to come out the same on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.datasets.dataset import Dataset
    from millwright.storage.catalog import Stores

ROWS = 700


def phases() -> pl.DataFrame:
    """Construction phases with nulls, NaN, all signs of zero, text of any script, decimals and moments."""
    draw = np.random.default_rng(4)
    start = datetime(2025, 1, 1)  # noqa: DTZ001 (naive on purpose)
    number = draw.normal(0, 50, ROWS).round(3)
    return pl.DataFrame(
        {
            "id": range(ROWS),
            "building": [f"B-{k}" if k % 11 else None for k in draw.integers(0, 40, ROWS)],
            "phase": draw.choice(["Scope", "Désign", "建設", "Close out", ""], ROWS).tolist(),
            "days": [int(k) if k % 13 else None for k in draw.integers(-300, 900, ROWS)],
            "small": pl.Series(draw.integers(-100, 100, ROWS).tolist(), dtype=pl.Int8),
            "cost": [float("nan") if k % 17 == 0 else None if k % 19 == 0 else float(number[k]) for k in range(ROWS)],
            "budget": pl.Series(
                [Decimal(int(k)) / 100 if k % 5 else None for k in draw.integers(0, 10**7, ROWS)],
                dtype=pl.Decimal(12, 2),
            ),
            "done": [None if k % 7 == 0 else bool(k % 2) for k in range(ROWS)],
            "planned": [
                date(2025, 1, 1) + timedelta(days=int(k)) if k % 9 else None for k in draw.integers(0, 700, ROWS)
            ],
            "at": pl.Series([start + timedelta(seconds=int(k)) for k in draw.integers(0, 10**7, ROWS)]),
            "noted": pl.Series([start + timedelta(microseconds=int(k)) for k in draw.integers(0, 10**13, ROWS)])
            .dt.replace_time_zone("UTC")
            .cast(pl.Datetime("us", "UTC")),
        }
    )


def buildings() -> pl.DataFrame:
    return pl.DataFrame(
        {"building": [f"B-{k}" for k in range(0, 45, 2)] + [None], "floors": [k % 9 for k in range(23)] + [99]}
    )


@dataclass(frozen=True)
class Case:
    """A transformation, and the columns that put its result in order."""

    name: str
    code: Any
    order_by: tuple[str, ...]
    inexact: bool = False  # sums of floats, whose order is the engine's


def _late(phases: Any) -> Any:
    return (
        phases.filter(nw.col("days") > 0, ~nw.col("done").is_null())
        .with_columns(weeks=nw.col("days") / 7, is_scope=nw.col("phase") == "Scope")
        .select("id", "weeks", "is_scope", "building")
    )


def _per_building(phases: Any, buildings: Any) -> Any:
    return (
        phases.join(buildings, on="building", how="inner")
        .group_by("building")
        .agg(
            nw.len().alias("rows"),
            nw.col("days").sum().alias("days"),
            nw.col("days").min().alias("least"),
            nw.col("days").max().alias("most"),
            nw.col("floors").mean().alias("floors"),
        )
    )


def _windowed(phases: Any) -> Any:
    return phases.with_columns(
        so_far=nw.col("small").cum_sum().over("building", order_by="id"),
        before=nw.col("days").shift(1).over("building", order_by="id"),
    ).select("id", "so_far", "before")


def _filled(phases: Any) -> Any:
    return phases.with_columns(
        nw.col("days").fill_null(0), nw.when(nw.col("small") > 0).then(nw.col("small")).otherwise(-1).alias("positive")
    ).select("id", "days", "positive")


CASES = [
    Case("filter", "SELECT id, building, days FROM phases WHERE days > 100 AND building IS NOT NULL", ("id",)),
    Case(
        "cast",
        "SELECT id, CAST(days AS DOUBLE) AS d, CAST(small AS STRING) AS s, CAST(id AS STRING) AS t FROM phases",
        ("id",),
    ),
    Case(
        "arithmetic",
        "SELECT id, small * 1000000 AS big, -days AS less, days % 7 AS rest, cost * 2 + 1 AS c, "
        "days / (small + 0.5) AS q, 0.1 + 0.2 AS three FROM phases",
        ("id",),
    ),
    Case(
        "division by a constant, which Polars does with the reciprocal",
        "SELECT id, days / 7 AS weeks FROM phases",
        ("id",),
        inexact=True,
    ),
    Case(
        "group by",
        'SELECT phase, COUNT(*) AS n, COUNT(days) AS there, SUM(days) AS days, MIN(days) AS least, MAX(days) AS "m", '
        "COUNT(DISTINCT building) AS buildings, SUM(small) AS small FROM phases GROUP BY phase HAVING COUNT(*) > 1",
        ("phase",),
    ),
    Case(
        "means",
        "SELECT building, AVG(days) AS mean, STDDEV(days) AS spread, MEDIAN(days) AS middle, SUM(budget) AS budget "
        "FROM phases GROUP BY building",
        ("building",),
        inexact=True,
    ),
    Case(
        "inner join",
        "SELECT p.id, b.floors FROM phases p JOIN buildings b ON p.building = b.building",
        ("id",),
    ),
    Case(
        "left join and nulls that match nothing",
        "SELECT p.id, b.floors, COALESCE(b.floors, -1) AS shown FROM phases p "
        "LEFT JOIN buildings b ON p.building = b.building",
        ("id",),
    ),
    Case(
        "windows",
        "SELECT id, ROW_NUMBER() OVER (PARTITION BY phase ORDER BY id) AS number, "
        "SUM(small) OVER (PARTITION BY phase ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS so_far "
        "FROM phases",
        ("id",),
    ),
    Case(
        "NaN and null",
        "SELECT id, cost, cost > 10 AS above, cost = cost AS same, cost IS NULL AS missing FROM phases",
        ("id",),
    ),
    Case("NaN in groups", "SELECT cost, COUNT(*) AS n FROM phases GROUP BY cost", ("cost",)),
    Case(
        "dates",
        'SELECT id, planned, "at", noted, '
        "EXTRACT(YEAR FROM planned) AS y, EXTRACT(MONTH FROM planned) AS m, "
        "CAST(DATE_TRUNC('month', planned) AS DATE) AS since, DATE_TRUNC('hour', noted) AS hour FROM phases "
        "WHERE planned >= DATE '2025-03-01' OR planned IS NULL",
        ("id",),
    ),
    Case(
        "text",
        "SELECT id, UPPER(phase) AS upper, LENGTH(phase) AS length, SUBSTR(phase, 1, 2) AS start, "
        "phase LIKE '%s%' AS has_s, TRIM(phase) || '!' AS loud, REPLACE(phase, 'o', '0') AS r FROM phases",
        ("id",),
    ),
    Case("decimals", "SELECT id, budget, budget * 2 AS twice FROM phases WHERE budget > 1000.5", ("id",)),
    Case(
        "case and in",
        "SELECT id, CASE WHEN days > 365 THEN 'long' WHEN days > 0 THEN 'short' END AS kind, "
        "phase IN ('Scope', '建設') AS chosen, NULLIF(small, 0) AS s FROM phases",
        ("id",),
    ),
    Case(
        "with and union all",
        "WITH late AS (SELECT id, days FROM phases WHERE days > 700) "
        "SELECT id, days FROM late UNION ALL SELECT id + 100000 AS id, days FROM late",
        ("id",),
    ),
    Case("distinct", "SELECT DISTINCT phase, done FROM phases", ("phase", "done")),
    Case("first rows", "SELECT id, days FROM phases ORDER BY days DESC NULLS LAST, id LIMIT 20", ("id",)),
    Case("nothing left", "SELECT id, building FROM phases WHERE id < 0", ("id",)),
    Case("function: filter and columns", _late, ("id",), inexact=True),
    Case("function: join and group", _per_building, ("building",), inexact=True),
    Case("function: windows", _windowed, ("id",)),
    Case("function: nulls and cases", _filled, ("id",)),
]


@pytest.fixture(params=CASES, ids=[case.name for case in CASES])
def case(request: pytest.FixtureRequest) -> Case:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def tables() -> dict[str, pl.DataFrame]:
    return {"phases": phases(), "buildings": buildings()}


@pytest.fixture(scope="session")
def inputs_of(tables: dict[str, pl.DataFrame]) -> Callable[[Case], dict[str, pl.DataFrame]]:
    """The inputs that a case reads: functions have a parameter for each."""

    def chosen(case: Case) -> dict[str, pl.DataFrame]:
        wants_both = case.code is _per_building or (isinstance(case.code, str) and "buildings b" in case.code)
        return tables if wants_both else {"phases": tables["phases"]}

    return chosen


@pytest.fixture(scope="session")
def same() -> Callable[..., None]:
    """Compare results: the same types and values, bit by bit unless said otherwise."""

    def compare(found: pl.DataFrame, expected: pl.DataFrame, *, inexact: bool = False) -> None:
        from polars.testing import assert_frame_equal

        assert found.schema == expected.schema
        if inexact:
            assert_frame_equal(found, expected, check_exact=False, rel_tol=1e-12, abs_tol=1e-9)
        else:
            assert_frame_equal(found, expected, check_exact=True)

    return compare


def _known(hour: Any, wanted: Any, rows: Any, *, has_created: bool, ttl: int | None) -> int | None:
    """The answer as the rule says it, read aloud: the place of the row."""
    best = None
    for place, (row_keys, happened, created) in enumerate(rows):
        recorded = created if has_created else happened
        if None in {hour, happened, recorded, *wanted} or row_keys != wanted or happened > hour or recorded > hour:
            continue
        if ttl is not None and hour - happened > ttl:
            continue
        rank = (happened, created if has_created else 0, place)
        best = rank if best is None or rank > best else best
    return None if best is None else best[-1]


@pytest.fixture(scope="session")
def as_of_oracle() -> Callable[..., Any]:
    """Wanted rows, view rows (whose value is their place), and the values that are right."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moment = pl.Datetime("us", "UTC")

    def at(hours: list[Any]) -> pl.Series:
        return pl.Series([None if hour is None else start + timedelta(hours=hour) for hour in hours], dtype=moment)

    def made(rows: Any, wanted: Any, *, has_created: bool, ttl: int | None) -> Any:
        view = pl.DataFrame(
            {
                "building": pl.Series([keys[0] for keys, _, _ in rows], dtype=pl.String),
                "crew": pl.Series([keys[1] for keys, _, _ in rows], dtype=pl.Int32),
                "ts": at([row[1] for row in rows]),
                "created": at([row[2] for row in rows]),
                "value": pl.Series(range(len(rows)), dtype=pl.Int64),
            }
        )
        entities = pl.DataFrame(
            {
                "building": pl.Series([keys[0] for keys, _ in wanted], dtype=pl.String),
                "gang": pl.Series([keys[1] for keys, _ in wanted], dtype=pl.Int64),
                "at": at([row[1] for row in wanted]),
            }
        )
        expected = [_known(hour, keys, rows, has_created=has_created, ttl=ttl) for keys, hour in wanted]
        return entities, view, expected

    return made


@pytest.fixture(scope="session")
def large_as_of(as_of_oracle: Callable[..., Any]) -> Any:
    """3,000 view rows of 12 entities, a third of them late, many of one moment; 150 wanted rows; ttl 90 hours."""
    draw = np.random.default_rng(11)
    rows = []
    for _ in range(3000):
        happened = int(draw.integers(0, 2000))
        late = int(draw.integers(0, 60)) if draw.random() < 1 / 3 else 0
        rows.append(((f"B{draw.integers(0, 12)}", 0), happened, happened + late))
    wanted = [((f"B{draw.integers(0, 13)}", 0), int(draw.integers(-5, 2100))) for _ in range(150)]
    return as_of_oracle(rows, wanted, has_created=True, ttl=90)


@pytest.fixture
def catalog(stores: Stores, clock: ManualClock, tmp_path: Path) -> DatasetCatalog:
    from millwright.data.datasets.catalog import DatasetCatalog

    return DatasetCatalog(stores=stores, root_url=str(tmp_path / "tables"), clock=clock, actor="me")


@pytest.fixture
def tied(catalog: DatasetCatalog) -> Dataset:
    """A version of five files whose rows all have one key and moment; the last row's value is 0."""
    from millwright.core.records.dataset import DatasetKind
    from millwright.data.datasets.write_options import WriteOptions

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for last in (9, 4, 7, 2, 0):
        values = [5, 6, 3, last]
        frame = pl.DataFrame({"k": [1] * 4, "ts": [moment] * 4, "value": values})
        options = WriteOptions(mode="append", details={"last": last})
        found = catalog.write(frame, "tied", kind=DatasetKind.TABLE, options=options)
    return found
