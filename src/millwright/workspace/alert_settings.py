"""Settings of alerts: hysteresis, channels, routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from millwright.core.errors import ConfigurationError, closest
from millwright.workspace.declared import Declared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.workspace.monitor_settings import MonitorDeclaration


class AlertSettings(BaseModel):
    """When alerts are raised and end, and how notifications of them are delivered."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    raise_after: int = Field(default=1, ge=1, description="Checks in a row that must find something to raise an alert.")
    resolve_after: int = Field(
        default=3, ge=0, description="Clean checks in a row after which an alert ends by itself; 0 for never."
    )
    resolve_limit: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="A check is clean when what raised the alert is below this share of its limit.",
    )
    max_attempts: int = Field(
        default=12, ge=1, le=100, description="After so many failed attempts a channel is not told of something."
    )
    backoff_seconds: float = Field(
        default=5.0, gt=0, description="Rest after the first failed attempt; doubled after each further one, up to 1 h."
    )
    timeout_seconds: float = Field(default=10.0, gt=0, le=60, description="Longest time that one attempt may take.")


class ChannelSettings(Declared):
    """A way to tell somebody of alerts: `[channels.NAME]`."""

    url: str = Field(
        min_length=1,
        repr=False,
        description="Where to: an address of Apprise such as mailto://…, the URL of a webhook or of Alertmanager, or "
        "secret:NAME for a secret that holds it.",
    )
    kind: Literal["apprise", "webhook", "alertmanager"] = Field(default="apprise", description="What sends.")
    secret: str = Field(
        default="", repr=False, description="Signs what a webhook gets; secret:NAME takes it from the secrets."
    )


class RouteSettings(Declared):
    """Which alerts go to which channels: `[[routes]]`. Every route that fits an alert counts."""

    channels: tuple[str, ...] = Field(min_length=1, description="Names of channels that are told.")
    name: str = Field(default="", description="What to call it; by default its number, from 1.")
    endpoint: str = Field(default="", description="Alerts of which endpoint, with * and ?; all when empty.")
    kinds: tuple[str, ...] = Field(default=(), description="Which kinds of alerts, such as drift; all when empty.")
    severity: Literal["info", "warning", "critical"] = Field(default="info", description="From which severity on.")
    group_wait_seconds: float = Field(
        default=30.0, ge=0, description="How long others may join the first alert of a notification."
    )
    group_interval_seconds: float = Field(
        default=300.0, ge=0, description="Shortest time between two notifications about one endpoint."
    )
    repeat_minutes: float = Field(
        default=240.0, ge=0, description="An alert that nobody acknowledges is told again so often; 0 for once."
    )
    escalate_to: tuple[str, ...] = Field(
        default=(), description="Channels that are told, one after the other, while nobody acknowledges."
    )
    escalate_after_minutes: float = Field(
        default=30.0, gt=0, description="After how long the first of them is told, and each further one."
    )


def refuse_unknown_channels(
    channels: Mapping[str, ChannelSettings], routes: Sequence[RouteSettings], monitors: Mapping[str, MonitorDeclaration]
) -> None:
    """Make sure that whatever is to be told is there, before an alert has nowhere to go.

    Raises:
        ConfigurationError: A route or a monitor names a channel that is not declared.
    """
    wanted = [(f"The route {route.name or number}", (*route.channels, *route.escalate_to))
              for number, route in enumerate(routes, start=1)]  # fmt: skip
    wanted += [(f"The monitor '{name}'", monitor.channels) for name, monitor in monitors.items()]
    for what, names in wanted:
        for name in names:
            if name not in channels:
                hint = closest(name, channels) or f"Declare it: [channels.{name}] with url."
                raise ConfigurationError(f"{what} tells the channel '{name}', which is not declared.", hint=hint)
