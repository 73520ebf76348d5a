"""The current window: which logged predictions a check looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError
from millwright.core.records.prediction import PredictionRecord

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


@dataclass(frozen=True, slots=True)
class WindowRows:
    """The rows of a window.

    Attributes:
        records: Of one model and version, in the order of the log.
        start: The window's first moment.
        end: Its last moment, exclusive.
        left_out: Rows of other versions, as `name@version` → rows.
    """

    records: tuple[PredictionRecord, ...]
    start: datetime
    end: datetime
    left_out: Mapping[str, int]


def read_window(predictions: PredictionStore, endpoint: str, window: Window, *, now: datetime) -> WindowRows:
    """Read a window from the log.

    Args:
        predictions: The log.
        endpoint: Whose.
        window: Which part.
        now: Stands for the ends of an empty, unbounded window.

    Returns:
        Rows of one version. With `last`, that many of the newest rows of that version.
    """
    records = list(predictions.iter(endpoint, start=window.start, end=window.end, version=window.version))
    if not records:
        return WindowRows((), window.start or window.end or now, window.end or now, {})
    newest = max(records, key=lambda record: (record.at, record.id))
    served = (newest.model, newest.version)
    kept = [record for record in records if (record.model, record.version) == served]
    if window.last is not None:
        kept = sorted(kept, key=lambda record: (record.at, record.id))[-window.last :]
    others = Counter(f"{r.model}@{r.version}" for r in records if (r.model, r.version) != served)
    start = window.start or min(record.at for record in kept)
    return WindowRows(tuple(kept), start, window.end or newest.at + timedelta(microseconds=1), dict(others))
