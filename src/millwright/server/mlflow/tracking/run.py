"""Runs: their life, their parameters and tags, and the search over them."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError, StateTransitionError
from millwright.core.filter import RUNS, parse_filter, parse_order
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import DEFAULT_EXPERIMENT, Lifecycle
from millwright.core.records.run import RunRecord, RunStatus
from millwright.core.records.search import Query
from millwright.server.mlflow.answer import moment
from millwright.server.mlflow.artifacts.artifact_uri import experiment_location, joined
from millwright.server.mlflow.check import (
    MAX_RESULTS,
    bad_page,
    check_experiment_id,
    check_param,
    check_tag,
    check_text,
    chosen,
)
from millwright.server.mlflow.failure import WireError, invalid, not_there, unfit
from millwright.server.mlflow.name import new_name
from millwright.server.mlflow.pair import Pair
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, fields
from millwright.server.mlflow.permission import field as named
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.tracking.experiment import VIEWS, active
from millwright.server.mlflow.tracking.run_shape import PARENT, RUN_NAME, STATUSES, OutputsShape, info, shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.server.mlflow.call import Call

USER = "mlflow.user"


class CreateRun(Struct):
    """A new run."""

    experiment_id: str = ""
    user_id: str = ""
    run_name: str = ""
    start_time: int = 0
    tags: list[Pair] = field(default_factory=list)


class ByRun(Struct):
    """One run."""

    run_id: str = ""


class UpdateRun(Struct):
    """What changes; None leaves it."""

    run_id: str = ""
    status: str | int | None = None
    end_time: int | None = None
    run_name: str | None = None


class RunPair(Struct):
    """A parameter or tag of a run."""

    run_id: str = ""
    key: str = ""
    value: str = ""


class SearchRuns(Struct):
    """Which runs, in which order."""

    experiment_ids: list[str] = field(default_factory=list)
    filter: str = ""
    run_view_type: str | int = "ACTIVE_ONLY"
    max_results: int = 1000
    order_by: list[str] = field(default_factory=list)
    page_token: str = ""


@contextmanager
def told_of(run_id: str) -> Iterator[None]:
    """What stores say of a run, in MLflow's words."""
    try:
        yield
    except NotFoundError as error:
        raise not_there(f"Run with id={run_id} not found") from error
    except StateTransitionError as error:
        raise invalid(f"The run {run_id} must be in the 'active' state. Current state is deleted.") from error
    except ConflictError as error:
        details = error.details
        if "stored" not in details:
            raise
        raise invalid(
            f"Changing param values is not allowed. Param with key='{details['key']}' was already logged with value="
            f"'{details['stored']}' for run ID='{run_id}'. Attempted logging new value '{details['given']}'."
        ) from error


def create_run(call: Call, body: CreateRun) -> dict[str, Any]:
    """Start a run."""
    experiment = active(call, body.experiment_id or DEFAULT_EXPERIMENT)
    tags = dict(check_tag(tag.key, tag.value, f"tags[{at}].") for at, tag in enumerate(body.tags))
    told = tags.get(RUN_NAME, "")
    if body.run_name and told and body.run_name != told:
        raise invalid(
            "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values "
            f"(run_name='{body.run_name}', mlflow.runName='{told}')."
        )
    name = check_text(body.run_name or told or new_name(), "run_name")
    tags.setdefault(RUN_NAME, name)
    parent = tags.get(PARENT)
    run_id = RunId(uuid.uuid4().hex)
    record = RunRecord(
        id=run_id,
        experiment_id=experiment.id,
        name=name,
        status=RunStatus.RUNNING,
        started_at=_moment(body.start_time, "start_time"),
        parent_id=RunId(parent) if parent else None,
        tags=tags,
        user=check_text(body.user_id or tags.get(USER, ""), "user_id"),
        artifact_uri=joined(experiment_location(experiment), run_id, "artifacts"),
    )
    call.stores.runs.create_run(record)
    return {"run": shapes(call.stores, [record])[0]}


def get_run(call: Call, body: ByRun) -> dict[str, Any]:
    """Get a run with everything that it logged."""
    run = shapes(call.stores, [found(call, body.run_id)])[0]
    run.outputs = run.outputs or OutputsShape()  # here, and only here, MLflow's server sends an empty one
    return {"run": run}


def found(call: Call, run_id: str) -> RunRecord:
    """A run.

    Raises:
        WireError: There is none.
    """
    with told_of(run_id):
        return call.stores.runs.get_run(RunId(run_id))


def update_run(call: Call, body: UpdateRun) -> dict[str, Any]:
    """Change a run's status, end or name."""
    run_id = RunId(body.run_id)
    name = check_text(body.run_name or "", "run_name") or None
    status = _status(body.status)
    ended_at = None if body.end_time is None else _moment(body.end_time, "end_time")
    with told_of(run_id):
        run = call.stores.runs.update_run(run_id, status=status, ended_at=ended_at, name=name)
        if name:
            call.stores.runs.put_tags(run_id, {RUN_NAME: name})
    return {"run_info": info(run, call.stores.experiments.get(run.experiment_id))}


def delete_run(call: Call, body: ByRun) -> None:
    """Delete a run; it can be restored."""
    with told_of(body.run_id):
        call.stores.runs.set_lifecycle(RunId(body.run_id), Lifecycle.DELETED, call.now())


def restore_run(call: Call, body: ByRun) -> None:
    """Restore a deleted run."""
    with told_of(body.run_id):
        call.stores.runs.set_lifecycle(RunId(body.run_id), Lifecycle.ACTIVE, call.now())


def log_param(call: Call, body: RunPair) -> None:
    """Log a parameter; it can be written once."""
    key, value = check_param(body.key, body.value)
    with told_of(body.run_id):
        call.stores.runs.put_params(RunId(body.run_id), {key: value})


def set_tag(call: Call, body: RunPair) -> None:
    """Set a tag; that of the run's name renames it."""
    key, value = check_tag(body.key, body.value)
    with told_of(body.run_id):
        call.stores.runs.put_tags(RunId(body.run_id), {key: value})
        if key == RUN_NAME and value:
            call.stores.runs.update_run(RunId(body.run_id), name=value)


def delete_tag(call: Call, body: RunPair) -> None:
    """Remove a tag."""
    run = found(call, body.run_id)
    with told_of(body.run_id):
        try:
            call.stores.runs.delete_tag(run.id, body.key)
        except NotFoundError as error:
            raise not_there(f"No tag with name: {body.key} in run with id {body.run_id}") from error


def search_runs(call: Call, body: SearchRuns) -> dict[str, Any]:
    """Search runs."""
    if body.max_results > MAX_RESULTS:
        raise unfit("max_results", body.max_results)
    if body.max_results < 1:
        raise invalid(
            f"Invalid value {body.max_results} for parameter 'max_results' supplied. It must be a positive integer"
        )
    query = Query(
        where=parse_filter(body.filter, RUNS),
        order=tuple(parse_order(text, RUNS) for text in body.order_by),
        limit=body.max_results,
        after=body.page_token or None,
    )
    lifecycle = VIEWS[chosen(body.run_view_type, VIEWS, "run_view_type")]
    experiments = [ExperimentId(check_experiment_id(each)) for each in body.experiment_ids]
    try:
        page = call.stores.runs.search(query, experiment_ids=experiments, lifecycle=lifecycle)
    except InvalidInputError as error:
        raise bad_page(error, body.page_token) from error
    answer: dict[str, Any] = {"runs": shapes(call.stores, page.items)} if page.items else {}
    return answer | ({"next_page_token": page.next_token} if page.next_token else {})


def _status(given: str | int | None) -> RunStatus | None:
    """What no status is called so is passed over, as MLflow's server does."""
    try:
        return None if given is None else RunStatus[chosen(given, STATUSES, "status")]
    except WireError:
        return None


def _moment(milliseconds: int, name: str) -> Any:
    try:
        return moment(milliseconds)
    except OverflowError as error:
        raise unfit(name, milliseconds, "Expected milliseconds since 1970, up to the year 9999.") from error


def _experiment(call: Call, body: CreateRun) -> Sequence[Resource]:
    del call
    return (Resource(ResourceKind.EXPERIMENT, body.experiment_id or DEFAULT_EXPERIMENT),)


_READ = Rule(Access.READ, named(ResourceKind.RUN, "run_id"))
_WRITE = Rule(Access.WRITE, named(ResourceKind.RUN, "run_id"))

ROUTES = (
    Route(
        method="POST",
        path="/mlflow/runs/create",
        body=CreateRun,
        mode=Mode.WRITE,
        handler=create_run,
        rule=Rule(Access.WRITE, _experiment),
    ),
    Route(method="GET", path="/mlflow/runs/get", body=ByRun, required=("run_id",), handler=get_run, rule=_READ),
    *(
        Route(
            method="POST",
            path=f"/mlflow/runs/{name}",
            body=body,
            required=required,
            mode=Mode.WRITE,
            handler=handler,
            rule=_WRITE,
        )
        for name, body, required, handler in (
            ("update", UpdateRun, ("run_id",), update_run),
            ("delete", ByRun, ("run_id",), delete_run),
            ("restore", ByRun, ("run_id",), restore_run),
            ("log-parameter", RunPair, ("run_id", "key"), log_param),
            ("set-tag", RunPair, ("run_id", "key"), set_tag),
            ("delete-tag", RunPair, ("run_id", "key"), delete_tag),
        )
    ),
    Route(
        method="POST",
        path="/mlflow/runs/search",
        body=SearchRuns,
        handler=search_runs,
        rule=Rule(Access.READ, fields(ResourceKind.EXPERIMENT, "experiment_ids")),
    ),
)
