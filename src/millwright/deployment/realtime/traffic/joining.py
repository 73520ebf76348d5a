"""Makes what follows an endpoint's rollout in a serving process, from the process's stores and registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from millwright.deployment.realtime.log_writer import LogOptions, PredictionLogWriter
from millwright.deployment.realtime.traffic.follower import FollowerParts, RolloutFollower
from millwright.deployment.traffic.control import AUTOMATION, RolloutControl
from millwright.deployment.traffic.decider import Decider, DecisionStores

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.core.clock import Clock
    from millwright.core.records.model import ModelVersionRecord
    from millwright.deployment.realtime.model_slot import ModelSlot
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.deployment.traffic.control import Promoter
    from millwright.storage.base import PredictionStore


class TrafficStores(DecisionStores, Protocol):
    """The stores that following a rollout needs."""

    @property
    def predictions(self) -> PredictionStore:
        """Takes shadows' predictions."""
        ...


def join_rollouts(
    slot: ModelSlot,
    load: Callable[[ModelVersionRecord], ServedModel],
    *,
    stores: TrafficStores,
    registry: Promoter,
    clock: Clock,
    log: LogOptions | None,
) -> RolloutFollower:
    """A follower of one slot's rollout.

    Args:
        slot: Which endpoint.
        load: Loads, tries and warms up a version.
        stores: Where rollouts, evidence, leases and predictions are.
        registry: Moves the alias when a canary has passed, and rejects a version that has not.
        clock: Tells the time.
        log: How shadows' predictions are logged; None when predictions are not logged.
    """

    def make_log() -> PredictionLogWriter | None:
        if log is None:
            return None
        writer = PredictionLogWriter(stores.predictions, log)
        writer.start()
        return writer

    control = RolloutControl(stores=stores, registry=registry, clock=clock, actor=AUTOMATION)
    parts = FollowerParts(
        rollouts=stores.rollouts,
        control=control,
        decider=Decider(stores=stores, control=control, clock=clock),
        get_version=stores.models.get_version,
        load=load,
        make_log=make_log,
        clock=clock,
    )
    return RolloutFollower(slot, parts)
