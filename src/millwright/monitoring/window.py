"""The current window: which logged predictions a check looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.monitoring.column_table import Table, taken
from millwright.monitoring.window_part import HELD_BYTES, WindowPart

if TYPE_CHECKING:
    from millwright.storage.base import PredictionStore


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A part of an endpoint's prediction log; all of it by default.

    Attributes:
        start: First moment, inclusive; aware.
        end: Last moment, exclusive; aware.
        last: Only the newest rows of what remains, ≥ 1.
        version: Only rows of this model version; the version of the newest row when None.

    Raises:
        InvalidInputError: The window cannot hold anything, or a time has no zone.
    """

    start: datetime | None = None
    end: datetime | None = None
    last: int | None = None
    version: int | None = None

    def __post_init__(self) -> None:
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment is not None and moment.tzinfo is None:
                raise InvalidInputError(f"Expected the window's {name} with a time zone, found {moment.isoformat()}.")
        if self.start is not None and self.end is not None and self.end <= self.start:
            found = f"{self.start.isoformat()} to {self.end.isoformat()}"
            raise InvalidInputError(f"Expected a window that ends after it starts, found {found}.")
        if self.last is not None and self.last < 1:
            raise InvalidInputError(f"Expected at least 1 row for the window, found {self.last}.")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class WindowRows:
    """The n rows of a window, oldest first; of one model version.

    Attributes:
        model: Whose; empty when there is no row.
        version: Likewise, 0 when there is no row.
        rows: n rows with `id`, `at`, `latency_ms`, `request_id` and `key`, as `PredictionTable.rows`; in memory, or
            read column by column, like both tables below.
        features: n rows, a column per feature that was logged, of the types they were logged with.
        outputs: Likewise of what was answered.
        start: The window's first moment.
        end: Its last moment, exclusive.
        left_out: Rows of other versions, as `name@version` → rows.
        types: Feature → in which types its values came (`number`, `integer`, `boolean`, `text`, `array`) → rows.
        is_open: Whether the window has no end of its own: its last row is the newest there is.
    """

    model: str
    version: int
    rows: Table
    features: Table
    outputs: Table
    start: datetime
    end: datetime
    left_out: Mapping[str, int]
    types: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    is_open: bool = True

    def __len__(self) -> int:
        return self.rows.height


def read_window(
    predictions: PredictionStore, endpoint: str, window: Window, *, now: datetime, held_bytes: int = HELD_BYTES
) -> WindowRows:
    """Read a window from the log, segment by segment, by column.

    Memory is bounded, whatever the number of columns: `held_bytes` of each version that answered and one segment, and
    40 bytes a row while the order of a larger window is told. What is more goes to a temporary file, from which columns
    are read one by one (`spooled_table`). Of what is in memory a number takes 8 bytes, a text 16 and, if it is longer
    than twelve, its bytes; putting it in order takes as much again.

    Args:
        predictions: The log.
        endpoint: Whose.
        window: Which part.
        now: Stands for the ends of an empty, unbounded window.
        held_bytes: Of a version's rows that are in memory at most.

    Returns:
        Rows of one version. With `last`, that many of the newest rows of that version.
    """
    parts: dict[tuple[str, int], WindowPart] = {}
    for table in predictions.iter_tables(endpoint, start=window.start, end=window.end, version=window.version):
        parts.setdefault((table.model, table.version), WindowPart(window.last, held_bytes=held_bytes)).add(table)
    is_open = window.end is None
    newest = [(part.newest, served) for served, part in parts.items() if part.newest is not None]
    if not newest:
        start, end, nothing = window.start or window.end or now, window.end or now, pl.DataFrame()
        return WindowRows(model="", version=0, rows=nothing, features=nothing, outputs=nothing, start=start, end=end,
                          left_out={}, is_open=is_open)  # fmt: skip
    (last, _), served = max(newest)
    part = parts.pop(served)
    rows, features, outputs = part.tables()
    first: datetime = taken(rows, "at", np.array([0]))[0]
    return WindowRows(
        model=served[0],
        version=served[1],
        rows=rows,
        features=features,
        outputs=outputs,
        start=window.start or first.astimezone(UTC),
        end=window.end or last.astimezone(UTC) + timedelta(microseconds=1),
        left_out={f"{model}@{version}": other.rows for (model, version), other in parts.items()},
        types=part.types(),
        is_open=is_open,
    )
