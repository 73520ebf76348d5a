"""Queued runs: asked for by people, programs and webhooks, looked at and stopped."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import msgspec
from litestar import Request, get, post
from litestar.params import HeaderParameter, JSONBody, PathParameter, QueryParameter

from millwright.automation.queue import RunQueue
from millwright.automation.triggers import Calls
from millwright.core.errors import InvalidInputError, closest
from millwright.core.ids import PipelineRunId
from millwright.core.records.queue import RequestState, RunRequest
from millwright.server.api.listing import Filter, Limit, Listing, Name, listing
from millwright.server.injection import FromApp
from millwright.server.principal import principal_of

if TYPE_CHECKING:
    from millwright.server.service import Services

_MOST_PARAMS = 200
_Key: TypeAlias = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        description="The caller's own name for this call: one that is repeated starts nothing new.",
    ),
]
# `state` is a name that the framework keeps for itself.
_State: TypeAlias = Annotated[
    str | None, QueryParameter(name="state", description="Only those in this state; all when absent.")
]
_Token: TypeAlias = Annotated[str, PathParameter(description="The webhook's token, as mw triggers add showed it.")]


class NewRun(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a pipeline is to be run.

    Attributes:
        params: Parameters, in place of those that were registered; JSON values.
    """

    params: dict[str, Any] = {}


class QueuedRun(msgspec.Struct, kw_only=True, frozen=True):
    """A run in the queue.

    Attributes:
        id: The id of the pipeline run that it becomes.
        state: `queued`, `running`, `done`, `failed` or `cancelled`.
        trigger: Who or what asked for it.
        attempts: How often a worker took it.
        error: Why it failed, or why the last attempt ended.
        resumes: The run that it goes on from; null for most.
    """

    id: str
    pipeline: str
    state: RequestState
    trigger: str
    params: dict[str, Any]
    priority: int
    created_at: datetime
    not_before: datetime
    attempts: int
    ended_at: datetime | None
    error: str | None
    cancel_requested_by: str | None
    resumes: str | None


class Taken(msgspec.Struct, kw_only=True, frozen=True):
    """A run that was asked for.

    Attributes:
        id: The id of the pipeline run that it becomes.
    """

    id: str
    state: RequestState


@post("/pipelines/{name:str}/runs", sync_to_thread=True, tags=["queue"], status_code=202)
def queue_run(
    services: FromApp, request: Request[Any, Any, Any], name: Name, data: JSONBody[NewRun], key: _Key = ""
) -> Taken:
    """Run a pipeline that a trigger or schedule names; a worker takes it up. Needs the role contributor."""
    if len(data.params) > _MOST_PARAMS:
        raise InvalidInputError(f"Expected at most {_MOST_PARAMS} parameters, found {len(data.params)}.")
    calls = Calls(stores=services.stores, clock=services.clock, check=services.check_params)
    return _taken(calls.by_name(name, data.params, actor=_actor(services, request), key=key))


@post("/hooks/{token:str}", sync_to_thread=True, tags=["queue"], status_code=202)
def call_hook(services: FromApp, token: _Token, key: _Key = "") -> Taken:
    """Run the pipeline of a webhook: whoever has its token may. What is sent along is not read."""
    return _taken(Calls(stores=services.stores, clock=services.clock).by_token(token, key=key))


@get("/queue", sync_to_thread=True, tags=["queue"])
def list_queue(
    services: FromApp,
    limit: Limit = 100,
    pipeline: Filter = None,
    wanted: _State = None,
) -> Listing[QueuedRun]:
    """List queued runs, newest first, those that have ended included."""
    states = None if wanted is None else [_state(wanted)]
    found = services.stores.queue.list_requests(states=states, name=pipeline, limit=limit)
    return listing([told(each) for each in found], limit)


@get("/queue/{run_id:str}", sync_to_thread=True, tags=["queue"])
def get_queued(services: FromApp, run_id: Name) -> QueuedRun:
    """Get a queued run by its id, or by its last 6 digits or more."""
    return told(services.stores.queue.get(PipelineRunId(run_id)))


@post("/runs/{run_id:str}/cancel", sync_to_thread=True, tags=["queue"], status_code=202)
def cancel_run(services: FromApp, request: Request[Any, Any, Any], run_id: Name) -> Taken:
    """Stop a run, in the queue or not: as soon as its process sees it. Needs the role contributor."""
    queue = RunQueue(stores=services.stores, clock=services.clock, actor=_actor(services, request))
    stopped = queue.cancel(PipelineRunId(run_id))
    return Taken(id=stopped.id, state=stopped.state if isinstance(stopped, RunRequest) else RequestState.RUNNING)


@post("/runs/{run_id:str}/resume", sync_to_thread=True, tags=["queue"], status_code=202)
def resume_run(services: FromApp, request: Request[Any, Any, Any], run_id: Name, key: _Key = "") -> Taken:
    """Go on, with its parameters, from where a run failed or was stopped; a worker does. Needs the role contributor."""
    calls = Calls(stores=services.stores, clock=services.clock)
    return _taken(calls.resume(PipelineRunId(run_id), actor=_actor(services, request), key=key))


def told(request: RunRequest) -> QueuedRun:
    """A queued run as callers see it: without paths and names of machines."""
    fields = {
        name: getattr(request, name)
        for name in QueuedRun.__struct_fields__
        if name not in {"pipeline", "params", "resumes"}
    }
    resumes = request.options.get("resumes")
    return QueuedRun(**fields, pipeline=request.name, params=dict(request.params), resumes=resumes)


def _taken(request: RunRequest) -> Taken:
    return Taken(id=request.id, state=request.state)


def _actor(services: Services, request: Request[Any, Any, Any]) -> str:
    principal = principal_of(dict(request.scope))
    return principal.actor if principal is not None else services.actor


def _state(text: str) -> RequestState:
    try:
        return RequestState(text)
    except ValueError:
        hint = closest(text, list(RequestState)) or f"Known: {', '.join(RequestState)}."
        raise InvalidInputError(f"There is no state '{text[:40]}' of queued runs.", hint=hint) from None
