"""Triggers: what starts which pipeline, and how often it may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.automation.limits.limits import Limits
from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity
from millwright.monitoring.alerting import concerns
from millwright.monitoring.finding import AlertKind

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord
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
        monitor: Of those of declared monitors, fires on this one's alone: what follows from another's, that one's
            declaration says. On those of all when empty.
        alerts: Fires on these kinds of alerts (`AlertKind`).
        datasets: Fires on new versions of these datasets.
        new_versions: So many of them since the last training, ≥ 1.
        new_rows: So many more rows than at the last training, ≥ 1; None when rows are not counted.
        every: Fires when the last training is so long ago; never by itself when None.
        limits: How often it may fire, for how much money, and when; of several triggers of one model each its own,
            counted over all runs of the model.
        warm_start: The pipeline's parameter that is given the champion (`name@version`) to go on from; empty for none.
        canary: Whether a challenger that passed its gates is brought in by a canary.
        project_dir: The folder that relative paths of the pipeline begin at, for runs that a worker executes.
        severity: Of the alert that tells of a run that failed.

    Raises:
        InvalidInputError: A number outside its range, an unknown kind of alert, or nothing to fire on.
    """

    name: str
    pipeline: str
    model: str
    alias: str = "champion"
    params: Mapping[str, Any] = field(default_factory=dict)
    endpoint: str | None = None
    monitor: str = ""
    alerts: frozenset[str] = WORTH_RETRAINING
    datasets: frozenset[str] = frozenset()
    new_versions: int = 1
    new_rows: int | None = None
    every: timedelta | None = None
    limits: Limits = field(default_factory=Limits)
    warm_start: str = ""
    canary: bool = False
    project_dir: str = ""
    severity: Severity = Severity.WARNING

    def __post_init__(self) -> None:
        for name, value in (("new version", self.new_versions), ("new row", self.new_rows)):
            if value is not None and value < 1:
                raise InvalidInputError(f"Expected trigger '{self.name}' to ask for at least 1 {name}, found {value}.")
        if self.every is not None and self.every <= timedelta(0):
            raise InvalidInputError(
                f"Expected trigger '{self.name}' to fire every so often, found {self.every.total_seconds():g} seconds."
            )
        unknown = self.alerts - {kind.value for kind in AlertKind}
        if unknown:
            raise InvalidInputError(
                f"Trigger '{self.name}' names the alert kind '{min(unknown)}', which there is not.",
                hint=f"Known: {', '.join(AlertKind)}.",
            )
        if self.endpoint is None and not self.datasets and self.every is None:
            raise InvalidInputError(
                f"Trigger '{self.name}' never fires: it names no endpoint, no dataset and no time.",
                hint="Name one of them.",
            )

    def launch_params(self, champion: ModelVersionRecord | None) -> dict[str, Any]:
        """The parameters of a run, with the champion where the pipeline is to go on from it."""
        if not self.warm_start or champion is None:
            return dict(self.params)
        return {**self.params, self.warm_start: champion.ref}

    def fires_on_alert(self, alert: AlertRecord) -> bool:
        """Whether an alert starts it."""
        return self.answers_alert(alert) and (not self.monitor or concerns(alert, self.monitor))

    def answers_alert(self, alert: AlertRecord) -> bool:
        """Whether a retraining that it starts answers an alert: one model is the answer to what all monitors found."""
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
