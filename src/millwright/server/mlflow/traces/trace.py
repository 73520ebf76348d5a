"""Traces: `/mlflow/traces…` of version 3, and what versions 2 and 3 have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.trace import TraceLink, TraceRecord
from millwright.server.mlflow.answer import moment
from millwright.server.mlflow.artifacts.artifact_uri import experiment_location, joined
from millwright.server.mlflow.check import MAX_KEY, MAX_TAG_VALUE, check_length, check_name, check_text
from millwright.server.mlflow.failure import invalid, missing, not_there, unfit
from millwright.server.mlflow.instant import duration_of, moment_of
from millwright.server.mlflow.permission import Access, Resource, ResourceKind, Rule, segment
from millwright.server.mlflow.permission import field as named
from millwright.server.mlflow.route import Mode, Route
from millwright.server.mlflow.traces.assessment import new_assessment
from millwright.server.mlflow.traces.assessment_shape import AssessmentBody
from millwright.server.mlflow.traces.trace_shape import MAX_TAG, state_of, trace_infos
from millwright.server.mlflow.tracking.experiment import active

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.core.records.experiment import ExperimentRecord
    from millwright.server.mlflow.call import Call

FINALIZED = "mlflow.trace.infoFinalized"  # in metadata: the client told of the trace itself, not only of its spans
LOCATION = "mlflow.artifactLocation"
NAME = "mlflow.traceName"
_MAX_LINKS = 100
_KEPT_BY_SERVER = ("mlflow.trace.spansLocation", "mlflow.trace.archiveLocation", "mlflow.trace.archivalFailure")
_DELETABLE = "mlflow.trace.archivalFailure"


class MlflowExperiment(Struct):
    """An experiment as a place."""

    experiment_id: str = ""


class Location(Struct):
    """Where traces are."""

    type: str | int = ""
    mlflow_experiment: MlflowExperiment | None = None


class TraceInfoBody(Struct):
    """A trace without its spans."""

    trace_id: str = ""
    trace_location: Location | None = None
    request_time: str = ""
    state: str | int = "STATE_UNSPECIFIED"
    execution_duration: str | None = None
    request_preview: str | None = None
    response_preview: str | None = None
    client_request_id: str | None = None
    trace_metadata: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    assessments: list[AssessmentBody] = field(default_factory=list)


class TraceBody(Struct):
    """A trace."""

    trace_info: TraceInfoBody | None = None


class StartTrace(Struct):
    """`POST /mlflow/traces`."""

    trace: TraceBody | None = None


class TraceTag(Struct):
    """A tag of a trace."""

    key: str = ""
    value: str = ""


class DeleteTraces(Struct):
    """Which traces go: some by id, or the oldest ones."""

    experiment_id: str = ""
    max_timestamp_millis: int | None = None
    max_traces: int | None = None
    request_ids: list[str] = field(default_factory=list)


class ByTraces(Struct):
    """Some traces; of some experiments only, if these are given."""

    trace_ids: list[str] | None = None
    experiment_ids: list[str] | None = None


class LinkToRun(Struct):
    """Traces that belong to a run."""

    trace_ids: list[str] | None = None
    run_id: str = ""


class PromptVersion(Struct):
    """A version of a prompt."""

    name: str = ""
    version: str | int = ""


class LinkPrompts(Struct):
    """The prompts that a trace used."""

    trace_id: str = ""
    prompt_versions: list[PromptVersion] | None = None


def start(call: Call, body: StartTrace) -> dict[str, Any]:
    """Write a trace, or add to the one of that id what its client knows now."""
    info = _info(body)
    experiment = active(call, _experiment_id(info))
    record = _record(info, experiment)
    earlier = call.stores.spans.find_traces([record.id]).get(record.id)
    if earlier is not None:
        record = replace(
            record,
            request_preview=earlier.request_preview if record.request_preview is None else record.request_preview,
            response_preview=earlier.response_preview if record.response_preview is None else record.response_preview,
        )
    call.stores.spans.put([record], {})
    for each in info.assessments:
        assessment = new_assessment(each, record.id, call.now())
        try:
            call.stores.assessments.create(assessment)
        except AlreadyExistsError:
            call.stores.assessments.update(assessment)
    return {"trace": {"trace_info": trace_infos(call.stores, [found(call, record.id)])[0]}}


def get(call: Call, _body: None) -> dict[str, Any]:
    """Get a trace without its spans."""
    return {"trace": {"trace_info": trace_infos(call.stores, [found(call, call.path["trace_id"])])[0]}}


def found(call: Call, trace_id: str) -> TraceRecord:
    """A trace.

    Raises:
        WireError: There is none.
    """
    try:
        return call.stores.traces.get(TraceId(trace_id))
    except NotFoundError as error:
        raise not_there(f"Trace with ID '{trace_id}' not found.") from error


def set_tag(call: Call, body: TraceTag) -> None:
    """Set a tag."""
    _check_tag(body.key, "set")
    check_name(body.key, "key")
    check_length("key", body.key, MAX_KEY)
    if body.key == NAME:
        check_length("Trace name", body.value, MAX_TAG)
    value = check_text(body.value[:MAX_TAG_VALUE], "value")
    call.stores.traces.put_tags(found(call, call.path["trace_id"]).id, {body.key: value})


def delete_tag(call: Call, body: TraceTag) -> None:
    """Remove a tag."""
    _check_tag(body.key, "deleted")
    trace_id = call.path["trace_id"]
    try:
        call.stores.traces.delete_tag(TraceId(trace_id), body.key)
    except NotFoundError as error:
        raise not_there(f"No trace tag with key '{body.key}' for trace with ID '{trace_id}'") from error


def delete_traces(call: Call, body: DeleteTraces) -> dict[str, int]:
    """Delete an experiment's traces for good, by id or the oldest ones."""
    by_time = body.max_timestamp_millis is not None
    if not by_time and not body.request_ids:
        raise invalid("Either `max_timestamp_millis` or `trace_ids` must be specified.")
    if by_time and body.request_ids:
        raise invalid("Only one of `max_timestamp_millis` and `trace_ids` can be specified.")
    if body.request_ids and body.max_traces is not None:
        raise invalid("`max_traces` can't be specified if `trace_ids` is specified.")
    if body.max_traces is not None and body.max_traces <= 0:
        raise invalid(f"`max_traces` must be a positive integer, received {body.max_traces}.")
    experiment = ExperimentId(body.experiment_id)
    if body.max_timestamp_millis is not None:
        try:
            until = moment(body.max_timestamp_millis + 1) - (moment(1) - moment(0)) / 1000
        except OverflowError as error:
            raise unfit("max_timestamp_millis", body.max_timestamp_millis, "Expected a time of this age.") from error
        return {"traces_deleted": call.stores.traces.delete_until(experiment, until, limit=body.max_traces)}
    records = call.stores.spans.find_traces(_ids(body.request_ids))
    ids = [record.id for record in records.values() if record.experiment_id == experiment]
    return {"traces_deleted": call.stores.traces.delete(ids)}


def batch_get_infos(call: Call, body: ByTraces) -> dict[str, Any]:
    """Get some traces without their spans; those that are not there are left out."""
    ids = _ids(body.trace_ids or ())
    records = call.stores.spans.find_traces(ids)
    wanted = [records[each] for each in ids if each in records]
    if body.experiment_ids is not None:
        wanted = [record for record in wanted if record.experiment_id in body.experiment_ids]
    if call.projects is not None:
        experiments = {record.experiment_id for record in wanted}
        seen = {each for each in experiments if call.stores.experiments.get(each).project in call.projects}
        wanted = [record for record in wanted if record.experiment_id in seen]
    return {"trace_infos": trace_infos(call.stores, wanted)} if wanted else {}


def link_to_run(call: Call, body: LinkToRun) -> None:
    """Say that traces belong to a run."""
    ids = body.trace_ids or []
    if len(ids) > _MAX_LINKS:
        raise invalid(
            f"Cannot link more than {_MAX_LINKS} traces to a run in a single request. Provided {len(ids)} traces."
        )
    call.stores.traces.put_links(TraceLink.RUN, [(trace_id, body.run_id) for trace_id in _ids(ids)])


def link_prompts(call: Call, body: LinkPrompts) -> None:
    """Say which versions of prompts a trace used."""
    prompts = body.prompt_versions or []
    for at, each in enumerate(prompts):
        if not each.name or not str(each.version).isdecimal():
            raise unfit(f"prompt_versions[{at}]", each, "Expected a name and a version, which is a number.")
    trace_id = found(call, body.trace_id).id
    links = [(trace_id, check_text(f"{each.name}/{int(each.version)}", "prompt_versions")) for each in prompts]
    call.stores.traces.put_links(TraceLink.PROMPT, links)


def facts_of(facts: Mapping[str, str], parameter: str, limit: int) -> dict[str, str]:
    """Tags or metadata, with long values cut.

    Raises:
        WireError: A key is empty or too long, or a database could not keep a text.
    """
    for key in facts:
        if not key:
            raise missing(f"{parameter}.key")
        check_text(check_length(f"{parameter}.key", key, MAX_KEY), parameter)
    return {key: check_text(value[:limit], parameter) for key, value in facts.items()}


def tags_of(tags: Mapping[str, str], experiment: ExperimentRecord, trace_id: str) -> dict[str, str]:
    """A new trace's tags: those given, and where its files are."""
    check_length("Trace name", tags.get(NAME, ""), MAX_TAG)
    location = joined(experiment_location(experiment), "traces", trace_id, "artifacts")
    return facts_of(tags, "tags", MAX_TAG_VALUE) | {LOCATION: location}


def _info(body: StartTrace) -> TraceInfoBody:
    info = body.trace.trace_info if body.trace is not None else None
    if info is None:
        raise missing("trace.trace_info")
    if not info.trace_id:
        raise missing("trace.trace_info.trace_id")
    return info


def _experiment_id(info: TraceInfoBody) -> str:
    location = info.trace_location
    if location is None or location.mlflow_experiment is None or not location.mlflow_experiment.experiment_id:
        raise missing("trace.trace_info.trace_location.mlflow_experiment.experiment_id")
    return location.mlflow_experiment.experiment_id


def _record(info: TraceInfoBody, experiment: ExperimentRecord) -> TraceRecord:
    length = info.execution_duration
    for name in ("trace_id", "client_request_id", "request_preview", "response_preview"):
        check_text(getattr(info, name) or "", name)
    check_length("trace_id", info.trace_id, MAX_KEY)
    return TraceRecord(
        id=TraceId(info.trace_id),
        experiment_id=experiment.id,
        state=state_of(info.state),
        requested_at=moment_of(info.request_time, "request_time") if info.request_time else moment(0),
        duration_ms=None if length is None else duration_of(length, "execution_duration"),
        request_preview=info.request_preview,
        response_preview=info.response_preview,
        client_request_id=info.client_request_id,
        metadata=facts_of(info.trace_metadata, "trace_metadata", MAX_TAG_VALUE) | {FINALIZED: "true"},
        tags=tags_of(info.tags, experiment, info.trace_id),
    )


def _check_tag(key: str, done: str) -> None:
    if key in _KEPT_BY_SERVER and not (done == "deleted" and key == _DELETABLE):
        raise invalid(f"Tag '{key}' is immutable and cannot be {done} on a trace.")


def _ids(ids: Sequence[str]) -> list[TraceId]:
    return [TraceId(each) for each in dict.fromkeys(ids)]


def _started(call: Call, body: StartTrace) -> Sequence[Resource]:
    """The experiment, and the trace if it is there: it may be one of another experiment."""
    info = _info(body)
    experiment = Resource(ResourceKind.EXPERIMENT, _experiment_id(info))
    earlier = call.stores.spans.find_traces([TraceId(info.trace_id)])
    return (experiment, *(Resource(ResourceKind.TRACE, each) for each in earlier))


def _linked(_call: Call, body: LinkToRun) -> Sequence[Resource]:
    """The run, and the traces that are said to be of it."""
    traces = sorted(set(body.trace_ids or ()) - {""})[:_MAX_LINKS]  # more are refused by the handler
    return (Resource(ResourceKind.RUN, body.run_id), *(Resource(ResourceKind.TRACE, each) for each in traces))


def _visible(_call: Call, _body: ByTraces) -> Sequence[Resource]:
    return (Resource(ResourceKind.VISIBLE),)


_ONE = "/mlflow/traces/{trace_id}"
_TRACE = segment(ResourceKind.TRACE, "trace_id")
_READ, _WRITE = Rule(Access.READ, _TRACE), Rule(Access.WRITE, _TRACE)

ROUTES = (
    Route(
        method="POST",
        path="/mlflow/traces",
        body=StartTrace,
        required=("trace",),
        mode=Mode.WRITE,
        versions=(3,),
        handler=start,
        rule=Rule(Access.WRITE, _started),
    ),
    Route(method="GET", path=_ONE, versions=(3,), handler=get, rule=_READ),
    *(
        Route(
            method=method,
            path=f"{_ONE}/tags",
            body=TraceTag,
            required=("key",),
            mode=Mode.WRITE,
            versions=(2, 3),
            handler=handler,
            rule=_WRITE,
        )
        for method, handler in (("PATCH", set_tag), ("DELETE", delete_tag))
    ),
    Route(
        method="POST",
        path="/mlflow/traces/delete-traces",
        body=DeleteTraces,
        required=("experiment_id",),
        mode=Mode.WRITE,
        versions=(2, 3),
        handler=delete_traces,
        rule=Rule(Access.WRITE, named(ResourceKind.EXPERIMENT, "experiment_id")),
    ),
    Route(
        method="POST",
        path="/mlflow/traces/batchGetInfos",
        body=ByTraces,
        required=("trace_ids",),
        versions=(3,),
        handler=batch_get_infos,
        rule=Rule(Access.READ, _visible),
    ),
    Route(
        method="POST",
        path="/mlflow/traces/link-to-run",
        body=LinkToRun,
        required=("trace_ids", "run_id"),
        mode=Mode.WRITE,
        handler=link_to_run,
        rule=Rule(Access.WRITE, _linked),
    ),
    Route(
        method="POST",
        path="/mlflow/traces/link-prompts",
        body=LinkPrompts,
        required=("trace_id", "prompt_versions"),
        mode=Mode.WRITE,
        handler=link_prompts,
        rule=Rule(Access.WRITE, named(ResourceKind.TRACE, "trace_id")),
    ),
)
