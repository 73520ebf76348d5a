"""Point-in-time join: for each wanted row, what was known of its entity at its moment, and nothing later.

For a row at time t the answer is the view row of the same keys with the greatest (timestamp, created, position), among
those with timestamp ≤ t, created ≤ t (where rows say when they were recorded) and t - timestamp ≤ ttl.

How it is found, with N view rows and Q wanted rows in O((N + Q) log N):

- View rows are ranked by (timestamp, created, position). Without `created`, the answer is the last rank with
  timestamp ≤ t: a plain as-of join, which takes the last of equal ones.
- Rows that were recorded in time (created ≤ timestamp) can be used from their timestamp on, too: again an as-of join.
- A late row can be used from `created` on. In rank order, it never is the answer when a row of higher rank can be
  used earlier than it: such rows are dropped. Of the others `created` rises with the rank, so the last one with
  created ≤ t has the highest rank of all late rows that may be used: an as-of join on `created`.
- Of the two candidates (in time, late), the one of higher rank is the answer.
- The ttl needs no part in the search: the answer has the greatest timestamp, so when it is too old, all are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

_WANTED = "__millwright_wanted"  # number of the wanted row
_AT = "__millwright_at"  # its moment
_FROM = "__millwright_from"  # the moment from which a view row may be used
_RANK = "__millwright_rank"  # of a view row, by (timestamp, created, position)
_PLACE = "__millwright_place"  # position of a view row
_NUMBER = "__millwright_number"
_KEY = "__millwright_key_{}"
_TIMESTAMP = "__millwright_timestamp"
_CREATED = "__millwright_created"


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewRows:
    """The rows of a view, as the join reads them.

    Attributes:
        keys: One series per key, N values each; none for a view without entities.
        timestamp: Datetime(us, UTC), N values. A row without one is never the answer.
        created: Likewise; None when rows don't say when they were recorded.
        ttl: For how long a row counts, exactly that long included; None for ever.
    """

    keys: Sequence[pl.Series]
    timestamp: pl.Series
    created: pl.Series | None = None
    ttl: timedelta | None = None


def as_of(keys: Sequence[pl.Series], at: pl.Series, rows: ViewRows) -> pl.Series:
    """Which view row was known of each wanted row's entity at its moment.

    Args:
        keys: The wanted rows' keys, Q values each, of the same types as the view's and in their order.
        at: The wanted moments, Datetime(us, UTC), in any order.
        rows: The view's rows, in any order.

    Returns:
        UInt32 positions of view rows, Q values in the order of the wanted rows; null where nothing was known, and where
        a key or the moment is null.

    Example:
        >>> from datetime import datetime, timedelta, timezone
        >>> days = [datetime(2026, 1, day, tzinfo=timezone.utc) for day in (1, 2, 3, 9)]
        >>> moments = pl.Series(days, dtype=pl.Datetime("us", "UTC"))
        >>> view = ViewRows(keys=[pl.Series(["a", "a", "b", "a"])], timestamp=moments, ttl=timedelta(days=3))
        >>> as_of([pl.Series(["a", "a", "b", "c"])], pl.Series([days[2], days[3], days[3], None]), view).to_list()
        [1, 3, None, None]
    """
    by = [_KEY.format(number) for number in range(len(keys))]
    wanted = _wanted(keys, at, by)
    ranked = _ranked(rows, by)
    if rows.created is None:
        found = _last_before(wanted, ranked, by)
    else:
        late = pl.col(_CREATED) > pl.col(_TIMESTAMP)
        in_time = ranked.filter(~late)
        if in_time.height == ranked.height:
            found = _last_before(wanted, ranked, by)
        else:
            usable = _usable_late(ranked.filter(late), by)
            found = _last_before(wanted, usable, by)
            if in_time.height:
                found = _higher(_last_before(wanted, in_time, by), found)
    found = _fresh(found, rows).sort(_WANTED)
    if found.height == at.len():
        return found[_PLACE].rename("place")
    every = pl.repeat(None, at.len(), dtype=pl.UInt32, eager=True).alias("place")
    return every.scatter(found[_WANTED], found[_PLACE]) if found.height else every


def _wanted(keys: Sequence[pl.Series], at: pl.Series, by: list[str]) -> pl.DataFrame:
    """Wanted rows that can have an answer, by moment."""
    named = [key.alias(name) for name, key in zip(by, keys, strict=True)]
    frame = pl.DataFrame([*named, at.alias(_AT)]).with_row_index(_WANTED)
    return _complete(frame, [*by, _AT]).sort(_AT)


def _ranked(rows: ViewRows, by: list[str]) -> pl.DataFrame:
    """View rows that can be an answer, by rank."""
    named = [key.alias(name) for name, key in zip(by, rows.keys, strict=True)]
    order = [_TIMESTAMP]
    columns = [*named, rows.timestamp.alias(_TIMESTAMP)]
    if rows.created is not None:
        columns.append(rows.created.alias(_CREATED))
        order.append(_CREATED)
    frame = _complete(pl.DataFrame(columns).with_row_index(_PLACE), [*by, *order])
    if rows.created is not None or not frame[_TIMESTAMP].is_sorted():
        frame = frame.sort(order, maintain_order=True)
    return frame.with_row_index(_RANK).with_columns(pl.col(_TIMESTAMP).alias(_FROM))


def _complete(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    lacking = [name for name in columns if frame[name].null_count()]
    return frame.drop_nulls(lacking) if lacking else frame


def _usable_late(late: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Late rows that can be the answer at some time, in rank order, usable from when they were recorded.

    A row is dropped when one of higher rank was recorded before it. Of those recorded at the same moment, the as-of
    join takes the last, which has the highest rank.
    """
    late = late.with_columns(pl.col(_CREATED).alias(_FROM))
    if late[_FROM].is_sorted():
        return late
    # One running minimum serves all keys: seen from the end, each key's numbers lie below those of the keys before.
    late = late.sort([*by, _RANK])
    changes = [pl.col(name).ne_missing(pl.col(name).shift()) for name in by]
    key = pl.any_horizontal(changes).cum_sum().cast(pl.Int64) if by else pl.lit(0, dtype=pl.Int64)
    number = pl.col(_FROM).rank("dense").cast(pl.Int64) + key * late.height
    return late.with_columns(number.alias(_NUMBER)).filter(pl.col(_NUMBER) == pl.col(_NUMBER).cum_min(reverse=True))


def _last_before(wanted: pl.DataFrame, rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """For each wanted row the last view row that may be used by then; in the order of the wanted rows' moments."""
    return wanted.join_asof(
        rows.select(*by, _FROM, _RANK, _PLACE),
        left_on=_AT,
        right_on=_FROM,
        by=by or None,
        strategy="backward",
        check_sortedness=False,
    ).select(_WANTED, _AT, _RANK, _PLACE)


def _higher(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Of two candidates for each wanted row, the one of higher rank; one that is null loses."""
    both = one.with_columns(other[_RANK].alias("rank"), other[_PLACE].alias("place"))
    is_other = pl.col("rank").is_not_null() & (pl.col(_RANK).is_null() | (pl.col("rank") > pl.col(_RANK)))
    place = pl.when(is_other).then("place").otherwise(_PLACE).alias(_PLACE)
    return both.select(_WANTED, _AT, place)


def _fresh(found: pl.DataFrame, rows: ViewRows) -> pl.DataFrame:
    """Without the places of rows that are too old."""
    if rows.ttl is None:
        return found
    age = pl.col(_AT) - rows.timestamp.gather(found[_PLACE]).alias("timestamp")
    return found.with_columns(pl.when(age <= rows.ttl).then(_PLACE).alias(_PLACE))
