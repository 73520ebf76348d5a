"""What happens to a run, one change after another, and how each is written down as JSON.

The same changes go to a store, to the offline log and over the wire. Applying a run's changes again, in their order,
gives the same run: that is what makes replaying safe.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from millwright.core.errors import IntegrityError
from millwright.core.ids import Digest, ExperimentId, RunId
from millwright.core.records.run import MetricPoint, RunRecord, RunStatus

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunStarted:
    """A run began.

    Attributes:
        experiment: The name of its experiment; made where it is not there.
    """

    id: RunId
    experiment: str
    name: str
    at: datetime
    user: str = ""
    parent_id: RunId | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def record(self, experiment_id: ExperimentId) -> RunRecord:
        """The run as a store takes it."""
        return RunRecord(
            id=self.id,
            experiment_id=experiment_id,
            name=self.name,
            status=RunStatus.RUNNING,
            started_at=self.at,
            parent_id=self.parent_id,
            params=self.params,
            tags=self.tags,
            user=self.user,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class RunResumed:
    """A run that had ended goes on."""

    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PointsLogged:
    """Values of metrics."""

    points: tuple[MetricPoint, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ParamsLogged:
    """Parameters, each written once."""

    params: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class TagsSet:
    """Tags, replacing those of the same name."""

    tags: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLogged:
    """A file among the run's artifacts; its bytes are kept already, under their digest."""

    path: str
    digest: Digest
    size_bytes: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetUsed:
    """Data that the run read.

    Attributes:
        context: What for: training, evaluation, …
        schema: Columns and types as JSON, in the form that MLflow's clients write.
        profile: Counts as JSON, likewise.
    """

    name: str
    digest: str
    context: str
    source_type: str
    source: str
    schema: str | None = None
    profile: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunEnded:
    """A run ended."""

    status: RunStatus
    at: datetime


Change: TypeAlias = (
    RunStarted | RunResumed | PointsLogged | ParamsLogged | TagsSet | FileLogged | DatasetUsed | RunEnded
)

_KINDS: Mapping[str, type[Any]] = {
    "start": RunStarted,
    "resume": RunResumed,
    "points": PointsLogged,
    "params": ParamsLogged,
    "tags": TagsSet,
    "file": FileLogged,
    "dataset": DatasetUsed,
    "end": RunEnded,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def to_json(change: Change) -> dict[str, Any]:
    """A change as JSON values; `from_json` gives it back."""
    values: dict[str, Any] = {"op": _NAMES[type(change)]}
    if isinstance(change, PointsLogged):
        values["points"] = [[p.key, _number(p.value), p.step, microseconds(p.at)] for p in change.points]
        return values
    for name in change.__dataclass_fields__:
        value = getattr(change, name)
        if isinstance(value, datetime):
            value = microseconds(value)
        elif isinstance(value, Mapping):
            value = dict(value)
        values[name] = value
    return values


def from_json(values: Mapping[str, Any]) -> Change:
    """The change that `to_json` wrote.

    Raises:
        IntegrityError: It is none that this version knows.
    """
    named = dict(values)
    kind = _KINDS.get(str(named.pop("op", "")))
    if kind is None:
        raise IntegrityError(
            f"Expected a change of {', '.join(_KINDS)}, found {values.get('op')!r}.",
            hint="A newer Millwright may have written it; update this one.",
        )
    try:
        if kind is PointsLogged:
            return PointsLogged(points=tuple(_point(*point) for point in named["points"]))
        if "at" in named:
            named["at"] = moment(named["at"])
        if "status" in named:
            named["status"] = RunStatus(named["status"])
        change: Change = kind(**named)
    except (KeyError, TypeError, ValueError) as error:
        raise IntegrityError(f"A change of the kind '{values['op']}' cannot be read: {error}.") from error
    return change


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def moment(since_1970_us: int) -> datetime:
    """The time of so many microseconds since 1970, aware, in UTC."""
    return _EPOCH + timedelta(microseconds=since_1970_us)


def _point(key: str, value: float | str, step: int, at: int) -> MetricPoint:
    return MetricPoint(key=key, value=float(value), step=step, at=moment(at))


def _number(value: float) -> float | str:
    # JSON has no form for NaN and the infinities.
    return value if math.isfinite(value) else str(value)
