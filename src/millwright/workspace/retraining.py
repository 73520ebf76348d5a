"""Settings of retraining, in the form that automation takes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.automation.limits import Limits
    from millwright.automation.trigger import Trigger
    from millwright.core.records.monitor import AlertRecord
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
