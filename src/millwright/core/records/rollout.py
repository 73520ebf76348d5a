"""Rollouts: how an endpoint's requests are divided among model versions, and what that has shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from millwright.core.ids import RolloutId


class RolloutKind(StrEnum):
    """What a rollout is for."""

    CANARY = "canary"  # one version takes over in steps, or is taken back, by itself
    SPLIT = "split"  # requests are divided by weight until a person ends it
    SHADOW = "shadow"  # other versions predict the same rows and answer nobody
    AB = "ab"  # requests are divided, and outcomes are compared arm by arm


class RolloutState(StrEnum):
    """Where a rollout stands."""

    RUNNING = "running"  # entered on creation, and when it is resumed
    PAUSED = "paused"  # entered by hand, or when a promotion was refused: shares stay, nothing advances by itself
    PROMOTED = "promoted"  # the alias points to one of its versions; final
    ROLLED_BACK = "rolled_back"  # the versions that were tried are answered by no longer; final
    ENDED = "ended"  # a person ended it, or the alias went elsewhere meanwhile; final


ROLLOUT_TRANSITIONS: Mapping[RolloutState, frozenset[RolloutState]] = {
    RolloutState.RUNNING: frozenset(
        {RolloutState.PAUSED, RolloutState.PROMOTED, RolloutState.ROLLED_BACK, RolloutState.ENDED}
    ),
    RolloutState.PAUSED: frozenset(
        {RolloutState.RUNNING, RolloutState.PROMOTED, RolloutState.ROLLED_BACK, RolloutState.ENDED}
    ),
    RolloutState.PROMOTED: frozenset(),
    RolloutState.ROLLED_BACK: frozenset(),
    RolloutState.ENDED: frozenset(),
}

OPEN_ROLLOUTS = frozenset({RolloutState.RUNNING, RolloutState.PAUSED})


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutArm:
    """One version's part of a rollout.

    Attributes:
        name: Unique in the rollout, such as `primary` and `canary`.
        version: The model's version; the first arm's is the one that the alias pointed to at the beginning.
        weight: Its share of the requests in per cent, 0 to 100; of a shadow, the share that is shown to it.
    """

    name: str
    version: int
    weight: float


@dataclass(frozen=True, kw_only=True, slots=True)
class CanaryLimits:
    """What a canary may do worse than the primary, and how sure one has to be.

    Attributes:
        min_requests: With fewer requests of either arm in a step nothing is decided.
        max_error_increase: Tolerated increase of the share of requests that end in an error, 0 to 1.
        max_slowdown: Tolerated factor of latency (95th percentile, and mean), above 1.
        latency_floor_s: Latencies below count as this one, in seconds: so small ones differ by chance.
        max_shift: Tolerated population stability index between the arms' predictions; None does not look at them.
        alpha: Chance of rolling back a canary that is as good as the primary, per step, above 0 and below 0.5.
    """

    min_requests: int = 200
    max_error_increase: float = 0.02
    max_slowdown: float = 2.0
    latency_floor_s: float = 0.001
    max_shift: float | None = 0.25
    alpha: float = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutDecision:
    """One decision on a rollout.

    Attributes:
        action: `start`, `wait`, `advance`, `pause`, `resume`, `weigh`, `promote`, `roll_back` or `end`.
        reason: In a sentence.
        by: A person, or `automation:rollout/ID` when nobody was asked.
        evidence: What it stands on, JSON values.
    """

    action: str
    at: datetime
    by: str
    reason: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutRecord:
    """Versions of a model that share an endpoint for a time.

    Attributes:
        endpoint: Where; it has one open rollout at most.
        model: The registered model that all arms are versions of.
        alias: What is moved when an arm is promoted.
        arms: At least two; the first answers when nothing else is said.
        steps: Of a canary: its shares in per cent, rising, the last one 100 (the promotion); empty for others.
        step: Index of the present one.
        step_since: When that began.
        hold_s: How long each step lasts at least, in seconds.
        limits: Of a canary.
        looks: How often the present step's evidence was judged; each look costs some of the limits' `alpha`.
        revision: 1 at first, one more with each change: whoever changes a rollout names the one that was read.
        decision: The last one.
    """

    id: RolloutId
    endpoint: str
    model: str
    alias: str
    kind: RolloutKind
    arms: tuple[RolloutArm, ...]
    created_at: datetime
    created_by: str
    step_since: datetime
    decision: RolloutDecision
    state: RolloutState = RolloutState.RUNNING
    steps: tuple[float, ...] = ()
    step: int = 0
    hold_s: float = 0.0
    limits: CanaryLimits = field(default_factory=CanaryLimits)
    looks: int = 0
    revision: int = 1
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still divides requests."""
        return self.state in OPEN_ROLLOUTS

    @property
    def primary(self) -> RolloutArm:
        """The arm that the alias pointed to at the beginning."""
        return self.arms[0]

    @property
    def tried(self) -> tuple[RolloutArm, ...]:
        """The other arms."""
        return self.arms[1:]


@dataclass(frozen=True, kw_only=True, slots=True)
class RolloutEvidence:
    """What one process has seen of one arm in one step: totals so far, so that writing them again changes nothing.

    Attributes:
        arm: The arm's name.
        process: Who counted: `host:pid:start/number`.
        counts: JSON values that add up over processes; see `millwright.deployment.traffic.tally`.
    """

    rollout_id: RolloutId
    step: int
    arm: str
    process: str
    updated_at: datetime
    counts: Mapping[str, Any]
