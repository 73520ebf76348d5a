"""Conformance of `SummaryStore`."""
# ruff: noqa: S101

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import ConflictError
from millwright.core.records.summary import FoldRecord, SummarySpan, WindowSummaryRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes

if TYPE_CHECKING:
    from millwright.storage.base.summaries import SummaryStore
    from millwright.storage.catalog import Stores
    from millwright.testing.conformance import Opener

_HOUR = timedelta(hours=1)
_NOON = sample.NOON.replace(minute=0, second=0, microsecond=0)


class SummaryStoreConformance(StoreConformance):
    """Hours and days of the prediction log; the fixture opens all stores of a workspace."""

    @pytest.fixture
    def store(self, opened: Stores) -> SummaryStore:
        """The store under test."""
        return opened.summaries

    @pytest.fixture
    def opened(self, opener: Opener) -> Any:
        """All stores, empty."""
        with opener() as stores:
            yield stores

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_summary_comes_back_as_it_was_put(self, store: SummaryStore, name: str) -> None:
        """With every byte, whatever the endpoint's and model's names."""
        full = summary(endpoint=name, model=name, latency=bytes(range(256)), cells=b"\0\xff" * 5000)
        plain = summary(endpoint=name, grid="", span=SummarySpan.DAY, rows=2**40)
        store.put([full, plain])
        assert store.list_summaries(name, SummarySpan.HOUR) == [full]
        assert store.list_summaries(name, SummarySpan.DAY) == [plain]

    def test_summary_replaces_that_of_the_same_window(self, store: SummaryStore) -> None:
        """And no other one: each part of its key tells it apart."""
        first = summary()
        others = [
            summary(**change)
            for change in ({"endpoint": "b"}, {"model": "b"}, {"version": 9}, {"grid": "b"}, {"start": _NOON + _HOUR})
        ]
        store.put([first, *others])
        changed = summary(rows=7, last_at=sample.moment(9), latency=b"x", cells=b"y")
        store.put([changed])
        found = [*store.list_summaries("delay", SummarySpan.HOUR), *store.list_summaries("b", SummarySpan.HOUR)]
        assert sorted(found, key=repr) == sorted([changed, *others], key=repr)

    def test_summaries_of_a_range_begin_in_it(self, store: SummaryStore) -> None:
        """At its start, not at its end; by time, and of one version when asked for."""
        records = [summary(start=_NOON + hours * _HOUR, version=hours % 2) for hours in (2, 0, 3, 1)]
        store.put(records)
        ordered = sorted(records, key=lambda record: record.start)
        hours = SummarySpan.HOUR
        assert store.list_summaries("delay", hours) == ordered
        assert store.list_summaries("delay", hours, start=_NOON + _HOUR, end=_NOON + 3 * _HOUR) == ordered[1:3]
        assert store.list_summaries("delay", hours, served=("schedule-delay", 1)) == ordered[1::2]
        assert store.list_summaries("delay", hours, served=("other", 1)) == []

    def test_rows_are_counted_by_beginning(self, store: SummaryStore) -> None:
        """Those of all versions together, of one endpoint, and of a range without its end."""
        records = [summary(start=_NOON + hours * _HOUR, version=version) for hours in range(3) for version in (1, 2)]
        store.put([*records, summary(endpoint="b", start=_NOON), summary(span=SummarySpan.DAY)])
        found = store.count_rows("delay", SummarySpan.HOUR, start=_NOON + _HOUR, end=_NOON + 2 * _HOUR)
        assert found == {_NOON + _HOUR: sum(each.rows for each in records[2:4])}
        assert store.count_rows("other", SummarySpan.HOUR, start=_NOON, end=_NOON + _HOUR) == {}

    def test_segments_are_folded_once(self, opened: Stores) -> None:
        """A second time is a conflict that changes nothing, also of what was put beside it."""
        store = opened.summaries
        assert store.unfolded("delay", ["b", "a"]) == ["b", "a"]
        store.mark_folded("delay", ["b", "a"], rows=3, last_at=_NOON, at=_NOON)
        assert store.unfolded("delay", ["c", "b", "aa", "a"]) == ["c", "aa"]
        assert store.unfolded("other", ["a"]) == ["a"]
        with pytest.raises(ConflictError, match="delay"):
            _fold(opened, ["c", "a"])
        assert store.unfolded("delay", ["c"]) == ["c"]
        assert store.list_summaries("delay", SummarySpan.HOUR) == []
        assert store.unfolded("delay", []) == []

    def test_fold_tells_how_far(self, store: SummaryStore) -> None:
        """The sums of all changes, and the newest row, whichever came last."""
        assert store.find_fold("delay") is None
        store.mark_folded("delay", ["a"], rows=3, last_at=sample.moment(9), at=sample.moment(10))
        found = store.mark_folded("delay", ["b", "c"], rows=4, last_at=sample.moment(5), at=sample.moment(20))
        assert found == FoldRecord(
            endpoint="delay", folds=2, segments=3, rows=7, last_at=sample.moment(9), folded_at=sample.moment(20)
        )
        assert store.find_fold("delay") == found
        other = store.mark_folded("a", ["a"], rows=1, last_at=_NOON, at=_NOON)
        assert store.list_folds() == [other, found]

    def test_summaries_of_long_ago_are_purged(self, store: SummaryStore) -> None:
        """Their segments stay folded."""
        records = [summary(start=_NOON + hours * _HOUR) for hours in range(3)]
        store.put([*records, summary(span=SummarySpan.DAY)])
        store.mark_folded("delay", ["a"], rows=3, last_at=_NOON, at=_NOON)
        assert store.count_before(SummarySpan.HOUR, _NOON + 2 * _HOUR) == 2
        assert store.purge_before(SummarySpan.HOUR, _NOON + 2 * _HOUR) == 2
        assert store.list_summaries("delay", SummarySpan.HOUR) == records[2:]
        assert len(store.list_summaries("delay", SummarySpan.DAY)) == 1
        assert store.unfolded("delay", ["a"]) == []
        assert store.purge_before(SummarySpan.HOUR, _NOON) == 0

    def test_segments_before_a_name_are_closed(self, opened: Stores) -> None:
        """They count as folded, noted or not; those behind it stay as they are, and so do other endpoints'."""
        store = opened.summaries
        for endpoint in ("delay", "other"):
            store.mark_folded(endpoint, ["date=1", "date=2", "date=4"], rows=3, last_at=_NOON, at=_NOON)
        assert store.count_noted("delay", "date=3") == 2
        assert store.close_before("delay", "date=3") == 2
        assert store.unfolded("delay", ["date=0", "date=2", "date=3", "date=4"]) == ["date=3"]
        with pytest.raises(ConflictError, match="delay"):
            store.mark_folded("delay", ["date=0", "date=3"], rows=1, last_at=_NOON, at=_NOON)
        assert store.unfolded("other", ["date=0", "date=1"]) == ["date=0"]
        assert (store.count_noted("delay", "date=3"), store.count_noted("other", "date=3")) == (0, 2)
        assert store.close_before("delay", "date=2") == 0  # it stays where it was
        assert store.unfolded("delay", ["date=2"]) == []
        assert store.close_before("delay", "date=5") == 1
        assert store.forget("delay") == 3
        assert store.unfolded("delay", ["date=0", "date=4"]) == ["date=0", "date=4"]

    def test_endpoint_is_forgotten_to_be_counted_again(self, store: SummaryStore) -> None:
        """And no other one."""
        for endpoint in ("delay", "other"):
            store.put([summary(endpoint=endpoint), summary(endpoint=endpoint, span=SummarySpan.DAY)])
            store.mark_folded(endpoint, ["a", "b"], rows=3, last_at=_NOON, at=_NOON)
        assert store.forget("delay") == 2
        assert store.unfolded("delay", ["a", "b"]) == ["a", "b"]
        assert store.find_fold("delay") is None
        assert [store.list_summaries("delay", span) for span in SummarySpan] == [[], []]
        assert [len(store.list_summaries("other", span)) for span in SummarySpan] == [1, 1]
        assert store.unfolded("other", ["a"]) == []
        assert store.mark_folded("delay", ["a"], rows=1, last_at=_NOON, at=_NOON).folds == 1
        assert store.forget("nowhere") == 0

    def test_sums_of_many_processes_hold_each_segment_once(self, shared_opener: Opener) -> None:
        """Though all of them fold the same segments at once."""
        counted = in_processes(shared_opener, _fold_twenty)
        with shared_opener() as stores:
            [found, _] = stores.summaries.list_summaries("delay", SummarySpan.HOUR)
            fold = stores.summaries.find_fold("delay")
        assert sum(counted) == 20
        assert fold is not None
        assert (found.rows, fold.segments, fold.rows) == (20, 20, 20)


def summary(**changes: Any) -> WindowSummaryRecord:
    """A summary of an hour."""
    fields: dict[str, Any] = {
        "endpoint": "delay",
        "model": "schedule-delay",
        "version": 3,
        "grid": sample.digest("grid"),
        "span": SummarySpan.HOUR,
        "start": _NOON,
        "rows": 5,
        "last_at": sample.moment(1),
        "latency": b"latency",
        "cells": b"cells",
    }
    return WindowSummaryRecord(**fields | changes)


def _fold_twenty(stores: Stores, number: int) -> int:
    del number
    done = 0
    for name in (f"{each:02}" for each in range(20)):
        with suppress(ConflictError):
            _fold(stores, [name])
            done += 1
    return done


def _fold(stores: Stores, names: list[str]) -> None:
    with stores.transactions.transaction():
        stores.summaries.put([summary(version=9)])
        stores.summaries.mark_folded("delay", names, rows=1, last_at=_NOON, at=_NOON)
        found = stores.summaries.list_summaries("delay", SummarySpan.HOUR, served=("schedule-delay", 3))
        stores.summaries.put([summary(rows=1 + sum(each.rows for each in found))])
