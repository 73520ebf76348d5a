"""Summaries of the prediction log, and which of its segments are in them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from millwright.core.records.summary import FoldRecord, SummarySpan, WindowSummaryRecord


class SummaryStore(ABC):
    """Hours and days of the prediction log as summaries.

    To fold segments is one transaction: `mark_folded`, which keeps others who fold at the same endpoint waiting, then
    `list_summaries` and `put` of what was merged. So each segment is counted once, whoever folds and whoever is
    killed when.
    """

    @abstractmethod
    def unfolded(self, endpoint: str, names: Sequence[str]) -> list[str]:
        """Those of some segments that no summary holds yet, in the given order."""

    @abstractmethod
    def mark_folded(
        self, endpoint: str, names: Collection[str], *, rows: int, last_at: datetime, at: datetime
    ) -> FoldRecord:
        """Note that segments are being folded; only within the transaction that puts the summaries.

        Args:
            endpoint: Whose.
            names: The segments, at least one.
            rows: How many predictions they hold together.
            last_at: The newest of these.
            at: When.

        Returns:
            How far the endpoint's log has been folded with them.

        Raises:
            ConflictError: Some of them were folded already; nothing was changed.
        """

    @abstractmethod
    def list_summaries(
        self,
        endpoint: str,
        span: SummarySpan,
        *,
        start: datetime | None = None,
        end: datetime | None = None,
        served: tuple[str, int] | None = None,
    ) -> list[WindowSummaryRecord]:
        """Summaries that begin at or after `start` and before `end`, by start, model, version and grid.

        Args:
            endpoint: Whose.
            span: Hours or days.
            start: The first beginning.
            end: The last one, exclusive.
            served: Only those of this model and version.
        """

    @abstractmethod
    def count_rows(self, endpoint: str, span: SummarySpan, *, start: datetime, end: datetime) -> dict[datetime, int]:
        """Rows of all versions by beginning, of summaries that begin in a range; nothing else of them is read.

        Args:
            endpoint: Whose.
            span: Hours or days.
            start: The first beginning.
            end: The last one, exclusive.
        """

    @abstractmethod
    def put(self, records: Sequence[WindowSummaryRecord]) -> None:
        """Add summaries, or replace those of the same endpoint, version, grid, span and start."""

    @abstractmethod
    def find_fold(self, endpoint: str) -> FoldRecord | None:
        """How far an endpoint's log has been folded; None when nothing of it was."""

    @abstractmethod
    def list_folds(self) -> list[FoldRecord]:
        """The same of every endpoint, by name."""

    @abstractmethod
    def count_before(self, span: SummarySpan, moment: datetime) -> int:
        """How many summaries of hours, or of days, began before a moment."""

    @abstractmethod
    def purge_before(self, span: SummarySpan, moment: datetime) -> int:
        """Remove summaries of hours, or of days, that began before a moment; their segments stay folded.

        Hours are to be removed up to the beginning of a day only: the day stands in for those of it that are gone.

        Returns:
            How many there were.
        """

    @abstractmethod
    def count_noted(self, endpoint: str, before: str) -> int:
        """How many segments that sort before a name are noted as folded one by one."""

    @abstractmethod
    def close_before(self, endpoint: str, before: str) -> int:
        """Take all segments that sort before a name for folded, whether they were or not, and forget which they were.

        For those whose summaries are all purged: what comes late is not counted any more.

        Returns:
            How many were noted one by one.
        """

    @abstractmethod
    def forget(self, endpoint: str) -> int:
        """Remove all that was folded of an endpoint's log as one change, so that it can be counted again.

        Returns:
            How many segments were folded.
        """
