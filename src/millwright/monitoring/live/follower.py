"""Folds the prediction log of an endpoint into its summaries, each segment once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from millwright.core.errors import ConflictError, IntegrityError
from millwright.monitoring.live.counting import Counted, count_tables
from millwright.monitoring.live.known import KnownVersions
from millwright.monitoring.live.span import LENGTHS, SpanKey, SpanSummary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.clock import Clock
    from millwright.core.records.summary import WindowSummaryRecord
    from millwright.storage.base.prediction_table import PredictionTable
    from millwright.storage.catalog import Stores

_MOST_TRIES = 20
_NAMES_AT_ONCE = 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowerOptions:
    """How much is folded at once.

    Attributes:
        most_rows: About so many rows are in memory at once: the segment that goes beyond is the last of its batch.
        most_segments: Segments of a batch at most.
        look_back: Segments of ids older than this are looked for on every `rescan` only.
        rescan: How often the whole log is looked through for segments that came late.
    """

    most_rows: int = 200_000
    most_segments: int = 1_000
    look_back: timedelta = timedelta(hours=3)
    rescan: timedelta = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldResult:
    """What was folded of an endpoint's log.

    Attributes:
        segments: How many were folded now.
        rows: Predictions in them.
        pending: Segments that are left.
        last_at: The newest prediction folded now; None without any.
        skipped: `name@version` → rows of versions that have no reference: only rows and latencies were counted.
        problems: Why something was not folded, or not wholly.
        held_by: Who follows the endpoint instead; empty when we do.
    """

    endpoint: str
    segments: int = 0
    rows: int = 0
    pending: int = 0
    last_at: datetime | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    held_by: str = ""

    def add(self, other: FoldResult) -> FoldResult:
        """Both together, of which the other came later."""
        moments = [moment for moment in (self.last_at, other.last_at) if moment is not None]
        return replace(
            other,
            segments=self.segments + other.segments,
            rows=self.rows + other.rows,
            last_at=max(moments, default=None),
            skipped=dict(Counter(self.skipped) + Counter(other.skipped)),
            problems=tuple(dict.fromkeys((*self.problems, *other.problems))),
        )


def unfolded_segments(
    stores: Stores, endpoint: str, *, start: datetime | None = None, end: datetime | None = None
) -> list[str]:
    """Segments that no summary holds yet, older hours first; the names of others are in memory for a moment only."""
    names = stores.predictions.segments(endpoint, start=start, end=end)
    left: list[str] = []
    while part := list(islice(names, _NAMES_AT_ONCE)):
        left += stores.summaries.unfolded(endpoint, part)
    return left


class Follower:
    """Finds segments that no summary holds, and folds them by version into those of their hours and days.

    Any number of followers may do so at once, and be killed at any moment: segments are marked as folded in the
    transaction that writes the sums. In memory are the rows of one batch, and per hour and version that it has rows
    of, and per column: 16 kB for numbers, eight bytes for each value of the reference for categories and at most 8 kB
    for new ones.

    Args:
        stores: The log, the summaries, and versions with their references.
        clock: Tells when.
        options: How much at once.
    """

    def __init__(self, stores: Stores, clock: Clock, options: FollowerOptions | None = None) -> None:
        self.known = KnownVersions(stores)
        self._stores = stores
        self._clock = clock
        self._options = options or FollowerOptions()
        self._scanned_at: dict[str, datetime] = {}

    def find(
        self, endpoint: str, *, start: datetime | None = None, end: datetime | None = None, whole: bool = False
    ) -> list[str]:
        """Segments that are to be folded, older hours first.

        Args:
            endpoint: Whose.
            start: Only those that may hold rows at or after this moment.
            end: Only those that may hold rows before this moment.
            whole: Look through all of the log, as is done by itself at first and from time to time.
        """
        now = self._clock.now()
        scanned_at = self._scanned_at.get(endpoint)
        is_due = whole or scanned_at is None or now - scanned_at >= self._options.rescan
        if start is None and end is None and not is_due:
            start = now - self._options.look_back
        elif start is None and end is None:
            self._scanned_at[endpoint] = now
        return unfolded_segments(self._stores, endpoint, start=start, end=end)

    def rescan(self, endpoint: str) -> None:
        """Have the next `find` look through all of the log: something is left."""
        self._scanned_at.pop(endpoint, None)

    def fold(self, endpoint: str, names: Sequence[str]) -> FoldResult:
        """Fold the first batch of some segments.

        Args:
            endpoint: Whose.
            names: Segments that are not folded yet, as `find` tells them.

        Returns:
            What was folded; `pending` is how many of the names are left. A segment that cannot be read is left
            unfolded and told; a value that does not fit its column counts as missing.
        """
        batch: list[str] = []
        tables: list[PredictionTable] = []
        problems: list[str] = []
        rows = taken = 0
        for name in names[: self._options.most_segments]:
            taken += 1
            try:
                found = self._stores.predictions.read_segment(endpoint, name)
            except IntegrityError as error:
                problems.append(str(error))
                continue
            batch.append(name)
            tables += found
            rows += sum(map(len, found))
            if rows >= self._options.most_rows:
                break
        result = self._fold(endpoint, batch, tables)
        left = len(names) - taken
        return replace(result, pending=left, problems=(*problems, *result.problems))

    def _fold(self, endpoint: str, names: list[str], tables: list[PredictionTable]) -> FoldResult:
        counted = count_tables(tables, self.known)
        for _ in range(_MOST_TRIES):
            try:
                self._write(endpoint, names, counted)
            except ConflictError:
                left = self._stores.summaries.unfolded(endpoint, names)
                if len(left) < len(names):  # somebody else has folded some: only the others are to be counted
                    return self._one_by_one(endpoint, left)
            else:
                return FoldResult(
                    endpoint=endpoint,
                    segments=len(names),
                    rows=counted.rows,
                    last_at=counted.last_at,
                    skipped=counted.skipped,
                    problems=counted.reasons,
                )
        raise ConflictError(
            f"Others fold the prediction log of '{endpoint}' all the time.",
            hint="Let one follower work: mw monitor watch takes turns by itself.",
        )

    def _one_by_one(self, endpoint: str, names: Iterable[str]) -> FoldResult:
        result = FoldResult(endpoint=endpoint)
        for name in names:
            result = result.add(self._fold(endpoint, [name], self._stores.predictions.read_segment(endpoint, name)))
        return result

    def _write(self, endpoint: str, names: list[str], counted: Counted) -> None:
        """Merge with what is stored, then write it, if nothing has changed in between: so the lock is held shortly."""
        if not names:
            return
        before = self._stores.summaries.find_fold(endpoint)
        changed = [self._merged(key, summary) for key, summary in counted.spans.items()]
        now = self._clock.now()
        with self._stores.transactions.transaction():
            after = self._stores.summaries.mark_folded(
                endpoint, names, rows=counted.rows, last_at=counted.last_at or _EPOCH, at=now
            )
            if after.folds != 1 + (before.folds if before is not None else 0):
                raise ConflictError(f"Somebody else has folded segments of '{endpoint}' meanwhile.")
            self._stores.summaries.put(changed)

    def _merged(self, key: SpanKey, summary: SpanSummary) -> WindowSummaryRecord:
        found = self._stores.summaries.list_summaries(
            key.endpoint, key.span, start=key.start, end=key.start + LENGTHS[key.span], served=(key.model, key.version)
        )
        grid = self.known.find(key.model, key.version).grid if key.grid else None
        stored = [SpanSummary.of(record, grid) for record in found if record.grid == key.grid]
        for each in stored:
            summary = each.merge(summary)
        return summary.to_record(key)
