"""Histories of metrics: whole, of many runs at once, and thinned out for charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.ids import RunId
from millwright.server.mlflow.answer import number
from millwright.server.mlflow.check import bad_page
from millwright.server.mlflow.failure import invalid
from millwright.server.mlflow.permission import Access, ResourceKind, Rule, fields
from millwright.server.mlflow.permission import field as named
from millwright.server.mlflow.route import Route
from millwright.server.mlflow.tracking.run_shape import MetricShape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.server.mlflow.call import Call

    RawPoint = tuple[float, int, int]

MAX_BULK = 25_000
MAX_RUNS = 100
MAX_INTERVAL = 2500
_LARGEST = 1.7976931348623157e308


class History(Struct):
    """Which metric of which run; a page of it when `max_results` is given."""

    run_id: str = ""
    metric_key: str = ""
    page_token: str = ""
    max_results: int | None = None


class BulkHistory(Struct):
    """Which metric of which runs."""

    run_id: list[str] = field(default_factory=list)
    metric_key: str | None = None
    max_results: int = MAX_BULK


class IntervalHistory(Struct):
    """Which metric of which runs, between which steps, in how many points."""

    run_ids: list[str] | None = None
    metric_key: str = ""
    start_step: int | None = None
    end_step: int | None = None
    max_results: int = MAX_INTERVAL


class RunPoint(Struct, gc=False):
    """A point with its run."""

    key: str
    value: float | str
    timestamp: int
    step: int
    run_id: str


def get_history(call: Call, body: History) -> dict[str, Any]:
    """Get a metric's points by step and time."""
    if body.max_results is not None and body.max_results <= 0:
        raise invalid(
            f"Invalid value {body.max_results} for parameter 'max_results' supplied. It must be a positive integer."
        )
    try:
        page = call.stores.metrics.history_raw(
            RunId(body.run_id), body.metric_key, limit=body.max_results, after=body.page_token or None
        )
    except NotFoundError:
        return {}  # as MLflow's server answers
    except InvalidInputError as error:
        raise bad_page(error, body.page_token) from error
    key = body.metric_key
    # Finite numbers, nearly all there are, go through without a call.
    points = [
        MetricShape(key, value if -_LARGEST <= value <= _LARGEST else number(value), at, step)
        for value, at, step in page.items
    ]
    answer: dict[str, Any] = {"metrics": points} if points else {}
    return answer | ({"next_page_token": page.next_token} if page.next_token else {})


def get_bulk(call: Call, body: BulkHistory) -> dict[str, Any]:
    """Get a metric's points of up to 100 runs."""
    if not body.run_id:
        raise invalid("GetMetricHistoryBulk request must specify at least one run_id.")
    if len(body.run_id) > MAX_RUNS:
        raise invalid(
            f"GetMetricHistoryBulk request cannot specify more than {MAX_RUNS} run_ids. Received {len(body.run_id)} "
            "run_ids."
        )
    if body.metric_key is None:
        raise invalid("GetMetricHistoryBulk request must specify a metric_key.")
    most = max(0, min(body.max_results, MAX_BULK))
    points: list[RunPoint] = []
    for run_id in sorted(set(body.run_id)):
        if len(points) >= most:
            break
        history = sorted(_history(call, run_id, body.metric_key), key=lambda point: (point[1], point[2]))
        points += [RunPoint(body.metric_key, number(value), at, step, run_id) for value, at, step in history]
    return {"metrics": points[:most]}


def get_interval(call: Call, body: IntervalHistory) -> dict[str, Any]:
    """Get a metric's points of up to 100 runs, thinned out as MLflow thins them."""
    run_ids = body.run_ids or []
    if len(run_ids) > MAX_RUNS:
        raise invalid(
            f"GetMetricHistoryBulkInterval request must specify at most {MAX_RUNS} run_ids. "
            f"Received {len(run_ids)} run_ids. See the API docs for more information about request parameters."
        )
    if not 1 <= body.max_results <= MAX_INTERVAL:
        raise invalid(
            f"max_results must be between 1 and {MAX_INTERVAL}. See the API docs for more information about request "
            "parameters."
        )
    if (body.start_step is None) is not (body.end_step is None):
        raise invalid("If either start step or end step are specified, both must be specified.")
    if body.start_step is not None and body.end_step is not None and body.start_step > body.end_step:
        raise invalid(
            f"end_step must be greater than start_step. Found start_step={body.start_step} and "
            f"end_step={body.end_step}."
        )
    first, last = body.start_step, body.end_step
    points: list[RunPoint] = []
    for run_id in run_ids:
        history = _history(call, run_id, body.metric_key)
        if first is not None and last is not None:
            history = [point for point in history if first <= point[2] <= last]
        shown = thinned(history, body.max_results)
        points += [RunPoint(body.metric_key, number(value), at, step, run_id) for value, at, step in shown]
    return {"metrics": points} if points else {}


def thinned(points: Sequence[RawPoint], most: int) -> Sequence[RawPoint]:
    """The first point of each of so many equal stretches (the earlier ones longer by one), then the very last one.

    Args:
        points: In order.
        most: How many to keep, ≥ 1.
    """
    if len(points) <= most:
        return points
    length, longer = divmod(len(points), most)
    return [*(points[at * length + min(at, longer)] for at in range(most - 1)), points[-1]]


def _history(call: Call, run_id: str, key: str) -> Sequence[RawPoint]:
    try:
        return call.stores.metrics.history_raw(RunId(run_id), key).items
    except NotFoundError:
        return ()


_BULK = Rule(Access.READ, fields(ResourceKind.RUN, "run_id"))

ROUTES = (
    Route(
        method="GET",
        path="/mlflow/metrics/get-history",
        body=History,
        required=("run_id", "metric_key"),
        handler=get_history,
        rule=Rule(Access.READ, named(ResourceKind.RUN, "run_id")),
    ),
    Route(
        method="GET",
        path="/mlflow/metrics/get-history-bulk",
        prefixes=("ajax-api",),
        body=BulkHistory,
        handler=get_bulk,
        rule=_BULK,
    ),
    Route(
        method="GET",
        path="/mlflow/metrics/get-history-bulk-interval",
        body=IntervalHistory,
        required=("run_ids", "metric_key"),
        handler=get_interval,
        rule=Rule(Access.READ, fields(ResourceKind.RUN, "run_ids")),
    ),
)
