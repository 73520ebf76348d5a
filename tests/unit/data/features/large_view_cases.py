"""Views of every kind on one dataset, for training sets that have to be the same on every engine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from millwright.data.features.definition import (
    Entity,
    Feature,
    FeatureService,
    FeatureView,
    OnDemandFeatureView,
    StreamFeatureView,
    Window,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def events(count: int = 400) -> pl.DataFrame:
    """Events with nulls, ties and late rows, and values of every type."""
    draw = np.random.default_rng(7)

    def moments(most: int) -> pl.Series:
        hours = [int(k) for k in draw.integers(0, most, count)]
        return pl.Series([START + k * HOUR if k % 11 else None for k in hours], dtype=pl.Datetime("us", "UTC"))

    return pl.DataFrame(
        {
            "building": [f"b{k}" if k else None for k in draw.integers(0, 6, count)],
            "crew": pl.Series(draw.integers(0, 3, count).tolist(), dtype=pl.Int16),
            "ended": moments(60),
            "created": moments(70),
            "late": pl.Series([int(k) if k % 5 else None for k in draw.integers(-20, 90, count)], dtype=pl.Int32),
            "cost": pl.Series([float("nan") if k % 9 == 0 else k / 7 for k in range(count)], dtype=pl.Float32),
            "done": [None if k % 4 == 0 else k % 3 == 0 for k in range(count)],
            "note": [None if k % 6 == 0 else f"ünï {k}" for k in range(count)],
            "day": [date(2026, 1, 1) + timedelta(days=int(k)) for k in draw.integers(0, 30, count)],
            "naive": pl.Series([datetime(2026, 1, 1) + k * timedelta(microseconds=1) for k in range(count)]),  # noqa: DTZ001
            "parts": [[k, None, -k] if k % 3 else None for k in range(count)],
        }
    )


def wanted(count: int = 120) -> pl.DataFrame:
    """Entity rows, some with an unknown or null key or no moment."""
    draw = np.random.default_rng(8)
    at = [START + int(k) * HOUR if k % 13 else None for k in draw.integers(0, 80, count)]
    return pl.DataFrame(
        {
            "building": [f"b{k}" if k != 3 else None for k in draw.integers(1, 8, count)],
            "gang": [int(k) if k else 70_000 for k in draw.integers(0, 4, count)],  # Int64; the view has Int16
            "event_timestamp": pl.Series(at, dtype=pl.Datetime("us", "UTC")),
        }
    )


BUILDING = Entity("building")
CREW = Entity("crew")
VALUES = [
    Feature("late", "Int64"),
    Feature("cost", "Float32"),
    Feature("done", "Boolean"),
    Feature("note", "String"),
    Feature("day", "Date"),
    Feature("naive", pl.Datetime("us")),
    Feature("parts", "List(Int64)"),
]


def doubled(events: Any) -> Any:
    """A function of Narwhals lazy frames."""
    import narwhals as nw

    return events.with_columns((nw.col("late") * 2).alias("twice")).sort("naive")


def service() -> FeatureService:
    """Features of every kind of view, with and without ttl, entities and created."""

    def view(name: str, feature: Feature, **given: Any) -> FeatureView:
        options: dict[str, Any] = {"entities": [BUILDING], "source": "events", "timestamp": "ended", **given}
        return FeatureView(name, features=[feature], **options)

    plain = FeatureView(
        "plain", entities=[BUILDING, CREW], source="events", features=VALUES, timestamp="ended", ttl=9 * HOUR
    )
    sql = view(
        "by_sql",
        Feature("thrice", "Int64"),
        transform="SELECT building, ended, created, late * 3 AS thrice FROM events ORDER BY naive",
        ttl=30 * HOUR,
    )
    function = view("by_function", Feature("twice", "Int32"), transform=doubled, created="")
    expression = view(
        "by_expression", Feature("mean", "Float64"), transform=[pl.col("late").mean().over("building").alias("mean")]
    )
    everybody = FeatureView(
        "everybody", entities=[], source="events", features=[Feature("last_day", "Date")], timestamp="ended",
        transform=[pl.col("day").alias("last_day")], ttl=2 * HOUR,
    )  # fmt: skip
    windows = StreamFeatureView(
        "windows",
        entities=[BUILDING],
        source="events",
        timestamp="ended",
        windows=[Window("late_count", "late", kind="count", over=8 * HOUR)],
    )
    share = OnDemandFeatureView(
        "share",
        sources=[sql],
        features=[Feature("share", "Float64")],
        transform=lambda frame: frame.select(share=pl.col("thrice") / 7),
    )
    return FeatureService(
        "all", [plain.with_keys({"crew": "gang"}), sql, function, expression, everybody, windows, share]
    )
