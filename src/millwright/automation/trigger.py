"""Triggers: what starts which pipeline, and how often it may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.core.errors import InvalidInputError
from millwright.monitoring.finding import AlertKind

if TYPE_CHECKING:
    from millwright.core.records.monitor import AlertRecord

# Missing data is left out: training again on holes does not fill them.
WORTH_RETRAINING = frozenset({AlertKind.DRIFT.value, AlertKind.PERFORMANCE.value})


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """One rule: when this happens, run that pipeline for this model.

    Attributes:
        name: Unique in the project; runs are counted under it.
        pipeline: What the launcher is told to run, such as `pipeline.py:schedule_delay`.
        model: The registered model that the pipeline makes versions of.
        alias: The alias whose holder the new version meets.
        params: The pipeline's parameters.
        endpoint: Fires on alerts of this endpoint; of none when None.
        alerts: Fires on these kinds of alerts (`AlertKind`).
        datasets: Fires on a new version of these datasets.
        cooldown: Rest between the end of one run and the start of the next.
        max_per_day: Runs in any 24 hours at most, ≥ 1.

    Raises:
        InvalidInputError: A limit outside its range, an unknown kind of alert, or nothing to fire on.
    """

    name: str
    pipeline: str
    model: str
    alias: str = "champion"
    params: Mapping[str, Any] = field(default_factory=dict)
    endpoint: str | None = None
    alerts: frozenset[str] = WORTH_RETRAINING
    datasets: frozenset[str] = frozenset()
    cooldown: timedelta = timedelta(hours=1)
    max_per_day: int = 4

    def __post_init__(self) -> None:
        if self.cooldown < timedelta(0):
            raise InvalidInputError(
                f"Expected a cool-down of 0 or more for trigger '{self.name}', found {self.cooldown}."
            )
        if self.max_per_day < 1:
            raise InvalidInputError(
                f"Expected at least 1 run a day for trigger '{self.name}', found {self.max_per_day}.",
                hint="Remove the trigger to stop it.",
            )
        unknown = self.alerts - {kind.value for kind in AlertKind}
        if unknown:
            raise InvalidInputError(
                f"Trigger '{self.name}' names the alert kind '{min(unknown)}', which there is not.",
                hint=f"Known: {', '.join(AlertKind)}.",
            )
        if self.endpoint is None and not self.datasets:
            raise InvalidInputError(
                f"Trigger '{self.name}' never fires: it names no endpoint and no dataset.", hint="Name one of them."
            )

    @property
    def subject(self) -> str:
        """What its runs are filed under in the audit log."""
        return f"trigger:{self.name}"

    def fires_on_alert(self, alert: AlertRecord) -> bool:
        """Whether an alert starts it."""
        return alert.endpoint == self.endpoint and alert.kind in self.alerts

    def fires_on_dataset(self, dataset: str) -> bool:
        """Whether a new version of a dataset starts it."""
        return dataset in self.datasets


def on_drift(endpoint: str, **rule: Any) -> Trigger:
    """A trigger on drift of an endpoint; `rule` holds the other attributes."""
    return Trigger(endpoint=endpoint, alerts=frozenset({AlertKind.DRIFT.value}), **_named("drift", endpoint, rule))


def on_performance(endpoint: str, **rule: Any) -> Trigger:
    """A trigger on lost performance of an endpoint; `rule` holds the other attributes."""
    kinds = frozenset({AlertKind.PERFORMANCE.value})
    return Trigger(endpoint=endpoint, alerts=kinds, **_named("performance", endpoint, rule))


def on_dataset(dataset: str, **rule: Any) -> Trigger:
    """A trigger on a new version of a dataset; `rule` holds the other attributes."""
    return Trigger(datasets=frozenset({dataset}), **_named("dataset", dataset, rule))


def _named(kind: str, subject: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": f"{kind}-{subject}", **rule}
