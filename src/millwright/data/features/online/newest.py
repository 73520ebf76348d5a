"""A view's rows as they are put online: the newest of each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from millwright.data.features.coding import encode_key, encode_row, plain_values
from millwright.data.features.view_rows import created_column
from millwright.data.features.window.tile import in_us
from millwright.storage.base.online import OnlineRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.features.online.place import StoredView
    from millwright.data.features.view import FeatureView


def known_rows(view: StoredView, rows: pl.LazyFrame, *, since_us: int | None, until_us: int) -> pl.LazyFrame:
    """Rows that became known after one moment, up to another.

    Args:
        view: Whose rows, as `view_rows` gives them.
        rows: In their order.
        since_us: In microseconds since 1970, not included; None: from the beginning.
        until_us: Likewise, included.
    """
    created = created_column(view, rows.collect_schema().names())
    known = pl.max_horizontal([view.timestamp, *([created] if created else [])]).cast(pl.Int64)
    return rows.filter(known <= until_us if since_us is None else (known <= until_us) & (known > since_us))


def newest_per_key(view: FeatureView, rows: pl.DataFrame) -> pl.DataFrame:
    """Of each key the row with the greatest (timestamp, created, position); in the order of these."""
    created = created_column(view, rows.columns)
    order = [view.timestamp, *([created] if created else [])]
    ordered = rows.sort(order, maintain_order=True)
    return ordered.unique(view.keys, keep="last", maintain_order=True) if view.keys else ordered.tail(1)


def online_rows(view: FeatureView, rows: pl.DataFrame) -> list[OnlineRow]:
    """Rows as the online store takes them, in their order."""
    created = created_column(view, rows.columns)
    events = rows[view.timestamp].cast(pl.Int64).to_list()
    recorded = rows[created].cast(pl.Int64).to_list() if created else [None] * rows.height
    values = rows.select(plain_values(view.names)).rows()
    ttl_us = None if view.ttl is None else in_us(view.ttl)
    return [
        OnlineRow(key, event, made, encode_row(event, made, None if ttl_us is None else event + ttl_us, features))
        for key, event, made, features in zip(coded_keys(view, rows), events, recorded, values, strict=True)
    ]


def coded_keys(view: StoredView, rows: pl.DataFrame) -> Iterator[bytes]:
    """The keys of rows, as bytes; none of them null."""
    if not view.keys:
        return (encode_key(()) for _ in range(rows.height))
    return map(encode_key, rows.select(pl.col(view.keys)).iter_rows())
