"""Changing rollouts: each change with its audit entry, and what it means for the registry, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from millwright.core.errors import (
    ConflictError,
    InvalidInputError,
    MillwrightError,
    NotFoundError,
    PromotionRefusedError,
    StateTransitionError,
    closest,
)
from millwright.core.ids import RolloutId, new_id
from millwright.core.records.model import ModelVersionState
from millwright.core.records.rollout import (
    CanaryLimits,
    RolloutDecision,
    RolloutKind,
    RolloutRecord,
    RolloutState,
)
from millwright.deployment.traffic.announcement import announce
from millwright.deployment.traffic.strategy import ALL, Canary, Strategy, check_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.model import AliasRecord, ModelVersionRecord
    from millwright.core.records.rollout import RolloutArm
    from millwright.storage.base import AuditStore, EndpointStore, ModelStore, Transactions
    from millwright.storage.base.rollouts import RolloutStore

AUTOMATION = "automation:rollout"
_PUT_AWAY = frozenset({ModelVersionState.REJECTED, ModelVersionState.ARCHIVED})


class RolloutStores(Protocol):
    """The stores that changing rollouts needs."""

    @property
    def transactions(self) -> Transactions:
        """Makes several calls one change."""
        ...

    @property
    def rollouts(self) -> RolloutStore:
        """Holds the rollouts."""
        ...

    @property
    def models(self) -> ModelStore:
        """Holds versions and aliases."""
        ...

    @property
    def endpoints(self) -> EndpointStore:
        """Tells what endpoints follow."""
        ...

    @property
    def audit(self) -> AuditStore:
        """Takes the audit log's entries."""
        ...


class Promoter(Protocol):
    """The part of the registry that rollouts need."""

    @property
    def events(self) -> EventBus:
        """Where changes are told."""
        ...

    def acting_as(self, actor: str) -> Promoter:
        """The same, changing things in another name."""
        ...

    def promote(self, name: str, version: int, alias: str = ..., *, reason: str, force: bool = False) -> AliasRecord:
        """Point an alias at a version, if the policy agrees."""
        ...

    def reject(self, name: str, version: int, *, reason: str) -> ModelVersionRecord:
        """Record that a version is not to be used."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutPlan:
    """A rollout to be begun.

    Attributes:
        endpoint: Where; the model's name when empty.
        model: The registered model.
        versions: Those that are tried beside the one that the alias points to.
        strategy: How.
        alias: What is moved in the end; what the endpoint follows when empty, else `champion`.
        reason: For the audit log.
    """

    model: str
    versions: Sequence[int]
    strategy: Strategy
    endpoint: str = ""
    alias: str = ""
    reason: str = ""


class RolloutControl:
    """Begins, changes and ends rollouts.

    Args:
        stores: Where the records are.
        registry: Moves aliases and rejects versions; its events tell of rollouts, too.
        clock: Tells the time of each change.
        actor: Who makes the changes, such as `user:ada`.
    """

    def __init__(self, *, stores: RolloutStores, registry: Promoter, clock: Clock, actor: str) -> None:
        self._stores = stores
        self._registry = registry
        self._clock = clock
        self._actor = actor

    def by_itself(self, record: RolloutRecord) -> RolloutControl:
        """What changes a rollout when nobody was asked: the audit log names the rollout then, for the alias, too."""
        return self.acting_as(f"{AUTOMATION}/{record.id}")

    def acting_as(self, actor: str) -> RolloutControl:
        """The same, changing rollouts and what they mean for the registry in another name."""
        return RolloutControl(
            stores=self._stores, registry=self._registry.acting_as(actor), clock=self._clock, actor=actor
        )

    def start(self, plan: RolloutPlan) -> RolloutRecord:
        """Begin a rollout; serving processes see it at their next look.

        Raises:
            NotFoundError: No such version, or the alias points to none.
            InvalidInputError: The versions do not fit the strategy.
            StateTransitionError: A version is rejected or archived.
            ConflictError: The endpoint has an open rollout, serves another model, or follows a version number.
        """
        now = self._clock.now()
        endpoint = plan.endpoint or plan.model
        alias = plan.alias or self._followed(endpoint, plan.model)
        strategy, reason = plan.strategy, plan.reason or f"{plan.strategy.kind.value} begun by hand"
        with self._stores.transactions.transaction():
            self._stores.models.lock_model(plan.model)
            primary = self._primary(plan.model, alias)
            self._check(plan, primary)
            canary = strategy if isinstance(strategy, Canary) else None
            record = RolloutRecord(
                id=RolloutId(new_id(int(now.timestamp() * 1e3))),
                endpoint=endpoint,
                model=plan.model,
                alias=alias,
                kind=strategy.kind,
                arms=strategy.arms(primary, plan.versions),
                created_at=now,
                created_by=self._actor,
                step_since=now,
                decision=RolloutDecision(action="start", at=now, by=self._actor, reason=reason),
                steps=canary.steps if canary else (),
                hold_s=canary.hold_s if canary else 0.0,
                limits=canary.limits if canary else CanaryLimits(),
            )
            self._stores.rollouts.create(record)
            self._announce(record)
        return record

    def find(self, which: str) -> RolloutRecord:
        """A rollout by its endpoint (the open one, else the last one) or by its id.

        Raises:
            NotFoundError: There is none; names the closest endpoint.
        """
        found = self._stores.rollouts.find_open(which)
        if found is not None:
            return found
        latest = self._stores.rollouts.list_rollouts(endpoint=which, limit=1)
        if latest:
            return latest[0]
        try:
            return self._stores.rollouts.get(RolloutId(which))
        except NotFoundError as error:
            known = sorted({record.endpoint for record in self._stores.rollouts.list_rollouts()})
            raise NotFoundError(
                f"There is no rollout of an endpoint '{which}'.",
                hint=closest(which, known) or "Begin one with: mw deploy MODEL@VERSION --canary 10m",
            ) from error

    def note(self, record: RolloutRecord, *, reason: str, evidence: Mapping[str, Any]) -> RolloutRecord:
        """Keep what a look at the evidence has shown that changes nothing; it is no entry of the audit log.

        Why a rollout was paused, and by whom, stays to be read until somebody ends the pause.
        """
        decision = self._decision("wait", reason, evidence)
        if record.state is RolloutState.PAUSED:
            last = record.decision
            decision = replace(decision, action=last.action, by=last.by, reason=last.reason)
        return self._stores.rollouts.update(replace(record, looks=record.looks + 1, decision=decision))

    def advance(
        self, record: RolloutRecord, *, reason: str, evidence: Mapping[str, Any] | None = None
    ) -> RolloutRecord:
        """Go to a canary's next step; the last one is the promotion.

        Raises:
            InvalidInputError: It is no canary.
            ConflictError, StateTransitionError: It has been changed or ended meanwhile.
            PromotionRefusedError: See `promote`.
        """
        if record.kind is not RolloutKind.CANARY:
            raise InvalidInputError(
                f"Expected a canary to advance, found the {record.kind.value} of '{record.endpoint}'.",
                hint="End it with: mw rollout promote or mw rollout abort",
            )
        step = record.step + 1
        if step >= len(record.steps) - 1:
            return self.promote(record, reason=reason, evidence=evidence)
        share = record.steps[step]
        changed = replace(record, arms=_shared(record.arms, share), step=step, step_since=self._clock.now(), looks=0)
        return self._change(changed, "advance", reason, evidence)

    def weigh(self, record: RolloutRecord, weights: Sequence[float], *, reason: str) -> RolloutRecord:
        """Change the weights of a split or A/B comparison.

        Raises:
            InvalidInputError: It is another kind, or the weights do not fit its arms.
            ConflictError, StateTransitionError: It has been changed or ended meanwhile.
        """
        if record.kind not in {RolloutKind.SPLIT, RolloutKind.AB}:
            is_canary = record.kind is RolloutKind.CANARY
            way = f"go to its next share with: mw rollout advance {record.endpoint}" if is_canary else "begin a split"
            raise InvalidInputError(
                f"Expected a split or A/B comparison to weigh, found the {record.kind.value} of '{record.endpoint}'.",
                hint=f"A {record.kind.value} has no weights to set; {way}.",
            )
        if len(weights) != len(record.arms):
            names = ", ".join(arm.name for arm in record.arms)
            raise InvalidInputError(
                f"Expected {len(record.arms)} weights, one for each arm ({names}), found {len(weights)}.",
                hint="Write them in this order, for example 50,50.",
            )
        check_weights(weights)
        arms = tuple(replace(arm, weight=float(each)) for arm, each in zip(record.arms, weights, strict=True))
        now = self._clock.now()
        return self._change(replace(record, arms=arms, step=record.step + 1, step_since=now), "weigh", reason)

    def pause(self, record: RolloutRecord, *, reason: str, evidence: Mapping[str, Any] | None = None) -> RolloutRecord:
        """Keep the shares as they are; a canary no longer advances by itself, though it is still rolled back."""
        return self._change(replace(record, state=RolloutState.PAUSED), "pause", reason, evidence)

    def resume(self, record: RolloutRecord, *, reason: str) -> RolloutRecord:
        """Go on; the present step begins again."""
        _require(record, RolloutState.PAUSED, "resume")
        changed = replace(record, state=RolloutState.RUNNING, step_since=self._clock.now())
        return self._change(changed, "resume", reason)

    def promote(
        self,
        record: RolloutRecord,
        *,
        arm: str = "",
        reason: str,
        evidence: Mapping[str, Any] | None = None,
        force: bool = False,
    ) -> RolloutRecord:
        """Let one arm's version answer everything: the alias moves to it, if the registry's policy agrees.

        Args:
            record: The rollout as it was read.
            arm: Which; may be empty where only one is tried.
            reason: For the audit log.
            evidence: What the decision stands on.
            force: Go ahead against the policy's objections, which the audit log then names.

        Raises:
            InvalidInputError: No such arm.
            PromotionRefusedError: The policy objects.
            StateTransitionError: The version is rejected or archived, or the rollout has ended.
            ConflictError: The rollout was changed meanwhile.
        """
        chosen = _arm(record, arm)
        ended = replace(record, state=RolloutState.PROMOTED, ended_at=self._clock.now())
        if record.kind is RolloutKind.CANARY and chosen is not record.primary:
            ended = replace(ended, arms=_shared(record.arms, ALL), step=len(record.steps) - 1)
        with self._stores.transactions.transaction():
            self._stores.models.lock_model(record.model)
            self._registry.promote(
                record.model, chosen.version, record.alias, reason=f"{record.kind.value}: {reason}", force=force
            )
            return self._change(ended, "promote", reason, {**(evidence or {}), "version": chosen.version})

    def roll_back(
        self, record: RolloutRecord, *, reason: str, evidence: Mapping[str, Any] | None = None, reject: bool = False
    ) -> RolloutRecord:
        """Let the primary answer everything again.

        Args:
            record: The rollout as it was read.
            reason: For the audit log.
            evidence: What the decision stands on.
            reject: Reject the versions that were tried; those that carry an alias stay as they are.

        Raises:
            ConflictError, StateTransitionError: It has been changed or ended meanwhile.
        """
        now = self._clock.now()
        facts = dict(evidence or {})
        ended = replace(record, state=RolloutState.ROLLED_BACK, ended_at=now)
        with self._stores.transactions.transaction():
            self._stores.models.lock_model(record.model)
            if reject:
                facts["rejected"] = [arm.version for arm in record.tried if self._reject(record, arm.version, reason)]
            return self._change(ended, "roll_back", reason, facts)

    def end(self, record: RolloutRecord, *, reason: str, evidence: Mapping[str, Any] | None = None) -> RolloutRecord:
        """End it without a verdict: the alias decides who answers."""
        ended = replace(record, state=RolloutState.ENDED, ended_at=self._clock.now())
        return self._change(ended, "end", reason, evidence)

    def _change(
        self, record: RolloutRecord, action: str, reason: str, evidence: Mapping[str, Any] | None = None
    ) -> RolloutRecord:
        if not reason.strip():
            raise InvalidInputError("Expected a reason for the audit log, found none.", hint="Give --reason.")
        decision = self._decision(action, reason, evidence or {})
        with self._stores.transactions.transaction():
            changed = self._stores.rollouts.update(replace(record, decision=decision))
            self._announce(changed)
        return changed

    def _decision(self, action: str, reason: str, evidence: Mapping[str, Any]) -> RolloutDecision:
        return RolloutDecision(
            action=action, at=self._clock.now(), by=self._actor, reason=reason, evidence=dict(evidence)
        )

    def _announce(self, record: RolloutRecord) -> None:
        announce(record, audit=self._stores.audit, events=self._registry.events, commits=self._stores.transactions)

    def _reject(self, record: RolloutRecord, version: int, reason: str) -> bool:
        try:
            self._registry.reject(record.model, version, reason=f"{record.kind.value} rolled back: {reason}")
        except MillwrightError:  # it carries an alias, or is archived: that is somebody's decision
            return False
        return True

    def _followed(self, endpoint: str, model: str) -> str:
        found = self._stores.endpoints.find(endpoint)
        if found is None or not found.selector:
            return "champion"
        if found.model != model:
            raise ConflictError(
                f"The endpoint '{endpoint}' serves '{found.model}', not '{model}'.",
                hint="Name another endpoint with --endpoint, or serve the model there first.",
            )
        if found.selector.isdecimal():
            raise ConflictError(
                f"The endpoint '{endpoint}' follows version {found.selector}, so that no alias could be moved.",
                hint=f"Serve it by an alias: mw serve {model}@champion",
            )
        return found.selector

    def _primary(self, model: str, alias: str) -> int:
        found = self._stores.models.find_alias(model, alias)
        if found is None:
            raise NotFoundError(
                f"'{model}@{alias}' points to no version yet, so that there is nothing to compare with.",
                hint=f"Deploy a first version at once: mw deploy {model}@VERSION --alias {alias}",
            )
        return found.version

    def _check(self, plan: RolloutPlan, primary: int) -> None:
        if len(set(plan.versions)) < len(plan.versions) or primary in plan.versions:
            raise InvalidInputError(
                f"Expected versions that differ from one another and from version {primary}, which answers now, found "
                f"{', '.join(map(str, plan.versions))}.",
                hint=f"See the versions with: mw models show {plan.model}",
            )
        for number in plan.versions:
            version = self._stores.models.get_version(plan.model, number)
            if version.state in _PUT_AWAY:
                raise StateTransitionError(
                    f"{version.ref} is {version.state.value} and cannot be rolled out.",
                    hint=f"Approve it with a reason first: mw models approve {version.ref}",
                )
            if version.package is None:
                raise InvalidInputError(f"{version.ref} has no package that could be served.")


def can_wait(error: MillwrightError) -> bool:
    """Whether a refused promotion is for people to settle: the policy objects, or the version was put away."""
    return isinstance(error, PromotionRefusedError | StateTransitionError)


def _require(record: RolloutRecord, state: RolloutState, what: str) -> None:
    if record.state is not state:
        raise StateTransitionError(
            f"Expected a rollout that is {state.value} to {what}, found that of '{record.endpoint}' "
            f"{record.state.value}."
        )


def _arm(record: RolloutRecord, name: str) -> RolloutArm:
    if not name and len(record.tried) == 1:
        return record.tried[0]
    found = next((arm for arm in record.arms if arm.name == name), None)
    if found is None:
        known = [arm.name for arm in record.arms]
        raise InvalidInputError(
            f"Expected one of the arms {', '.join(known)}, found '{name}'.",
            hint=closest(name, known) or "Say which with --arm.",
        )
    return found


def _shared(arms: tuple[RolloutArm, ...], share: float) -> tuple[RolloutArm, ...]:
    """A canary's arms with another share of it."""
    primary, canary = arms
    return replace(primary, weight=ALL - share), replace(canary, weight=share)
