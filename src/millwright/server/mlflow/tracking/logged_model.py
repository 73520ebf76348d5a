"""Logged models: `/mlflow/logged-models/…`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from millwright.core.errors import ConflictError, InvalidInputError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.logged_model import (
    LoggedModelOrder,
    LoggedModelQuery,
    LoggedModelRecord,
    LoggedModelStatus,
    MeasuredOn,
)
from millwright.server.mlflow.answer import Wire, millis, number
from millwright.server.mlflow.artifacts.artifact_uri import experiment_location, joined
from millwright.server.mlflow.check import check_experiment_id
from millwright.server.mlflow.failure import WireError, invalid, unfit
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, fields, segment
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.tracking.logged_model_filter import parse_model_field, parse_model_filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.run import MetricPoint
    from millwright.server.mlflow.call import Call

_BAD_NAME = ("/", ":", ".", "%", '"', "'")
_STATUS = {
    LoggedModelStatus.UNSPECIFIED: "LOGGED_MODEL_STATUS_UNSPECIFIED",
    LoggedModelStatus.PENDING: "LOGGED_MODEL_PENDING",
    LoggedModelStatus.READY: "LOGGED_MODEL_READY",
    LoggedModelStatus.FAILED: "LOGGED_MODEL_UPLOAD_FAILED",
}
_BY_NAME = {name: status for status, name in _STATUS.items()}
_BY_NUMBER = dict(enumerate(_STATUS))
_MAX_NAME = 500


class Pair(msgspec.Struct):
    """A parameter or tag."""

    key: str = ""
    value: str = ""


class CreateLoggedModel(msgspec.Struct):
    """`POST /mlflow/logged-models`."""

    experiment_id: str = ""
    name: str | None = None
    model_type: str = ""
    source_run_id: str = ""
    params: tuple[Pair, ...] = ()
    tags: tuple[Pair, ...] = ()


class FinalizeLoggedModel(msgspec.Struct):
    """`PATCH /mlflow/logged-models/{model_id}`."""

    model_id: str = ""
    status: str | int = ""


class LogParams(msgspec.Struct):
    """`POST /mlflow/logged-models/{model_id}/params`."""

    params: tuple[Pair, ...] = ()


class SetTags(msgspec.Struct):
    """`PATCH /mlflow/logged-models/{model_id}/tags`."""

    tags: tuple[Pair, ...] = ()


class DatasetChoice(msgspec.Struct):
    """A dataset that metrics were measured on."""

    dataset_name: str = ""
    dataset_digest: str = ""


class OrderBy(msgspec.Struct):
    """One key of an order."""

    field_name: str = ""
    ascending: bool = True
    dataset_name: str = ""
    dataset_digest: str = ""


class SearchLoggedModels(msgspec.Struct):
    """`POST /mlflow/logged-models/search`."""

    experiment_ids: tuple[str, ...] | None = None
    filter: str = ""
    datasets: tuple[DatasetChoice, ...] = ()
    max_results: int = 100
    order_by: tuple[OrderBy, ...] = ()
    page_token: str = ""


class GetLoggedModel(msgspec.Struct):
    """`GET /mlflow/logged-models/{model_id}`."""

    allow_deleted: str = ""


class WirePair(Wire):
    """A parameter or tag, as it is sent."""

    key: str
    value: str


class WireMetric(Wire):
    """A point of a metric, as it is sent."""

    key: str
    value: float | str
    timestamp: int
    step: int
    dataset_name: str | None = None
    dataset_digest: str | None = None
    model_id: str | None = None
    run_id: str | None = None


class WireInfo(Wire):
    """What a logged model is."""

    model_id: str
    experiment_id: str
    name: str
    creation_timestamp_ms: int
    last_updated_timestamp_ms: int
    artifact_uri: str
    status: str
    source_run_id: str | None = None
    model_type: str | None = None
    status_message: str | None = None
    tags: tuple[WirePair, ...] = ()


class WireData(Wire):
    """What was measured and set."""

    params: tuple[WirePair, ...] = ()
    metrics: tuple[WireMetric, ...] = ()


class WireModel(Wire):
    """A logged model, as it is sent."""

    info: WireInfo
    data: WireData


class ModelAnswer(Wire):
    """One logged model."""

    model: WireModel


class SearchAnswer(Wire):
    """A page of logged models."""

    models: tuple[WireModel, ...] = ()
    next_page_token: str | None = None


def create(call: Call, body: CreateLoggedModel) -> ModelAnswer:
    """Add a logged model, with its place in the tree of artifacts."""
    name = body.name or f"model-{uuid4().hex[:8]}"
    _check_name(name)
    experiment = _experiment(call, body.experiment_id)
    model_id, now = f"m-{uuid4().hex}", call.now()
    record = LoggedModelRecord(
        id=model_id,
        experiment_id=ExperimentId(body.experiment_id),
        name=name,
        artifact_location=joined(experiment, "models", model_id, "artifacts"),
        created_at=now,
        updated_at=now,
        model_type=body.model_type,
        source_run_id=RunId(body.source_run_id),
        params=_pairs(body.params, "params"),
        tags=_pairs(body.tags, "tags"),
    )
    call.stores.logged_models.create(record)
    return ModelAnswer(model=_wire(record, ()))


def get(call: Call, body: GetLoggedModel) -> ModelAnswer:
    """A logged model with its parameters, tags and metrics."""
    deleted = body.allow_deleted.lower() == "true"
    return ModelAnswer(model=_with_metrics(call, call.stores.logged_models.get(call.path["model_id"], deleted=deleted)))


def finalize(call: Call, body: FinalizeLoggedModel) -> ModelAnswer:
    """Say whether a logged model's files are there."""
    name = str(body.status)
    status = _BY_NUMBER.get(int(name)) if name.isascii() and name.isdigit() else _BY_NAME.get(name)
    if status is None:
        raise unfit("status", body.status)
    return ModelAnswer(
        model=_with_metrics(call, call.stores.logged_models.set_status(call.path["model_id"], status, call.now()))
    )


def delete(call: Call, _body: None) -> None:
    """Hide a logged model; `mw gc` removes it for good later."""
    call.stores.logged_models.set_lifecycle(call.path["model_id"], Lifecycle.DELETED, call.now())


def log_params(call: Call, body: LogParams) -> None:
    """Add parameters."""
    try:
        call.stores.logged_models.put_params(call.path["model_id"], _pairs(body.params, "params"))
    except ConflictError as error:
        raise invalid(str(error)) from error


def set_tags(call: Call, body: SetTags) -> None:
    """Set tags."""
    call.stores.logged_models.put_tags(call.path["model_id"], _pairs(body.tags, "tags"))


def delete_tag(call: Call, _body: None) -> None:
    """Remove a tag."""
    call.stores.logged_models.delete_tag(call.path["model_id"], call.path["tag_key"])


def search(call: Call, body: SearchLoggedModels) -> SearchAnswer:
    """Logged models of some experiments that fit a filter."""
    if any(not dataset.dataset_name for dataset in body.datasets):
        raise invalid("`dataset_name` in the `datasets` clause must be specified.")
    if body.max_results < 0:
        raise unfit("max_results", body.max_results)
    query = LoggedModelQuery(
        experiment_ids=tuple(ExperimentId(check_experiment_id(each)) for each in body.experiment_ids or ()),
        where=parse_model_filter(body.filter),
        order=tuple(
            LoggedModelOrder(
                field=parse_model_field(order.field_name),
                ascending=order.ascending,
                dataset=_measured_on(order) if order.dataset_name else None,
            )
            for order in body.order_by
        ),
        datasets=tuple(_measured_on(dataset) for dataset in body.datasets),
        limit=min(body.max_results or 100, 1000),
        after=body.page_token or None,
    )
    try:
        page = call.stores.logged_models.search(query)
    except InvalidInputError as error:
        raise invalid(str(error)) from error
    metrics = call.stores.metrics.of_models([record.id for record in page.items])
    return SearchAnswer(
        models=tuple(_wire(record, metrics.get(record.id, ())) for record in page.items),
        next_page_token=page.next_token,
    )


def _measured_on(choice: DatasetChoice | OrderBy) -> MeasuredOn:
    return MeasuredOn(name=choice.dataset_name, digest=choice.dataset_digest or None)


def _experiment(call: Call, experiment_id: str) -> str:
    """The location of an active experiment."""
    from millwright.core.errors import NotFoundError

    try:
        experiment = call.stores.experiments.get(ExperimentId(experiment_id))
    except NotFoundError as error:
        raise WireError("RESOURCE_DOES_NOT_EXIST", f"No Experiment with id={experiment_id} exists") from error
    if experiment.lifecycle is not Lifecycle.ACTIVE:
        raise invalid(
            f"The experiment {experiment_id} must be in the 'active' state. "
            f"Current state is {experiment.lifecycle.value}."
        )
    return experiment_location(experiment)


def _check_name(name: str) -> None:
    if any(char in name for char in _BAD_NAME):
        raise invalid(
            f"Invalid model name ({name[:200]!r}) provided. Model name must be a non-empty string "
            f"and cannot contain the following characters: {_BAD_NAME}"
        )
    if len(name) > _MAX_NAME:
        raise invalid(f"Invalid model name: expected at most {_MAX_NAME} characters, found {len(name)}.")


def _pairs(pairs: Sequence[Pair], what: str) -> dict[str, str]:
    for at, pair in enumerate(pairs):
        if not pair.key:
            raise invalid(f"Missing value for required parameter '{what}[{at}].key'.")
    return {pair.key: pair.value for pair in pairs}


def _with_metrics(call: Call, record: LoggedModelRecord) -> WireModel:
    return _wire(record, call.stores.metrics.of_models([record.id]).get(record.id, ()))


def _wire(record: LoggedModelRecord, metrics: Sequence[tuple[RunId, MetricPoint]]) -> WireModel:
    return WireModel(
        info=WireInfo(
            model_id=record.id,
            experiment_id=record.experiment_id,
            name=record.name,
            creation_timestamp_ms=millis(record.created_at),
            last_updated_timestamp_ms=millis(record.updated_at),
            artifact_uri=record.artifact_location,
            status=_STATUS[record.status],
            source_run_id=record.source_run_id,
            model_type=record.model_type,
            status_message=record.status_message,
            tags=tuple(WirePair(key=key, value=value) for key, value in record.tags.items()),
        ),
        data=WireData(
            params=tuple(WirePair(key=key, value=value) for key, value in record.params.items()),
            metrics=tuple(
                WireMetric(
                    key=point.key,
                    value=number(point.value),
                    timestamp=millis(point.at),
                    step=point.step,
                    dataset_name=point.dataset_name,
                    dataset_digest=point.dataset_digest,
                    model_id=record.id,
                    run_id=run_id,
                )
                for run_id, point in metrics
            ),
        ),
    )


def _made(_call: Call, body: CreateLoggedModel) -> Sequence[Resource]:
    """The experiment, and the run that the model is said to come from."""
    run = (Resource(ResourceKind.RUN, body.source_run_id),) if body.source_run_id else ()
    return (Resource(ResourceKind.EXPERIMENT, body.experiment_id), *run)


_ONE = "/mlflow/logged-models/{model_id}"
_MODEL = segment(ResourceKind.LOGGED_MODEL, "model_id")
_READ, _WRITE = Rule(Access.READ, _MODEL), Rule(Access.WRITE, _MODEL)

ROUTES = (
    Route(
        method="POST",
        path="/mlflow/logged-models",
        handler=create,
        rule=Rule(Access.WRITE, _made),
        body=CreateLoggedModel,
        required=("experiment_id",),
        mode=Mode.WRITE,
    ),
    Route(
        method="POST",
        path="/mlflow/logged-models/search",
        handler=search,
        rule=Rule(Access.READ, fields(ResourceKind.EXPERIMENT, "experiment_ids")),
        body=SearchLoggedModels,
        required=("experiment_ids",),
    ),
    Route(method="GET", path=_ONE, handler=get, rule=_READ, body=GetLoggedModel),
    Route(
        method="PATCH",
        path=_ONE,
        handler=finalize,
        rule=_WRITE,
        body=FinalizeLoggedModel,
        required=("model_id", "status"),
        mode=Mode.WRITE,
    ),
    Route(method="DELETE", path=_ONE, handler=delete, rule=_WRITE, mode=Mode.WRITE),
    Route(method="POST", path=f"{_ONE}/params", handler=log_params, rule=_WRITE, body=LogParams, mode=Mode.WRITE),
    Route(method="PATCH", path=f"{_ONE}/tags", handler=set_tags, rule=_WRITE, body=SetTags, mode=Mode.WRITE),
    Route(method="DELETE", path=f"{_ONE}/tags/{{tag_key}}", handler=delete_tag, rule=_WRITE, mode=Mode.WRITE),
)
