"""Settings of retraining, in the form that automation takes, and what settles what retrainings left open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.automation.limits import Limits
    from millwright.automation.retraining import FollowUp
    from millwright.automation.trigger import Trigger
    from millwright.core.clock import Clock
    from millwright.core.events import EventBus
    from millwright.core.records.model import ModelVersionRecord
    from millwright.core.records.monitor import AlertRecord
    from millwright.core.records.rollout import RolloutRecord
    from millwright.deployment.traffic.control import RolloutControl
    from millwright.registry.registry import Registry
    from millwright.storage.catalog import Stores
    from millwright.workspace.monitor_settings import ActionSettings
    from millwright.workspace.settings import Settings

_LIMITS = (
    "cool_down_minutes", "max_per_day", "budget_per_day", "budget_per_month", "quiet_hours", "time_zone",
    "value_per_unit", "value_metric", "horizon_days", "recovered_share",
)  # fmt: skip


def build_limits(settings: Settings, action: ActionSettings | None = None) -> Limits:
    """The limits of retraining: of `[retrain]`, with what an action says in its place."""
    from zoneinfo import ZoneInfo

    from millwright.automation.limits import Limits, QuietHours, Worth

    said = {name: getattr(settings.retrain, name) for name in _LIMITS}
    if action is not None:
        said |= {name: value for name in _LIMITS if (value := getattr(action, name)) is not None}
    worth = None
    if said["value_per_unit"] is not None:
        worth = Worth(
            per_unit=said["value_per_unit"],
            metric=said["value_metric"],
            horizon_days=said["horizon_days"],
            recovered=said["recovered_share"],
        )
    return Limits(
        cooldown=timedelta(minutes=said["cool_down_minutes"]),
        max_per_day=said["max_per_day"],
        budget_day=said["budget_per_day"],
        budget_month=said["budget_per_month"],
        currency=settings.prices.currency,
        quiet=tuple(QuietHours.parse(text) for text in said["quiet_hours"]),
        zone=ZoneInfo(said["time_zone"]),
        worth=worth,
    )


def build_trigger(alert: AlertRecord, model: str, action: tuple[str, Mapping[str, Any]], settings: Settings) -> Trigger:
    """The trigger that answers an alert by hand: this pipeline with these parameters, within the project's limits.

    A model that was trained again answers the endpoint's other alerts, too: drift and lost performance come together.
    """
    from millwright.automation.trigger import WORTH_RETRAINING, Trigger

    pipeline, params = action
    return Trigger(
        name=f"{alert.endpoint}-alerts",
        pipeline=pipeline,
        model=model,
        params=dict(params),
        endpoint=alert.endpoint,
        alerts=WORTH_RETRAINING | {alert.kind},
        limits=build_limits(settings),
    )


def build_follow_up(*, stores: Stores, clock: Clock, events: EventBus, registry: Registry) -> FollowUp:
    """What settles the challengers that wait for a person or share the requests.

    Args:
        stores: Where they are.
        clock: The time.
        events: Hears what is decided.
        registry: Moves aliases and begins canaries in the name of automation.
    """
    from millwright.automation.retraining import FollowUp
    from millwright.deployment.traffic.control import RolloutControl

    control = RolloutControl(stores=stores, registry=registry, clock=clock, actor="automation")
    return FollowUp(
        stores=stores,
        clock=clock,
        events=events,
        registry=registry,
        start_canary=lambda version, alias, plan: _start_canary(control, version, alias, plan),
    )


def _start_canary(
    control: RolloutControl, version: ModelVersionRecord, alias: str, how: Mapping[str, Any]
) -> RolloutRecord:
    """Begin the canary of a version that was approved.

    Args:
        control: Begins it.
        version: Which one.
        alias: What it is to take.
        how: The `endpoint` and the `strategy` that its pipeline's deploy step named; the usual ones where it did not.
    """
    from millwright.deployment.traffic.control import RolloutPlan
    from millwright.deployment.traffic.strategy import Canary, strategy_from_json

    plan = RolloutPlan(
        model=version.name,
        versions=[version.version],
        strategy=strategy_from_json(how["strategy"]) if how.get("strategy") else Canary(),
        endpoint=how.get("endpoint") or "",
        alias=alias,
        reason="approved after a retraining",
    )
    return control.start(plan)
