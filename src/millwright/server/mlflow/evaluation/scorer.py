"""Scorers: `/mlflow/scorers/…` of version 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import Lifecycle
from millwright.server.mlflow.answer import Wire, millis
from millwright.server.mlflow.check import check_length, check_text
from millwright.server.mlflow.evaluation.scorer_check import check_model, parse_scorer
from millwright.server.mlflow.failure import invalid, not_there, unfit
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, field, visible
from millwright.server.mlflow.route import Mode, Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.evaluation import ScorerRecord
    from millwright.server.mlflow.call import Call

MAX_NAME = 256
_LARGEST = 2**31 - 1  # of protobuf's int32, in which clients keep versions and experiments' numbers


class RegisterScorer(msgspec.Struct):
    """`POST /mlflow/scorers/register`; the scorer is JSON as text."""

    experiment_id: str = ""
    name: str = ""
    serialized_scorer: str = ""


class ListScorers(msgspec.Struct):
    """`GET /mlflow/scorers/list`."""

    experiment_id: str = ""
    experiment_ids: tuple[str, ...] | None = None


class ListScorerVersions(msgspec.Struct):
    """`GET /mlflow/scorers/versions`."""

    experiment_id: str = ""
    name: str = ""


class OneScorer(msgspec.Struct):
    """A version of a scorer, or no certain one."""

    experiment_id: str = ""
    name: str = ""
    version: int | None = None


class GetOnlineConfigs(msgspec.Struct):
    """`GET /mlflow/scorers/online-configs`."""

    scorer_ids: tuple[str, ...] | None = None


class WireScorer(Wire):
    """A version of a scorer, as it is sent."""

    experiment_id: int | str
    scorer_name: str
    scorer_version: int
    serialized_scorer: str
    creation_time: int
    scorer_id: str


class RegisteredScorer(Wire):
    """A new version of a scorer, as it is sent: under other names."""

    version: int
    scorer_id: str
    experiment_id: str
    name: str
    serialized_scorer: str
    creation_time: int


class ScorerAnswer(Wire):
    """One scorer."""

    scorer: WireScorer


class Scorers(Wire):
    """Some scorers."""

    scorers: tuple[WireScorer, ...] = ()


def register(call: Call, body: RegisterScorer) -> RegisteredScorer:
    """Add a version to a scorer, which is made with the first one. Nothing of it is ever run here."""
    scorer = parse_scorer(body.serialized_scorer)
    if not body.name.strip():
        raise invalid("Scorer name cannot be empty or contain only whitespace.")
    check_text(check_length("name", body.name, MAX_NAME), "name")
    experiment_id = _active(call, body.experiment_id)
    check_model(scorer)
    serialized = check_text(body.serialized_scorer, "serialized_scorer")
    made = call.stores.evaluations.register_scorer(experiment_id, body.name, serialized, call.now())
    return RegisteredScorer(
        version=made.version,
        scorer_id=made.id,
        experiment_id=made.experiment_id,
        name=made.name,
        serialized_scorer=made.serialized,
        creation_time=millis(made.created_at),
    )


def list_scorers(call: Call, body: ListScorers) -> Scorers:
    """The latest version of every scorer: of one experiment, of some, or of all."""
    several = body.experiment_ids
    if several is not None and body.experiment_id:
        raise invalid(
            "Cannot specify both 'experiment_id' and 'experiment_ids'. Use 'experiment_ids' to scope the query to "
            "multiple experiments, or 'experiment_id' to scope it to a single experiment."
        )
    if several is not None and not all(several):
        raise invalid("Invalid experiment ID: ''")
    chosen = None if several is None else [ExperimentId(each) for each in several]
    if body.experiment_id:
        chosen = [_active(call, body.experiment_id)]
    found = call.stores.evaluations.list_scorers(chosen, projects=call.projects)
    return Scorers(scorers=tuple(map(_wire, found)))


def list_versions(call: Call, body: ListScorerVersions) -> Scorers:
    """Every version of a scorer, the oldest first."""
    found = call.stores.evaluations.list_scorer_versions(_active(call, body.experiment_id), body.name)
    return Scorers(scorers=tuple(map(_wire, found)))


def get(call: Call, body: OneScorer) -> ScorerAnswer:
    """A version of a scorer; the latest without a number."""
    found = call.stores.evaluations.get_scorer(_active(call, body.experiment_id), body.name, _version(body))
    return ScorerAnswer(scorer=_wire(found))


def delete(call: Call, body: OneScorer) -> None:
    """Remove a version of a scorer, for good; all of them without a number."""
    call.stores.evaluations.delete_scorer(_active(call, body.experiment_id), body.name, _version(body))


def online_configs(_call: Call, _body: GetOnlineConfigs) -> dict[str, list[Any]]:
    """How scorers judge traces by themselves: they never do here, which clients ask for with every scorer."""
    return {"configs": []}


def _active(call: Call, experiment_id: str) -> ExperimentId:
    try:
        experiment = call.stores.experiments.get(ExperimentId(experiment_id))
    except NotFoundError as error:
        raise not_there(f"No Experiment with id={experiment_id} exists") from error
    if experiment.lifecycle is not Lifecycle.ACTIVE:
        raise invalid(
            f"The experiment {experiment_id} must be in the 'active' state. Current state is {experiment.lifecycle}."
        )
    return experiment.id


def _version(body: OneScorer) -> int | None:
    if body.version is not None and not 0 <= body.version <= _LARGEST:
        raise unfit("version", body.version, "Versions are counted from 1.")
    return body.version


def _wire(record: ScorerRecord) -> WireScorer:
    number = record.experiment_id
    is_number = number.isascii() and number.isdigit() and int(number) <= _LARGEST
    return WireScorer(
        experiment_id=int(number) if is_number else number,
        scorer_name=record.name,
        scorer_version=record.version,
        serialized_scorer=record.serialized,
        creation_time=millis(record.created_at),
        scorer_id=record.id,
    )


def _listed(_call: Call, body: Any) -> Sequence[Resource]:
    named = [body.experiment_id] if body.experiment_id else body.experiment_ids or ()
    return tuple(Resource(ResourceKind.EXPERIMENT, each) for each in named) or (Resource(ResourceKind.VISIBLE),)


_P = "/mlflow/scorers"
_EXPERIMENT = field(ResourceKind.EXPERIMENT, "experiment_id")
_READ, _WRITE = Rule(Access.READ, _EXPERIMENT), Rule(Access.WRITE, _EXPERIMENT)
_NAMED = ("experiment_id", "name")


def _route(method: str, path: str, handler: Any, rule: Rule, **more: Any) -> Route:
    mode = Mode.READ if rule.access is Access.READ else Mode.WRITE
    return Route(method=method, path=f"{_P}{path}", handler=handler, rule=rule, versions=(3,), mode=mode, **more)


ROUTES = (
    _route("POST", "/register", register, _WRITE, body=RegisterScorer, required=(*_NAMED, "serialized_scorer")),
    _route("GET", "/list", list_scorers, Rule(Access.READ, _listed), body=ListScorers),
    _route("GET", "/versions", list_versions, _READ, body=ListScorerVersions, required=_NAMED),
    _route("GET", "/get", get, _READ, body=OneScorer, required=_NAMED),
    _route("DELETE", "/delete", delete, _WRITE, body=OneScorer, required=_NAMED),
    _route(
        "GET",
        "/online-configs",
        online_configs,
        Rule(Access.READ, visible),
        body=GetOnlineConfigs,
        required=("scorer_ids",),
    ),
)
