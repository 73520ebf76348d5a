"""The current window: which logged predictions a check looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from millwright.core.errors import InvalidInputError
from millwright.monitoring.window_part import WindowPart

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
        rows: n rows with `id`, `at`, `latency_ms`, `request_id` and `key`, as `PredictionTable.rows`.
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
    rows: pl.DataFrame
    features: pl.DataFrame
    outputs: pl.DataFrame
    start: datetime
    end: datetime
    left_out: Mapping[str, int]
    types: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    is_open: bool = True

    def __len__(self) -> int:
        return self.rows.height


def read_window(predictions: PredictionStore, endpoint: str, window: Window, *, now: datetime) -> WindowRows:
    """Read a window from the log, by column.

    Memory is that of the rows: 8 bytes per number, the text of texts. Of a log without columns in common, that of
    one segment's objects comes on top while it is read.

    Args:
        predictions: The log.
        endpoint: Whose.
        window: Which part.
        now: Stands for the ends of an empty, unbounded window.

    Returns:
        Rows of one version. With `last`, that many of the newest rows of that version.
    """
    parts: dict[tuple[str, int], WindowPart] = {}
    for table in predictions.iter_tables(endpoint, start=window.start, end=window.end, version=window.version):
        parts.setdefault((table.model, table.version), WindowPart(window.last)).add(table)
    is_open = window.end is None
    newest = [(part.newest, served) for served, part in parts.items() if part.newest is not None]
    if not newest:
        start, end, nothing = window.start or window.end or now, window.end or now, pl.DataFrame()
        return WindowRows(model="", version=0, rows=nothing, features=nothing, outputs=nothing, start=start, end=end,
                          left_out={}, is_open=is_open)  # fmt: skip
    (last, _), served = max(newest)
    part = parts.pop(served)
    rows, features, outputs = part.frames()
    first: datetime = rows["at"][0]
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
