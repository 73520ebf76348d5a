"""What reading features online answers: values, how fresh each is, and why one is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.data.features.coding import moment_of, revive
from millwright.data.features.entity import Feature

if TYPE_CHECKING:
    from datetime import datetime


class ValueStatus(StrEnum):
    """Whether a value is there."""

    PRESENT = "present"  # the newest value, which may itself be null
    MISSING = "missing"  # nothing is known of the entity online; null (for windows: what no events give)
    EXPIRED = "expired"  # the newest is older than the view's ttl; null


# By plain numbers while reading: looking up a member of an enum costs more than all else that is done for a value.
STATUSES = (ValueStatus.PRESENT, ValueStatus.EXPIRED, ValueStatus.MISSING)
PRESENT, EXPIRED, MISSING = range(3)


@dataclass(slots=True)
class ViewAnswer:
    """What one view answered.

    Attributes:
        names: What its features are called here.
        event_us: Since when each entity's values hold, in microseconds since 1970; None where there are none.
        status: Whether they are there: 0 present, 1 expired, 2 missing.
        rows: Each entity's values as they are kept: dates and moments as numbers.
        numbers: Where in a row each feature stands; None when they are these, in their order.
    """

    names: tuple[str, ...]
    event_us: Sequence[int | None]
    status: Sequence[int]
    rows: Sequence[Sequence[Any]]
    numbers: tuple[int, ...] | None = None

    def columns(self) -> dict[str, Sequence[Any]]:
        """The values as they are kept, by feature."""
        if not self.rows:
            return dict.fromkeys(self.names, ())
        columns = list(zip(*self.rows, strict=True))
        numbers = range(len(columns)) if self.numbers is None else self.numbers
        return {name: columns[number] for name, number in zip(self.names, numbers, strict=True)}


@dataclass(slots=True)
class OnlineResult:
    """Features of n entities, in the order in which these were asked for.

    Attributes:
        features: What was asked for, in its order.
        given: The entities as they were given: rows, or columns.
        views: What each view answered; of one that was computed, the worst and oldest of its sources.
        height: n.
        revivers: What makes Python values of the kept ones, by feature, where these are none yet; see `revivers_of`.
    """

    features: Sequence[Feature]
    given: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]]
    views: list[ViewAnswer]
    height: int
    revivers: Mapping[str, Callable[[Any], Any]]
    _coded: dict[str, Sequence[Any]] | None = field(default=None, repr=False)
    _frame: pl.DataFrame | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return self.height

    @property
    def entities(self) -> Mapping[str, Sequence[Any]]:
        """The entities by column."""
        given = self.given
        if isinstance(given, Mapping):
            return given
        return {name: [row.get(name) for row in given] for name in given[0]} if given else {}

    @property
    def answers(self) -> dict[str, ViewAnswer]:
        """What its view answered, by feature."""
        return {name: answer for answer in self.views for name in answer.names}

    @property
    def coded(self) -> dict[str, Sequence[Any]]:
        """Values by feature as they are kept: dates and moments as numbers."""
        if self._coded is None:
            self._coded = {}
            for answer in self.views:
                self._coded.update(answer.columns())
        return self._coded

    @property
    def columns(self) -> dict[str, list[Any]]:
        """Values by feature, as Python values."""
        if self.height == 1 and len(self.views) == 1:  # as most requests are: without a detour
            (answer,) = self.views
            values, numbers = answer.rows[0], answer.numbers
            picked = values if numbers is None else [values[number] for number in numbers]
            found: dict[str, list[Any]] = {}
            # Not `strict`, and no comprehension, which would cost a tenth of reading; the view makes both as long.
            for name, value in zip(answer.names, picked):  # noqa: B905
                found[name] = [value]
        else:
            coded = self.coded
            found = {feature.name: [*coded[feature.name]] for feature in self.features}
        if not self.revivers:
            return found
        for name, back in self.revivers.items():
            found[name] = [value if value is None else back(value) for value in found[name]]
        return found

    @property
    def frame(self) -> pl.DataFrame:
        """The entities' columns and the features', each of its type; n rows."""
        if self._frame is None:
            given = {name: values for name, values in self.entities.items() if name not in self.coded}
            self._frame = pl.DataFrame(
                [
                    *pl.DataFrame(given, strict=False).get_columns(),
                    *(coded_series(feature, self.coded[feature.name]) for feature in self.features),
                ]
            )
        return self._frame

    def rows(self) -> list[dict[str, Any]]:
        """One dictionary of features per entity."""
        columns = self.columns
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]

    def status(self, feature: str) -> list[ValueStatus]:
        """Whether each value of a feature is there."""
        return [STATUSES[status] for status in self.answers[feature].status]

    def freshness(self, feature: str) -> list[datetime | None]:
        """Since when each value of a feature holds: the event's moment, in UTC; None where there is none."""
        return [us if us is None else moment_of(us) for us in self.answers[feature].event_us]

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON values (moments as ISO 8601, by MessagePack or JSON of msgspec), by feature."""
        names = [feature.name for feature in self.features]
        return {
            "features": names,
            "values": self.columns,
            "status": {name: [each.value for each in self.status(name)] for name in names},
            "freshness": {name: self.freshness(name) for name in names},
        }


def revivers_of(features: Iterable[Feature]) -> dict[str, Callable[[Any], Any]]:
    """What makes Python values of coded ones, by feature; without the features whose values are such already."""
    known = ((feature.name, revive(feature.polars_type)) for feature in features)
    return {name: back for name, back in known if back is not None}


def coded_series(feature: Feature, values: Sequence[Any]) -> pl.Series:
    """A column of coded values with its type."""
    dtype = feature.polars_type
    return pl.Series(feature.name, values, dtype=_physical(dtype)).cast(dtype)


def _physical(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.List):
        return pl.List(_physical(dtype.inner if isinstance(dtype.inner, pl.DataType) else dtype.inner()))
    if isinstance(dtype, pl.Date):
        return pl.Int32()
    return pl.Int64() if isinstance(dtype, pl.Datetime) else dtype
