"""Experiments: `/mlflow/experiments/…`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import msgspec

from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from millwright.core.filter import EXPERIMENTS, parse_filter, parse_order
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import ExperimentRecord, Lifecycle
from millwright.core.records.search import Query
from millwright.server.mlflow.answer import Wire, millis
from millwright.server.mlflow.artifacts.artifact_uri import experiment_location
from millwright.server.mlflow.check import (
    MAX_EXPERIMENT_NAME,
    MAX_LOCATION,
    bad_page,
    check_experiment_id,
    check_experiment_tag,
    check_length,
    check_page,
    check_text,
    chosen,
)
from millwright.server.mlflow.failure import WireError, invalid, missing, not_there
from millwright.server.mlflow.permission import Access, ResourceKind, Rule, field, own_project, visible
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.server.mlflow.call import Call

# What a search shows, in the order of the views' numbers, which begin with 1.
VIEWS: Mapping[str, Lifecycle | None] = {
    "ACTIVE_ONLY": Lifecycle.ACTIVE,
    "DELETED_ONLY": Lifecycle.DELETED,
    "ALL": None,
}


class Tag(msgspec.Struct):
    """A tag that is set."""

    key: str = ""
    value: str = ""


class CreateExperiment(msgspec.Struct):
    """`POST /mlflow/experiments/create`."""

    name: str = ""
    artifact_location: str = ""
    tags: tuple[Tag, ...] = ()


class OneExperiment(msgspec.Struct):
    """An experiment by its id."""

    experiment_id: str = ""


class NamedExperiment(msgspec.Struct):
    """An experiment by its name."""

    experiment_name: str = ""


class UpdateExperiment(msgspec.Struct):
    """`POST /mlflow/experiments/update`."""

    experiment_id: str = ""
    new_name: str = ""


class SearchExperiments(msgspec.Struct):
    """`/mlflow/experiments/search`."""

    max_results: int = 0
    page_token: str = ""
    filter: str = ""
    order_by: tuple[str, ...] = ()
    view_type: str | int = 1


class SetExperimentTag(msgspec.Struct):
    """`POST /mlflow/experiments/set-experiment-tag`."""

    experiment_id: str = ""
    key: str = ""
    value: str = ""


class DeleteExperimentTag(msgspec.Struct):
    """`POST /mlflow/experiments/delete-experiment-tag`."""

    experiment_id: str = ""
    key: str = ""


class WireTag(Wire):
    """A tag, as it is sent."""

    key: str
    value: str


class WireExperiment(Wire):
    """An experiment, as it is sent."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: str
    last_update_time: int
    creation_time: int
    tags: list[WireTag] = msgspec.field(default_factory=list)
    workspace: str = ""


class ExperimentAnswer(Wire):
    """One experiment."""

    experiment: WireExperiment


class ExperimentPage(Wire):
    """Some experiments."""

    experiments: list[WireExperiment] = msgspec.field(default_factory=list)
    next_page_token: str | None = None


def create(call: Call, body: CreateExperiment) -> dict[str, str]:
    """Create an experiment."""
    check_text(check_length("name", body.name, MAX_EXPERIMENT_NAME), "name")
    record = ExperimentRecord(
        id=ExperimentId(""),
        name=body.name,
        created_at=call.now(),
        artifact_location=_location(body.artifact_location),
        tags=dict(_tag(each.key, each.value) for each in body.tags),
        project=call.project,
    )
    try:
        return {"experiment_id": call.stores.experiments.create(record).id}
    except AlreadyExistsError as error:
        raise _name_taken(body.name) from error


def get(call: Call, body: OneExperiment) -> ExperimentAnswer:
    """Get an experiment, deleted or not."""
    return ExperimentAnswer(experiment=_sent(the_experiment(call, body.experiment_id)))


def get_by_name(call: Call, body: NamedExperiment) -> ExperimentAnswer:
    """Get an experiment by its name, deleted or not."""
    record = call.stores.experiments.find(body.experiment_name)
    if record is None or (call.projects is not None and record.project not in call.projects):
        raise not_there(f"Could not find experiment with name '{body.experiment_name}'")
    return ExperimentAnswer(experiment=_sent(record))


def update(call: Call, body: UpdateExperiment) -> None:
    """Rename an experiment."""
    check_text(check_length("name", body.new_name, MAX_EXPERIMENT_NAME), "new_name")
    record = the_experiment(call, body.experiment_id)
    if record.lifecycle is not Lifecycle.ACTIVE:
        # MLflow answers 500 to this, and its clients ask again for minutes.
        raise WireError("INVALID_STATE", "Cannot rename a non-active experiment.", status=400)
    try:
        call.stores.experiments.rename(record.id, body.new_name, call.now())
    except AlreadyExistsError as error:
        raise _name_taken(body.new_name) from error


def delete(call: Call, body: OneExperiment) -> None:
    """Delete an experiment with its runs; it can be restored."""
    _change(call, body.experiment_id, Lifecycle.DELETED)


def restore(call: Call, body: OneExperiment) -> None:
    """Restore an experiment with its runs."""
    _change(call, body.experiment_id, Lifecycle.ACTIVE)


def search(call: Call, body: SearchExperiments) -> ExperimentPage:
    """Search experiments."""
    query = Query(
        where=parse_filter(body.filter, EXPERIMENTS),
        order=tuple(parse_order(each, EXPERIMENTS) for each in body.order_by),
        limit=check_page(body.max_results),
        after=body.page_token or None,
    )
    try:
        page = call.stores.experiments.search(
            query, lifecycle=VIEWS[chosen(body.view_type, VIEWS, "view_type")], projects=call.projects
        )
    except InvalidInputError as error:
        raise bad_page(error, body.page_token) from error
    return ExperimentPage(experiments=[_sent(each) for each in page.items], next_page_token=page.next_token)


def set_tag(call: Call, body: SetExperimentTag) -> None:
    """Set a tag of an experiment."""
    key, value = _tag(body.key, body.value)
    record = active(call, body.experiment_id)
    call.stores.experiments.put_tags(record.id, {key: value})


def delete_tag(call: Call, body: DeleteExperimentTag) -> None:
    """Delete a tag of an experiment."""
    record = active(call, body.experiment_id)
    try:
        call.stores.experiments.delete_tag(record.id, body.key)
    except NotFoundError as error:
        raise not_there(f"No tag with name: {body.key} in experiment with id {record.id}") from error


def the_experiment(call: Call, experiment_id: str) -> ExperimentRecord:
    """The experiment of an id; that of no id is the default one.

    Raises:
        WireError: There is none, or the id is no number.
    """
    try:
        return call.stores.experiments.get(ExperimentId(check_experiment_id(experiment_id or "0")))
    except NotFoundError as error:
        raise not_there(f"No Experiment with id={experiment_id} exists") from error


def active(call: Call, experiment_id: str) -> ExperimentRecord:
    """The same, and it must not be deleted.

    Raises:
        WireError: There is none, or it is.
    """
    record = the_experiment(call, experiment_id)
    if record.lifecycle is not Lifecycle.ACTIVE:
        raise invalid(f"The experiment {record.id} must be in the 'active' state. Current state is {record.lifecycle}.")
    return record


def _change(call: Call, experiment_id: str, lifecycle: Lifecycle) -> None:
    record = the_experiment(call, experiment_id)
    if record.lifecycle is lifecycle:
        raise not_there(f"No Experiment with id={experiment_id} exists")
    call.stores.experiments.set_lifecycle(record.id, lifecycle, call.now())


def _tag(key: str, value: str) -> tuple[str, str]:
    if not key:
        raise missing("key")
    return check_experiment_tag(key, value)


def _location(uri: str) -> str:
    try:
        parts = urlparse(uri)
    except ValueError as error:
        raise invalid(f"Invalid artifact_location: {error}") from error
    if parts.fragment or parts.params:
        raise invalid("'artifact_location' URL can't include fragments or params.")
    if ".." in parts.query:
        raise invalid("Invalid query string")
    if parts.scheme == "runs":
        raise invalid(f"Artifact location cannot be a runs:/ URI. Given: '{uri}'")
    if len(uri) > MAX_LOCATION:
        raise invalid(
            "Invalid artifact path length. The length of the artifact path cannot be greater than "
            f"{MAX_LOCATION} characters."
        )
    return check_text(_absolute(uri, parts.scheme), "artifact_location")


def _absolute(uri: str, scheme: str) -> str:
    """A path of this machine that is not absolute begins, as with MLflow's server, in the folder where we run."""
    path = uri.partition(":")[2] if scheme else uri
    if not path or path.startswith("/") or scheme not in {"", "file"}:
        return uri
    whole = Path.cwd().joinpath(path).as_posix()
    return f"file://{whole}" if scheme else whole


def _name_taken(name: str) -> WireError:
    return WireError("RESOURCE_ALREADY_EXISTS", f"Experiment(name={name}) already exists.")


def _sent(record: ExperimentRecord) -> WireExperiment:
    return WireExperiment(
        experiment_id=record.id,
        name=record.name,
        artifact_location=experiment_location(record),
        lifecycle_stage=record.lifecycle.value,
        last_update_time=millis(record.updated_at or record.created_at),
        creation_time=millis(record.created_at),
        tags=[WireTag(key=key, value=value) for key, value in record.tags.items()],
        workspace=record.project,
    )


_ID = field(ResourceKind.EXPERIMENT, "experiment_id")
_READ, _WRITE = Rule(Access.READ, _ID), Rule(Access.WRITE, _ID)
_P = "/mlflow/experiments"

ROUTES = (
    Route(
        method="POST",
        path=f"{_P}/create",
        handler=create,
        rule=Rule(Access.WRITE, own_project),
        body=CreateExperiment,
        required=("name",),
        mode=Mode.WRITE,
    ),
    Route(method="GET", path=f"{_P}/get", handler=get, rule=_READ, body=OneExperiment, required=("experiment_id",)),
    Route(
        method="GET",
        path=f"{_P}/get-by-name",
        handler=get_by_name,
        rule=Rule(Access.READ, visible),
        body=NamedExperiment,
        required=("experiment_name",),
    ),
    Route(
        method="POST",
        path=f"{_P}/update",
        handler=update,
        rule=_WRITE,
        body=UpdateExperiment,
        required=("experiment_id", "new_name"),
        mode=Mode.WRITE,
    ),
    *(
        Route(
            method="POST",
            path=f"{_P}/{name}",
            handler=handler,
            rule=_WRITE,
            body=OneExperiment,
            required=("experiment_id",),
            mode=Mode.WRITE,
        )
        for name, handler in (("delete", delete), ("restore", restore))
    ),
    *(
        Route(
            method=method,
            path=f"{_P}/search",
            handler=search,
            rule=Rule(Access.READ, visible),
            body=SearchExperiments,
        )
        for method in ("GET", "POST")
    ),
    Route(
        method="POST",
        path=f"{_P}/set-experiment-tag",
        handler=set_tag,
        rule=_WRITE,
        body=SetExperimentTag,
        required=("experiment_id", "key"),
        mode=Mode.WRITE,
    ),
    Route(
        method="POST",
        path=f"{_P}/delete-experiment-tag",
        handler=delete_tag,
        rule=_WRITE,
        body=DeleteExperimentTag,
        required=("experiment_id", "key"),
        mode=Mode.WRITE,
    ),
)
