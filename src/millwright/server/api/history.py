"""Histories of metrics: whole in pages, or a few points of each for a chart."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeAlias

import msgspec
from litestar import get
from litestar.params import QueryParameter

from millwright.core.ids import RunId
from millwright.server.api.listing import Name, PageToken
from millwright.server.injection import FromApp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.core.records.run import MetricPoint

CHART = 500  # points of a history that a chart shows
_MOST_RUNS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Key: TypeAlias = Annotated[str, QueryParameter(description="The metric's name.")]
Points: TypeAlias = Annotated[
    int, QueryParameter(ge=4, le=5000, description="Points of each run at most, 4 to 5000; extremes are kept.")
]


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A value of a metric; `"NaN"`, `"Infinity"` and `"-Infinity"` are text, since JSON has no numbers for them."""

    step: int
    at: datetime
    value: float | str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Points of one run, by step, then time.

    Attributes:
        next_page_token: What to ask for next, as `page_token`; null behind the last ones, and for a chart's points.
    """

    run_id: str
    key: str
    points: list[Point]
    next_page_token: str | None = None


class Histories(msgspec.Struct, frozen=True, kw_only=True):
    """Points of several runs for a chart; runs without the metric are left out."""

    key: str
    runs: list[History]


@get("/tracked/{run_id:str}/history", sync_to_thread=True, tags=["tracking"])
def get_history(
    services: FromApp,
    run_id: Name,
    key: Key,
    limit: Annotated[int, QueryParameter(ge=1, le=100_000, description="Most points, 1 to 100000.")] = 10_000,
    page_token: PageToken = None,
) -> History:
    """Get a metric's whole history, by step, then time, in pages."""
    page = services.stores.metrics.history_raw(RunId(run_id), key, limit=limit, after=page_token)
    points = [
        Point(step=step, at=_EPOCH + timedelta(milliseconds=at), value=sendable(value))
        for value, at, step in page.items
    ]
    return History(run_id=run_id, key=key, points=points, next_page_token=page.next_token)


@get("/histories", sync_to_thread=True, tags=["tracking"])
def compare_histories(
    services: FromApp,
    run: Annotated[list[str], QueryParameter(max_items=_MOST_RUNS, description="Ids of runs, 100 at most.")],
    key: Key,
    points: Points = CHART,
) -> Histories:
    """Get some points of a metric of several runs, for a chart: first, last, and the extremes between."""
    found = services.stores.metrics.sampled([RunId(each) for each in run], key, points=points)
    histories = [History(run_id=run_id, key=key, points=_told(told)) for run_id, told in found.items()]
    return Histories(key=key, runs=histories)


def sendable(value: float) -> float | str:
    """A value as JSON has it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _told(points: Iterable[MetricPoint]) -> list[Point]:
    return [Point(step=point.step, at=point.at, value=sendable(point.value)) for point in points]
