"""Stream views: aggregates over windows of events that keep arriving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from enum import StrEnum

from millwright.core.errors import InvalidInputError
from millwright.data.datasets.name import checked_name
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.naming import checked_column_name, checked_definition_name, refuse_twice
from millwright.data.features.value_type import type_name
from millwright.data.features.view import FeatureSelection, check_moments, checked_entities


class WindowKind(StrEnum):
    """What is taken over the events of a window; values that are null are passed over."""

    SUM = "sum"  # Float64; 0 without events
    MEAN = "mean"  # Float64; null without events
    COUNT = "count"  # Int64; events, or values that are there when a column is named; 0 without
    DISTINCT = "distinct"  # Int64; different values; 0 without
    LAST = "last"  # the latest value, or a list of the n latest, newest first; null (an empty list) without


_TYPES = {
    WindowKind.SUM: "Float64",
    WindowKind.MEAN: "Float64",
    WindowKind.COUNT: "Int64",
    WindowKind.DISTINCT: "Int64",
}

# From which length on a window goes forward in which steps.
_HOPS = (
    (timedelta(days=30), timedelta(days=1)),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(hours=1), timedelta(minutes=1)),
    (timedelta(seconds=1), timedelta(seconds=1)),
    (timedelta(0), timedelta(microseconds=1)),
)


@dataclass(frozen=True, slots=True)
class Window:
    """One aggregate over the events of the last hour, day, …: `floor(t, hop) + hop - over ≤ timestamp ≤ t`.

    So a window always ends at t, and begins at a multiple of `hop` since 1970 (UTC): it reaches back between
    `over - hop` and `over`. See `millwright.data.features.window` for all that is said of windows.

    Attributes:
        feature: What the aggregate is called.
        column: Over which column; None only for `count`.
        kind: `sum`, `mean`, `count`, `distinct` or `last`.
        over: How far back it reaches.
        n: How many values `last` gives; more than 1 makes it a list.
        hop: In what steps the window's beginning goes forward, and how finely events are kept online. When none is
            given, a day where `over` is 30 days or more, an hour from a day on, a minute from an hour on, else a
            second; one that `over` is no multiple of is passed over. A microsecond makes it
            `t - over < timestamp ≤ t`.
        dtype: The type of the column's values, for `last` only; Float64 when none is given.

    Raises:
        InvalidInputError: Something of it is not as said here.
    """

    feature: str
    column: str | None = None
    kind: WindowKind = WindowKind.COUNT
    _: KW_ONLY
    over: timedelta
    n: int = 1
    hop: timedelta | None = None
    dtype: str = ""

    def __post_init__(self) -> None:
        checked_column_name(self.feature, "a feature")
        try:
            object.__setattr__(self, "kind", WindowKind(self.kind))
        except ValueError:
            raise InvalidInputError(
                f"Expected sum, mean, count, distinct or last in '{self.feature}', found {self.kind!r}."
            ) from None
        if self.column is None and self.kind is not WindowKind.COUNT:
            raise InvalidInputError(f"'{self.feature}' ({self.kind}) has no column.", hint="Only count can do without.")
        for name, duration in (("over", self.over), ("hop", self.hop)):
            if duration is not None and (not isinstance(duration, timedelta) or duration <= timedelta(0)):
                raise InvalidInputError(
                    f"Expected a duration above 0 as {name} of '{self.feature}', found {duration!r}."
                )
        if self.hop is not None and self.over % self.hop:
            raise InvalidInputError(
                f"Expected over to be a multiple of hop in '{self.feature}', found {self.over} and {self.hop}."
            )
        if self.n < 1 or (self.n > 1 and self.kind is not WindowKind.LAST):
            raise InvalidInputError(
                f"Expected n of '{self.feature}' to be 1{' or more' if self.kind is WindowKind.LAST else ''}, "
                f"found {self.n}.",
                hint="Only last gives more than one value.",
            )
        object.__setattr__(self, "dtype", self._dtype())
        if self.hop is None:
            hop = next(hop for least, hop in _HOPS if self.over >= least and not self.over % hop)
            object.__setattr__(self, "hop", hop)

    def _dtype(self) -> str:
        fixed = _TYPES.get(self.kind)
        if fixed is not None and self.dtype and type_name(self.dtype) != fixed:
            raise InvalidInputError(f"'{self.feature}' ({self.kind}) gives {fixed}, not {self.dtype}.")
        return fixed or type_name(self.dtype or "Float64")

    @property
    def output(self) -> Feature:
        """The feature that it makes."""
        return Feature(self.feature, f"List({self.dtype})" if self.n > 1 else self.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class StreamFeatureView:
    """Windowed aggregates over events, computed point-in-time from a dataset and kept online as events arrive.

    Attributes:
        name: Letters, digits, `_` and `-`.
        entities: Whose features these are.
        source: The dataset that keeps the events.
        windows: The aggregates.
        timestamp: The column with the moment of an event.
        created: The column with the moment at which it was recorded; as in `FeatureView`.
        ttl: For how long after its last event an entity has values at all; None for ever.
        event_id: The column that tells events apart: one that comes again is passed over. With it, pushing and
            materializing may go on at the same time. None: every row is an event of its own.
        online: Whether it is kept in the online store.
        description: For people.
        owner: Who answers for it.
        tags: Anything else to be found by.

    Raises:
        InvalidInputError: Something of it is not as said here.

    Example:
        >>> view = StreamFeatureView(
        ...     "visits", entities=[Entity("site")], source="visits",
        ...     windows=[Window("visits_1d", kind="count", over=timedelta(days=1))],
        ... )
        >>> view.features
        (Feature(name='visits_1d', dtype='Int64', description=''),)
    """

    name: str
    _: KW_ONLY
    entities: tuple[Entity, ...]
    source: str
    windows: tuple[Window, ...]
    timestamp: str = "event_timestamp"
    created: str | None = None
    ttl: timedelta | None = None
    event_id: str | None = None
    online: bool = True
    description: str = ""
    owner: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_definition_name(self.name, "a stream feature view")
        checked_name(self.source)
        object.__setattr__(self, "entities", checked_entities(self.entities, self.name))
        windows = (self.windows,) if isinstance(self.windows, Window) else tuple(self.windows)
        object.__setattr__(self, "windows", windows)
        if not windows or not all(isinstance(window, Window) for window in windows):
            raise InvalidInputError(
                f"Expected windows in '{self.name}', found {windows!r}.", hint="Write mw.Window(…) for each aggregate."
            )
        check_moments(self.timestamp, self.created, self.ttl, self.name)
        if self.event_id is not None:
            checked_column_name(self.event_id, f"the event_id of '{self.name}'")
        special = [column for column in (self.created, self.event_id) if column]
        names = [*self.keys, self.timestamp, *special, *self.names]
        refuse_twice(names, f"'{self.name}' names a column")

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of all its entities, in their order."""
        return tuple(key for entity in self.entities for key in entity.keys)

    @property
    def features(self) -> tuple[Feature, ...]:
        """What the windows make."""
        return tuple(window.output for window in self.windows)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its features."""
        return tuple(window.feature for window in self.windows)

    @property
    def code(self) -> str:
        """No code of its own."""
        return ""

    def __getitem__(self, features: str | Sequence[str]) -> FeatureSelection:
        return FeatureSelection(view=self, names=(features,) if isinstance(features, str) else tuple(features))

    def with_keys(self, keys: Mapping[str, str], *, prefix: str = "") -> FeatureSelection:
        """All its features, for keys of other names; see `FeatureView.with_keys`."""
        return FeatureSelection(view=self, names=self.names).with_keys(keys, prefix=prefix)
