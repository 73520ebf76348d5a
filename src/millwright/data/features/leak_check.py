"""Whether a view's transformation looks ahead: tried out on the past.

A point-in-time join takes no row that is later than the moment asked about. A transformation can still put later
knowledge into earlier rows: a mean over all rows of a building, a running sum in the order of the events over rows
that were written down late. Such a view gives, for a past moment, other values today than it gave then. That is what
is tried here: the source is cut to what was known at some past moments, and the view has to give the same values for
them from the cut source as from the whole one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from polars.testing import assert_series_equal

from millwright.data.features.entity_rows import entity_rows
from millwright.data.features.features_at import features_at
from millwright.data.features.moment import as_moment
from millwright.data.features.plan import plan_features
from millwright.data.features.view_rows import created_column, view_rows

if TYPE_CHECKING:
    from millwright.data.features.plan import FeaturePlan
    from millwright.data.features.view import FeatureView

_MOMENTS = 4  # of each kind: among all rows, and among those recorded late
_MAX_ROWS = 50_000
_AT = "__millwright_at"
_TIMESTAMP = "__millwright_timestamp"
_CREATED = "__millwright_created"
_ROUNDING = 1e-9  # sums of floats differ with the order of their parts


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """A value that a view knows of the past only in hindsight.

    Attributes:
        feature: As `view:feature`.
        at: The moment asked about.
        keys: Whose value it is.
        then: The value, from what was known at that moment.
        today: The value, from what is known now.
    """

    feature: str
    at: datetime
    keys: dict[str, Any]
    then: Any
    today: Any

    def __str__(self) -> str:
        whose = ", ".join(f"{key} {value!r}" for key, value in self.keys.items()) or "all"
        return (
            f"'{self.feature}' looks ahead: for {whose} at {self.at:%Y-%m-%d %H:%M} it is {self.then!r} from what was "
            f"known then, and {self.today!r} from what is known now."
        )


def find_leak(view: FeatureView, source: pl.DataFrame) -> Leak | None:
    """A value of the past that a view's transformation knows only in hindsight; None when none was found.

    Tried at up to 8 moments spread over the source's rows, half of them between the timestamp of a late row and its
    recording. Of more than 50,000 rows, those of some keys are taken. A view without a transformation looks at no other
    row, and one whose moments are made by the transformation cannot be tried: both give None.

    Args:
        view: The view.
        source: The rows of its source.

    Raises:
        InvalidInputError: The view does not fit its source.
    """
    created = created_column(view, source.columns)
    moments = [view.timestamp] if created is None else [view.timestamp, created]
    if view.transform is None or any(name not in source.columns for name in [*moments, *view.keys]):
        return None
    source = _fewer(view, source)
    when = source.select(
        as_moment(name, source.schema[name], f"'{view.source}'").alias(to)
        for name, to in zip(moments, (_TIMESTAMP, _CREATED), strict=False)
    )
    usable = pl.max_horizontal(when.columns)
    plan = plan_features([view[list(view.names)]])
    every = view_rows(view, source, engine="polars").collect().lazy()
    for at in _moments(when):
        known = source.filter(when.select(usable <= at).to_series())
        if view.keys:
            rows = entity_rows(plan, [at], read=lambda _: every, timestamp=_AT)
        else:
            rows = pl.DataFrame({_AT: [at]}, schema={_AT: pl.Datetime("us", "UTC")})
        cut = view_rows(view, known, engine="polars").collect().lazy()
        then, today = (_values(plan, rows, known_rows) for known_rows in (cut, every))
        for name in view.names:
            place = _difference(then[name], today[name])
            if place is not None:
                keys = rows.drop(_AT).row(place, named=True)
                return Leak(
                    feature=f"{view.name}:{name}", at=at, keys=keys, then=then[name][place], today=today[name][place]
                )
    return None


def _values(plan: FeaturePlan, rows: pl.DataFrame, known: pl.LazyFrame) -> pl.DataFrame:
    return features_at(rows, plan, timestamp=_AT, read=lambda _: known).frame


def _fewer(view: FeatureView, source: pl.DataFrame) -> pl.DataFrame:
    """All rows of as many keys as there is room for."""
    if source.height <= _MAX_ROWS:
        return source
    if not view.keys:
        return source.head(_MAX_ROWS)
    keys = source.select(view.keys).unique(maintain_order=True)
    share = max(1, round(source.height / _MAX_ROWS))
    return source.join(keys.gather_every(share), on=list(view.keys), how="semi", maintain_order="left")


def _moments(when: pl.DataFrame) -> list[datetime]:
    """Past moments: when rows could be used, and between what late rows tell of and their recording."""
    every = when.select(pl.max_horizontal(when.columns).alias(_AT)).drop_nulls().sort(_AT)[_AT]
    found = _spread(every)
    if _CREATED in when.columns:
        late = when.filter(pl.col(_CREATED) > pl.col(_TIMESTAMP)).sort(_TIMESTAMP)
        found |= _spread(late.select(pl.col(_CREATED).dt.offset_by("-1us").alias(_AT))[_AT])
    return sorted(found)


def _spread(moments: pl.Series) -> set[datetime]:
    places = [round((number + 1) * (moments.len() - 1) / (_MOMENTS + 1)) for number in range(_MOMENTS)]
    return {moments[place] for place in places} if moments.len() else set()


def _difference(then: pl.Series, today: pl.Series) -> int | None:
    """The first place at which two columns differ by more than rounding."""
    try:
        assert_series_equal(then, today, check_exact=False, rel_tol=_ROUNDING, abs_tol=_ROUNDING)
    except AssertionError:
        differing = then.ne_missing(today).arg_true()
        if then.dtype.is_float():
            far = ((then - today).abs() > _ROUNDING * today.abs().clip(1.0)).fill_null(value=True)
            differing = (then.ne_missing(today) & far).arg_true()
        return int(differing[0]) if differing.len() else None
    return None
