"""The same part of the season in the prediction log: what the periods before the window showed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.evaluation.metrics.sample import Codes
from millwright.monitoring.column_table import gathered
from millwright.monitoring.labelled import label_column
from millwright.monitoring.monitored_column import input_table, output_table
from millwright.monitoring.reference import ReferenceOptions, ReferencePart
from millwright.monitoring.window import Window, WindowRows, read_window

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from millwright.models.signature import Signature
    from millwright.monitoring.seasonal.phase import Phase
    from millwright.storage.base import PredictionStore

_MOST = ReferenceOptions().rows
_SEED = 20_261_122


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class LoggedPart:
    """Rows of some periods.

    Attributes:
        part: Those of all of them, the latest period first; of more than 20,000, as many are drawn.
        parts: The row numbers of each period.
    """

    part: ReferencePart
    parts: tuple[Codes, ...]


def read_periods(
    predictions: PredictionStore, endpoint: str, phase: Phase, *, version: int, periods: int
) -> list[WindowRows]:
    """What a version was asked in the same part of the periods before, the latest first; none for one without rows."""
    found = (
        read_window(predictions, endpoint, Window(start=start, end=end, version=version), now=end)
        for start, end in phase.earlier(periods)
    )
    return [rows for rows in found if len(rows)]


def read_counted(
    predictions: PredictionStore, endpoint: str, window: Window, *, windows: int, periods: int, now: datetime
) -> list[WindowRows]:
    """The same of a window that is a number of rows: every so many windows before it, the latest first.

    Memory is that of all rows since the earliest.

    Args:
        predictions: The log.
        endpoint: Whose.
        window: The window, with `last` and `version`.
        windows: How many of them make a period.
        periods: At most so many periods.
        now: See `read_window`.
    """
    size = window.last or 1
    wanted = replace(window, start=None, last=size * (windows * periods + 1))
    rows = read_window(predictions, endpoint, wanted, now=now)
    ends = [len(rows) - number * windows * size for number in range(1, periods + 1)]
    return [_cut(rows, end - size, size) for end in ends if end >= size]


def joined(found: Sequence[WindowRows], labels: pl.DataFrame, signature: Signature) -> LoggedPart:
    """Periods as rows to compare with.

    Args:
        found: One for each period, at least one, all of the same version.
        labels: `PredictionStore.label_table`.
        signature: Of that version.
    """
    most = max(1, _MOST // len(found))
    inputs, outputs, ids, sizes = [], [], [], []
    for rows in found:
        kept = _drawn(len(rows), most)
        inputs.append(input_table(gathered(rows.features, kept), signature, rows=kept.size))
        outputs.append(output_table(gathered(rows.outputs, kept), signature, rows=kept.size))
        ids.append(rows.rows["id"].gather(kept))
        sizes.append(kept.size)
    ends = np.cumsum(sizes)
    part = ReferencePart(
        inputs=pl.concat(inputs),
        outputs=pl.concat(outputs),
        labels=label_column(labels, pl.concat(ids), signature),
        total_rows=sum(len(rows) for rows in found),
    )
    parts = tuple(np.arange(end - size, end) for end, size in zip(ends, sizes, strict=True))
    return LoggedPart(part=part, parts=parts)


def _drawn(rows: int, most: int) -> Codes:
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(_SEED).choice(rows, size=most, replace=False))


def _cut(rows: WindowRows, start: int, size: int) -> WindowRows:
    places = np.arange(start, start + size)
    kept = gathered(rows.rows, places)
    first, last = kept["at"][0], kept["at"][-1]
    return replace(
        rows,
        rows=kept,
        features=gathered(rows.features, places),
        outputs=gathered(rows.outputs, places),
        start=first.astimezone(UTC),
        end=last.astimezone(UTC) + timedelta(microseconds=1),
    )
