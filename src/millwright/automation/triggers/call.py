"""Runs that somebody asks for: with a webhook's token, by the name of a pipeline, or to go on from a failed one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from millwright.automation.queue.queue import Ask, RunQueue
from millwright.automation.triggers.triggers import hash_token
from millwright.automation.triggers.watch import note_fire
from millwright.core.errors import ConflictError, InvalidInputError, NotFoundError, StateTransitionError, closest
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import ANSWERS, OPEN_STATES
from millwright.core.records.schedule import ActiveState, LaunchTarget, TriggerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.core.clock import Clock
    from millwright.core.ids import PipelineRunId
    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.core.records.queue import RunRequest
    from millwright.storage.catalog import Stores

_LONGEST_KEY = 200
_MOST_OPEN = 10_000  # requests of one pipeline among which an earlier resumption is looked for
_WITHOUT_END = frozenset({PipelineRunStatus.FAILED, PipelineRunStatus.CANCELLED, PipelineRunStatus.INTERRUPTED})
# A retraining's decision was made when its run failed; what was forced has been executed, or is still to be.
_NOT_RESUMED = frozenset({ANSWERS, "force"})


class Calls:
    """Queues runs of pipelines that were registered, and failed runs again; nothing else can be run from outside.

    Args:
        stores: Triggers, schedules, queue, audit log.
        clock: The time.
        check: Refuses parameters that a pipeline does not take; without it, the worker does.
    """

    def __init__(self, *, stores: Stores, clock: Clock, check: Callable[[LaunchTarget], None] | None = None) -> None:
        self._stores = stores
        self._clock = clock
        self._check = check

    def by_token(self, token: str, *, key: str = "") -> RunRequest:
        """Run the pipeline of a webhook.

        Args:
            token: As `mw triggers add` showed it.
            key: The caller's own name for this call: one that is repeated starts nothing new.

        Returns:
            The queued run; the earlier one when the key was used before.

        Raises:
            NotFoundError: No webhook has that token.
            ConflictError: The webhook is paused.
            InvalidInputError: The key is too long.
        """
        _check_key(key)
        trigger = self._stores.triggers.find_by_token(hash_token(token))
        if trigger is None or trigger.kind is not TriggerKind.WEBHOOK:
            raise NotFoundError("There is no webhook with that token.", hint="mw triggers add shows the token once.")
        if trigger.state is ActiveState.PAUSED:
            raise ConflictError(f"The trigger '{trigger.name}' is paused.", hint=f"mw triggers resume {trigger.name}")
        now, cause = self._clock.now(), f"webhook:{trigger.subject}"
        queue = RunQueue(stores=self._stores, clock=self._clock, actor=cause)
        ask = Ask(trigger=cause, dedup_key=f"trigger:{trigger.name}:{key}" if key else None)
        with self._stores.transactions.transaction():
            request = queue.enqueue(trigger.target, ask)
            if request.created_at >= now:  # not that of an earlier call
                self._stores.triggers.move(trigger.name, seen=trigger.position, position=trigger.position, fired_at=now)
                note_fire(self._stores, trigger, now, cause, request)
        return request

    def by_name(self, pipeline: str, params: Mapping[str, Any], *, actor: str, key: str = "") -> RunRequest:
        """Run a pipeline that a trigger or a schedule names, in somebody's name.

        Args:
            pipeline: Its name.
            params: Parameters, in place of the registered ones; JSON values.
            actor: Who asks.
            key: The caller's own name for this call: one that is repeated starts nothing new.

        Returns:
            The queued run; the earlier one when the key was used before.

        Raises:
            NotFoundError: Nothing names that pipeline.
            InvalidInputError: The key is too long, the pipeline does not take the parameters, or they hold something
                else than JSON values.
        """
        _check_key(key)
        target = self._target(pipeline)
        changed = replace(target, params={**target.params, **params})
        if params and self._check is not None:  # the registered ones were looked at before
            self._check(changed)
        queue = RunQueue(stores=self._stores, clock=self._clock, actor=actor)
        return queue.enqueue(
            changed, Ask(trigger=f"api:{actor}", dedup_key=f"api:{pipeline}:{actor}:{key}" if key else None)
        )

    def resume(self, run_id: PipelineRunId, *, actor: str, key: str = "") -> RunRequest:
        """Go on from where a run ended, in somebody's name: with its parameters, taking its finished steps.

        Args:
            run_id: The run's id, or an unambiguous part of it. It was left to workers, or its pipeline is registered.
            actor: Who asks.
            key: The caller's own name for this call: one that is repeated starts nothing new. Nor does one without a
                name while an earlier resumption of the run waits or is executed.

        Returns:
            The queued run; the earlier one when nothing new is started.

        Raises:
            NotFoundError: Nothing of such a run was executed, or it was run by hand and nothing names its pipeline.
            StateTransitionError: It is still executed, or is to be, or it is complete.
            InvalidInputError: The key is too long.
        """
        _check_key(key)
        run = self._stores.pipelines.get_pipeline_run(run_id)
        earlier = self._stores.queue.find(run.id)
        _require_ended(run, earlier)
        kept = {} if earlier is None else {k: v for k, v in earlier.options.items() if k not in _NOT_RESUMED}
        target = self._target(run.pipeline) if earlier is None else _target_of(earlier)
        ask = Ask(
            trigger=f"api:{actor}",
            dedup_key=f"resume:{run.id}:{actor}:{key}" if key else None,
            options={**kept, "resumes": run.id},
        )
        queue = RunQueue(stores=self._stores, clock=self._clock, actor=actor)
        with self._stores.transactions.transaction():
            under_way = None if key else self._resumption(run, target)
            return under_way or queue.enqueue(replace(target, params=dict(run.params)), ask)

    def _resumption(self, run: PipelineRunRecord, target: LaunchTarget) -> RunRequest | None:
        """What goes on with a run already, or is to; None when nothing does."""
        asked = self._stores.queue.list_requests(states=OPEN_STATES, name=target.name, limit=_MOST_OPEN)
        return next((request for request in asked if request.options.get("resumes") == run.id), None)

    def _target(self, pipeline: str) -> LaunchTarget:
        """What was registered under a pipeline's name; for calls of the API first of all."""
        triggers = self._stores.triggers.list_triggers()
        ours = [each for each in triggers if each.kind is TriggerKind.API] + triggers
        targets = [*(each.target for each in ours), *(each.target for each in self._stores.schedules.list_schedules())]
        found = next((target for target in targets if target.name == pipeline), None)
        if found is None:
            raise NotFoundError(
                f"No pipeline '{pipeline[:100]}' is registered here.",
                hint=closest(pipeline, {target.name for target in targets}) or "mw triggers add FILE:NAME --api",
            )
        return found


def _target_of(request: RunRequest) -> LaunchTarget:
    return LaunchTarget(
        name=request.name,
        pipeline=request.pipeline,
        project_dir=request.project_dir,
        priority=request.priority,
        code=request.code,
    )


def _require_ended(run: PipelineRunRecord, request: RunRequest | None) -> None:
    """Refuse a run that somebody executes, or will, and one of which nothing is left to do."""
    if run.status is PipelineRunStatus.COMPLETED:
        raise StateTransitionError(f"The run '{run.id}' is completed; nothing of it is left to do.")
    if run.status not in _WITHOUT_END or (request is not None and request.state in OPEN_STATES):
        raise StateTransitionError(
            f"The run '{run.id}' has not ended, and goes on by itself.", hint="Stop it first, or wait for its end."
        )


def _check_key(key: str) -> None:
    if len(key) > _LONGEST_KEY:
        raise InvalidInputError(f"Expected an Idempotency-Key of at most {_LONGEST_KEY} characters, found {len(key)}.")
