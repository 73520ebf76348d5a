"""Who decides on a rollout: one process at a time, by what all of them have counted."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from millwright.core.errors import ConflictError, MillwrightError, StateTransitionError
from millwright.core.process import current_owner
from millwright.core.records.rollout import RolloutKind, RolloutState
from millwright.deployment.traffic.canary import Outcome, judge, requests_for_look
from millwright.deployment.traffic.control import RolloutStores, can_wait
from millwright.deployment.traffic.tally import Tally, merge

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.core.clock import Clock
    from millwright.core.records.rollout import RolloutRecord
    from millwright.deployment.traffic.control import RolloutControl
    from millwright.storage.base import LeaseStore
    from millwright.storage.base.rollouts import RolloutStore

logger = logging.getLogger(__name__)


class DecisionStores(RolloutStores, Protocol):
    """The stores that deciding needs."""

    @property
    def leases(self) -> LeaseStore:
        """Says who decides."""
        ...


class Decider:
    """Looks at a rollout's evidence and acts on it, if no other process does.

    Args:
        stores: Where rollouts, evidence and leases are.
        control: Makes the changes, in the rollout's own name.
        clock: Tells the time; steps last by it.
        holder: Who this is, as `host:pid:start/…`: the lease of a process that was killed ends at once on its machine.
            This process when empty.
        lease_s: How long the right to decide lasts without being renewed, in seconds.
    """

    def __init__(
        self, *, stores: DecisionStores, control: RolloutControl, clock: Clock, holder: str = "", lease_s: float = 15.0
    ) -> None:
        self._stores = stores
        self._control = control
        self._clock = clock
        self._holder = holder
        self._lease = timedelta(seconds=lease_s)

    def look(self, record: RolloutRecord) -> RolloutRecord:
        """Decide what there is to decide.

        Args:
            record: An open rollout.

        Returns:
            What is stored now, as far as this process knows.
        """
        now = self._clock.now()
        if not self._stores.leases.take(_lease(record), self._who(), now=now, until=now + self._lease):
            return record
        try:
            return self._decide(self._stores.rollouts.get(record.id), now)
        except (ConflictError, StateTransitionError) as error:  # a person was faster: look again
            logger.info("The rollout of '%s' was changed meanwhile: %s", record.endpoint, error)
            return self._stores.rollouts.get(record.id)

    def leave(self, record: RolloutRecord) -> None:
        """Let another process decide."""
        self._stores.leases.release(_lease(record), self._who())

    def _who(self) -> str:
        # Asked each time, since a process may have been forked after this was made.
        return self._holder or f"{current_owner()}/rollouts"

    def _decide(self, record: RolloutRecord, now: datetime) -> RolloutRecord:
        if not record.is_open:
            return record
        alias = self._stores.models.find_alias(record.model, record.alias)
        if alias is None or alias.version != record.primary.version:
            where = "no version" if alias is None else f"version {alias.version}"
            return self._control.by_itself(record).end(
                record, reason=f"{record.model}@{record.alias} was moved to {where} meanwhile."
            )
        return self._judge(record, now) if record.kind is RolloutKind.CANARY else record

    def _judge(self, record: RolloutRecord, now: datetime) -> RolloutRecord:
        found = tallies(self._stores.rollouts, record, step=record.step)
        primary, canary = (found[arm.name] for arm in record.arms)
        over_at = record.step_since + timedelta(seconds=record.hold_s)
        is_over = now >= over_at
        fewest = min(primary.answered, canary.answered)
        # A step that is over is looked at once more, though its requests have not grown by much since the last look.
        is_due = fewest >= requests_for_look(record.limits, record.looks) or (
            is_over and record.decision.at < over_at and fewest >= record.limits.min_requests
        )
        if not is_due:
            return record
        verdict, control = judge(primary, canary, record.limits, look=record.looks + 1), self._control.by_itself(record)
        evidence = {**verdict.evidence, "step": record.step, "outcome": verdict.outcome.value}
        if verdict.outcome is Outcome.BAD:
            logger.warning("The canary of '%s' is rolled back: %s", record.endpoint, verdict.reason)
            return control.roll_back(record, reason=verdict.reason, evidence=evidence, reject=True)
        if verdict.outcome is Outcome.GOOD and is_over and record.state is RolloutState.RUNNING:
            return self._advance(record, verdict.reason, evidence)
        return control.note(record, reason=verdict.reason, evidence=evidence)

    def _advance(self, record: RolloutRecord, reason: str, evidence: dict[str, object]) -> RolloutRecord:
        control = self._control.by_itself(record)
        try:
            advanced = control.advance(record, reason=reason, evidence=evidence)
        except MillwrightError as error:
            # Somebody else's change is one thing, the registry's refusal another: that waits for a person.
            if not can_wait(error) or self._stores.rollouts.get(record.id).revision != record.revision:
                raise
            reason = f"It passed its last step, and may not be promoted: {error.message}"
            logger.warning("The canary of '%s' is paused. %s", record.endpoint, reason)
            return control.pause(record, reason=reason, evidence=evidence)
        logger.info("The canary of '%s' has advanced: %s", record.endpoint, reason)
        return advanced


def tallies(store: RolloutStore, record: RolloutRecord, *, step: int | None = None) -> dict[str, Tally]:
    """What all processes have counted, by arm.

    Args:
        store: Where the evidence is.
        record: The rollout.
        step: One step's; of all steps when None.
    """
    parts: dict[str, list[Tally]] = {arm.name: [] for arm in record.arms}
    for each in store.list_evidence(record.id, step=step):
        parts.setdefault(each.arm, []).append(Tally.from_json(each.counts))
    return {name: merge(found) for name, found in parts.items()}


def _lease(record: RolloutRecord) -> str:
    return f"rollout:{record.id}"
