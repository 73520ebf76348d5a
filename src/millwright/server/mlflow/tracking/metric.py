"""Metric points, written one by one or in batches with parameters and tags, and their histories."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct, UnsetType, field

from millwright.core.errors import ConflictError
from millwright.core.ids import RunId
from millwright.core.records.run import MetricPoint, RunBatch
from millwright.server.mlflow.answer import moment, number
from millwright.server.mlflow.check import MAX_KEY, check_length, check_name, check_param, check_tag
from millwright.server.mlflow.failure import WireError, invalid, missing, unfit
from millwright.server.mlflow.pair import Pair
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.tracking.run import told_of
from millwright.server.mlflow.tracking.run_shape import RUN_NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.server.mlflow.call import Call

MAX_METRICS = 1000
MAX_PAIRS = 100
_MAX_STEP = 1 << 63


class Point(Struct):
    """A metric's point as it comes."""

    key: str = ""
    value: float | UnsetType = UNSET
    timestamp: int | UnsetType = UNSET
    step: int = 0
    model_id: str = ""
    dataset_name: str = ""
    dataset_digest: str = ""


class LogMetric(Point):
    """A point of a run."""

    run_id: str = ""


class LogBatch(Struct):
    """Points, parameters and tags of a run."""

    run_id: str = ""
    metrics: list[Point] = field(default_factory=list)
    params: list[Pair] = field(default_factory=list)
    tags: list[Pair] = field(default_factory=list)


def log_metric(call: Call, body: LogMetric) -> None:
    """Log one point of a metric."""
    for name in ("key", "value", "timestamp"):
        if getattr(body, name) in {"", UNSET}:
            raise missing(name)
    checked: set[str] = set()
    point = _point(body, "", checked)
    with told_of(body.run_id):
        call.stores.runs.append_metrics(RunId(body.run_id), [point])


def log_batch(call: Call, body: LogBatch) -> None:
    """Log points, parameters and tags as one change."""
    _check_fields(body)
    _check_sizes(body)
    checked: set[str] = set()
    points = tuple(_point(each, f"metrics[{at}].", checked) for at, each in enumerate(body.metrics))
    params = dict(check_param(each.key, each.value, f"params[{at}].") for at, each in enumerate(body.params))
    if len(params) < len(body.params):
        raise _repeated(body.params)
    tags = dict(check_tag(each.key, each.value, f"tags[{at}].") for at, each in enumerate(body.tags))
    run_id = RunId(body.run_id)
    with told_of(body.run_id):
        try:
            call.stores.runs.put_batch(run_id, RunBatch(points=points, params=params, tags=tags))
        except ConflictError as error:
            raise _changed(run_id, error) from error
        if tags.get(RUN_NAME):
            call.stores.runs.update_run(run_id, name=tags[RUN_NAME])


def _changed(run_id: RunId, error: ConflictError) -> Exception:
    if "stored" not in error.details:
        return error
    given = {"key": error.details["key"], "old_value": error.details["stored"], "new_value": error.details["given"]}
    return invalid(
        f"Changing param values is not allowed. Params were already logged='{[given]}' for run ID='{run_id}'."
    )


def _point(each: Point, place: str, checked: set[str]) -> MetricPoint:
    # Names repeat in a batch: each is looked at once.
    if each.key not in checked:
        check_name(each.key, f"{place}name")
        check_length("Metric name", each.key, MAX_KEY)
        checked.add(each.key)
    if each.timestamp is UNSET or each.value is UNSET:
        raise missing(f"{place}{'value' if each.value is UNSET else 'timestamp'}")
    if each.timestamp < 0:
        raise unfit(
            f"{place}timestamp",
            each.timestamp,
            f"metric '{each.key}' (value={each.value}). Timestamp must be a nonnegative long (64-bit integer) ",
        )
    if not -_MAX_STEP <= each.step < _MAX_STEP:
        raise unfit(f"{place}step", each.step, "Expected a 64-bit integer.")
    value = number(each.value)
    try:
        at = moment(each.timestamp)
    except OverflowError as error:
        reason = "Expected milliseconds since 1970, up to the year 9999."
        raise unfit(f"{place}timestamp", each.timestamp, reason) from error
    return MetricPoint(
        key=each.key,
        value=math.nan if isinstance(value, str) else value,
        step=each.step,
        at=at,
        model_id=each.model_id or None,
        dataset_name=each.dataset_name or None,
        dataset_digest=each.dataset_digest or None,
    )


def _check_fields(body: LogBatch) -> None:
    for at, point in enumerate(body.metrics):
        if not point.key or point.value is UNSET or point.timestamp is UNSET:
            name = "key" if not point.key else "value" if point.value is UNSET else "timestamp"
            raise missing(f"metrics[{at}].{name}")
    for what, listed in (("params", body.params), ("tags", body.tags)):
        for at, each in enumerate(listed):
            if not each.key:
                raise missing(f"{what}[{at}].key")


def _check_sizes(body: LogBatch) -> None:
    counts = (("metrics", len(body.metrics), MAX_METRICS), ("params", len(body.params), MAX_PAIRS))
    total = len(body.metrics) + len(body.params) + len(body.tags)
    for what, count, limit in (
        *counts,
        ("tags", len(body.tags), MAX_PAIRS),
        ("metrics, params, and tags", total, 1000),
    ):
        if count > limit:
            raise invalid(
                f"A batch logging request can contain at most {limit} {what}. Got {count} {what}. "
                f"Please split up {what} across multiple requests and try again."
            )


def _repeated(params: Sequence[Pair]) -> WireError:
    seen: set[str] = set()
    twice = [each.key for each in params if each.key in seen or seen.add(each.key)]  # type: ignore[func-returns-value]
    return invalid(
        f"Duplicate parameter keys have been submitted: {twice}. Please ensure the request contains only one param "
        "value per param key."
    )


def _written(_call: Call, body: LogMetric | LogBatch) -> Sequence[Resource]:
    """The run, and the logged models on which the points show as well."""
    models = {each.model_id for each in (body.metrics if isinstance(body, LogBatch) else [body]) if each.model_id}
    return (
        Resource(ResourceKind.RUN, body.run_id),
        *(Resource(ResourceKind.LOGGED_MODEL, model_id) for model_id in sorted(models)),
    )


def _routes() -> tuple[Route, ...]:

    rule = Rule(Access.WRITE, _written)
    return tuple(
        Route(
            method="POST",
            path=f"/mlflow/runs/{name}",
            body=body,
            required=("run_id",),
            mode=Mode.WRITE,
            handler=handler,
            rule=rule,
        )
        for name, body, handler in (("log-metric", LogMetric, log_metric), ("log-batch", LogBatch, log_batch))
    )


ROUTES = _routes()
