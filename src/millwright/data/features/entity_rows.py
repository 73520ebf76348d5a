"""Entity rows without an entity frame: every entity that was known at some moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.data.features.moment import MOMENT
from millwright.data.features.view_rows import created_column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.data.features.plan import FeaturePlan, StoredView

_SINCE = "__millwright_since"


def entity_rows(
    plan: FeaturePlan, moments: Sequence[datetime], *, read: Callable[[StoredView], pl.LazyFrame], timestamp: str
) -> pl.DataFrame:
    """One row per moment and entity that was known by then: that has a row in one of the views.

    Args:
        plan: Whose entities are wanted; all its views have the same keys.
        moments: Naive ones count as UTC.
        read: Gives the rows of a view, see `view_rows`.
        timestamp: What the column of the moment is called.

    Returns:
        The keys and the moment (Datetime(us, UTC)), by moment, then by key.

    Raises:
        InvalidInputError: Views have different keys, or none, or there is no moment.
    """
    keys = {lookup.entity_columns for lookup in plan.lookups}
    if len(keys) != 1 or () in keys:
        shown = "; ".join(", ".join(columns) or "none" for columns in sorted(keys)) or "none"
        raise InvalidInputError(
            f"Expected views of the same entity, found several sets of keys or none: {shown}.",
            hint="Give entity rows that have all the keys.",
        )
    if not moments:
        raise InvalidInputError("Expected a moment, found none.", hint="Give one: at=[datetime.now(tz=UTC)].")
    columns = list(next(iter(keys)))
    known = []
    for lookup in plan.lookups:
        rows = read(lookup.view)
        created = created_column(lookup.view, rows.collect_schema().names())
        since = pl.col(lookup.view.timestamp)
        since = since if created is None else pl.max_horizontal(since, pl.col(created))
        named = [pl.col(key).alias(name) for key, name in zip(lookup.view.keys, columns, strict=True)]
        known.append(rows.select(*named, since.alias(_SINCE)).group_by(columns).agg(pl.col(_SINCE).min()))
    first = pl.concat(known, how="vertical_relaxed").group_by(columns).agg(pl.col(_SINCE).min()).collect()
    asked = pl.Series(timestamp, sorted({_utc(moment) for moment in moments}), dtype=MOMENT).to_frame()
    every = first.join(asked, how="cross").filter(pl.col(_SINCE) <= pl.col(timestamp))
    return every.select(*columns, timestamp).sort(timestamp, *columns)


def intervals(since: datetime, until: datetime, every: timedelta) -> list[datetime]:
    """The moments since, since + every, …, up to and including until.

    Raises:
        InvalidInputError: The duration is not above 0, or there would be more than a million moments.
    """
    if every <= timedelta(0) or (until - since) / every > 1_000_000:
        raise InvalidInputError(
            f"Expected a duration above 0 (and at most a million moments), found {every}.",
            hint="For example timedelta(days=1).",
        )
    return [since + number * every for number in range((until - since) // every + 1)]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
