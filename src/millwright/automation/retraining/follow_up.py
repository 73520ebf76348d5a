"""Challengers that wait for a person, or share the requests in a canary, until that is settled."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

from millwright.automation.decision import DecisionDesk, Retraining
from millwright.automation.limits.ledger import read_ledger
from millwright.automation.outcome import Judgement, find_rollout
from millwright.core.errors import ConflictError, MillwrightError, PromotionRefusedError, StateTransitionError
from millwright.core.ids import AlertId, PipelineRunId
from millwright.core.records.model import ModelVersionState
from millwright.core.records.monitor import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.audit import AuditEvent
    from millwright.core.records.model import AliasRecord, ModelVersionRecord
    from millwright.core.records.monitor import DecisionRecord
    from millwright.core.records.rollout import RolloutRecord
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)

_OPEN = frozenset({Outcome.WAITING, Outcome.CANARY})
_PUT_AWAY = frozenset({ModelVersionState.REJECTED, ModelVersionState.ARCHIVED})
_PUTS_AWAY = {ModelVersionState.REJECTED: "model.reject", ModelVersionState.ARCHIVED: "model.archive"}
_FAR_BACK = 100  # entries of one version that are looked through for who put it away
_NEWEST = 200  # decisions that are looked through: what has been open for longer, a person has forgotten


class Promoter(Protocol):
    """The part of the registry that follows up."""

    def objections(self, version: ModelVersionRecord, alias: str = ...) -> list[str]:
        """What speaks against a version carrying an alias, in sentences."""
        ...

    def promote(self, name: str, version: int, alias: str = ..., *, reason: str) -> AliasRecord:
        """Point an alias at a version, if the policy agrees."""
        ...


class FollowUp:
    """Settles what retrainings left open: an approved challenger takes the alias, by a canary where one is wanted.

    Of several workers that do so at once, one settles it: its turn is the lease under which the model is trained.

    Args:
        stores: Decisions, versions, aliases, rollouts, audit log, leases.
        clock: The time.
        events: Hears `decision.made`, and of alerts.
        registry: Says whether a challenger may take the alias now, and moves it.
        start_canary: Begins the canary of a version for an alias, or what the pipeline's plan says (`endpoint`,
            `strategy`) where it has one; raises `ConflictError` while it cannot.
        actor: Who acts, for the audit log.
    """

    def __init__(
        self,
        *,
        stores: Stores,
        clock: Clock,
        events: EventBus,
        registry: Promoter,
        start_canary: Callable[[ModelVersionRecord, str, Mapping[str, Any]], object],
        actor: str = "automation",
    ) -> None:
        self._stores = stores
        self._clock = clock
        self._registry = registry
        self._start_canary = start_canary
        self._desk = DecisionDesk(stores=stores, clock=clock, events=events, actor=actor)
        self._actor = actor

    def settle_due(self) -> list[DecisionRecord]:
        """Look at everything that is open once.

        Returns:
            The decisions that were made, by this call and no other.
        """
        made: list[DecisionRecord] = []
        for model in self._models():
            try:
                pending = read_ledger(self._stores.audit, model).pending
                if pending is not None and (decision := self._settle(model, pending)) is not None:
                    made.append(decision)
            except MillwrightError:
                logger.exception("What a retraining of %s left open could not be looked at", model)
        return made

    def _models(self) -> list[str]:
        """Models whose newest decisions left something open."""
        decisions = self._stores.monitors.list_decisions(limit=_NEWEST)
        found = (each.challenger for each in decisions if each.outcome in _OPEN and each.challenger)
        return sorted({challenger.rpartition("@")[0] for challenger in found})

    def _settle(self, model: str, pending: AuditEvent) -> DecisionRecord | None:
        name, _, number = str(pending.details["challenger"]).rpartition("@")
        challenger = self._stores.models.get_version(name, int(number))
        alias = str(pending.details.get("alias") or "champion")
        # One transaction: who comes second sees that it is settled. The model's lock serialises them.
        with self._stores.transactions.transaction():
            self._stores.models.lock_model(model)
            now = read_ledger(self._stores.audit, model).pending
            if now is None or now.seq != pending.seq:
                return None
            judgement = self._judge(challenger, alias, pending)
            if judgement is None:
                return None
            retraining = _retraining(model, alias, pending)
            run = pending.details.get("run")
            return self._desk.decide(
                retraining,
                judgement,
                champion=pending.details.get("champion"),
                run_id=PipelineRunId(run) if run else None,
            )

    def _judge(self, challenger: ModelVersionRecord, alias: str, pending: AuditEvent) -> Judgement | None:
        """What has become of a challenger; None while that is open."""
        ref, before = challenger.ref, pending.details.get("champion")
        holder = self._stores.models.find_alias(challenger.name, alias)
        held = f"{challenger.name}@{holder.version}" if holder is not None else None
        if held == ref:
            return _judgement(Outcome.PROMOTED, f"{ref} is {alias} now.", ref)
        if challenger.state in _PUT_AWAY:
            return _judgement(Outcome.KEPT, self._why_put_away(challenger), ref)
        if held != before:
            return _judgement(Outcome.KEPT, f"{held or 'Nobody'} became {alias} meanwhile, which {ref} never met.", ref)
        if find_rollout(self._stores, challenger) is not None:
            return None
        if pending.details.get("outcome") == Outcome.CANARY.value:
            return _judgement(Outcome.KEPT, self._end_of_canary(challenger), ref)
        if pending.details.get("by_hand") and not self._is_wanted(challenger, pending):
            return None
        plan = pending.details.get("plan") or {}
        # The first of all takes the alias at once: there is nothing to share with.
        canary = held is not None and bool(plan.get("strategy") or pending.details.get("canary"))
        return self._approved(challenger, alias, plan if canary else None)

    def _approved(self, challenger: ModelVersionRecord, alias: str, plan: Mapping[str, Any] | None) -> Judgement | None:
        if self._registry.objections(challenger, alias):
            return None
        reason = f"{challenger.ref} passed its gates and is approved."
        try:
            if plan is not None:
                self._start_canary(challenger, alias, plan)
                kind = (plan.get("strategy") or {}).get("kind", "canary")
                return _judgement(Outcome.CANARY, f"{reason} Its {kind} has begun.", challenger.ref)
            self._registry.promote(challenger.name, challenger.version, alias, reason=reason)
        except (PromotionRefusedError, ConflictError, StateTransitionError) as refusal:
            logger.info("%s waits: %s", challenger.ref, refusal.message)
            return None
        return _judgement(Outcome.PROMOTED, reason, challenger.ref)

    def _is_wanted(self, challenger: ModelVersionRecord, pending: AuditEvent) -> bool:
        """Whether a person spoke for a challenger since the decision that left it to people."""
        spoken = self._stores.models.list_approvals(challenger.name, challenger.version)
        return any(each.approved and each.at >= pending.at for each in spoken)

    def _why_put_away(self, challenger: ModelVersionRecord) -> str:
        """Who rejected or archived a challenger, and why: what a canary found, with its figures, where that did it."""
        rollout = self._last_rollout(challenger)
        if rollout is not None and challenger.version in rollout.decision.evidence.get("rejected", ()):
            return _told_end(challenger, rollout)
        by, why = "", ""
        for entry in self._stores.audit.list(subject=challenger.ref, limit=_FAR_BACK):
            if entry.action == _PUTS_AWAY[challenger.state]:
                by, why = f" by {_told_actor(entry.actor)}", str(entry.details.get("reason") or "")
                break
        return f"{challenger.ref} was {challenger.state}{by}{f': {why}' if why else ''}".rstrip(".") + "."

    def _end_of_canary(self, challenger: ModelVersionRecord) -> str:
        rollout = self._last_rollout(challenger)
        return f"The canary of {challenger.ref} is gone." if rollout is None else _told_end(challenger, rollout)

    def _last_rollout(self, challenger: ModelVersionRecord) -> RolloutRecord | None:
        for rollout in self._stores.rollouts.list_rollouts():
            if rollout.model == challenger.name and any(arm.version == challenger.version for arm in rollout.arms[1:]):
                return rollout
        return None


def _told_end(challenger: ModelVersionRecord, rollout: RolloutRecord) -> str:
    """How a rollout ended, by whom, and what was found: the reason of a roll-back has the figures and their limits."""
    ended = rollout.state.replace("_", " ")
    decision = rollout.decision
    return f"The {rollout.kind.value} of {challenger.ref} was {ended} by {_told_actor(decision.by)}: {decision.reason}"


def _told_actor(actor: str) -> str:
    """Who did something, as people say it: of `automation:rollout/…` only that nobody was asked."""
    return actor.partition(":")[0] if actor.startswith("automation:") else actor.removeprefix("user:")


def _judgement(outcome: Outcome, reason: str, challenger: str) -> Judgement:
    return Judgement(outcome=outcome, reasons=(reason,), challenger=challenger)


def _retraining(model: str, alias: str, pending: AuditEvent) -> Retraining:
    return Retraining(
        trigger=str(pending.details.get("trigger")),
        model=model,
        cause=str(pending.details.get("cause")),
        alerts=tuple(AlertId(each) for each in pending.details.get("alerts", ())),
        alias=alias,
        canary=bool(pending.details.get("canary")),
    )
