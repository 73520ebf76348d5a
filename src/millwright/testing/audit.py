"""Conformance of `AuditStore`."""
# ruff: noqa: S101

from __future__ import annotations

import math
from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.audit import GENESIS_HASH, AuditEvent, audit_hash
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from millwright.storage.base.audit import AuditStore
    from millwright.testing.conformance import Opener


class AuditStoreConformance(StoreConformance):
    """A log that is only ever appended to."""

    def test_entry_comes_back_as_it_was_appended(self, store: AuditStore) -> None:
        """With details of every JSON kind."""
        event = store.append(at=sample.NOON, actor="user:ä", action="x.do", subject="größe@3", details=sample.JSON)
        assert event.details == sample.JSON
        assert list(store.iter()) == store.list() == [event]

    def test_first_entry_follows_the_genesis_hash(self, store: AuditStore) -> None:
        """64 zeros."""
        event = append(store)
        assert (event.seq, event.previous_hash) == (1, GENESIS_HASH)

    def test_entries_form_a_chain(self, store: AuditStore) -> None:
        """Numbers without a gap, each hash over all the rest, each entry with the hash of the one before."""
        for number in range(5):
            append(store, details={"number": number, "share": 0.1 * number})
        check_chain(store.iter(), 5)

    def test_hash_is_the_same_whatever_the_time_zone(self, store: AuditStore) -> None:
        """The time is kept in UTC."""
        elsewhere = sample.NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
        append(store, at=elsewhere)
        check_chain(store.iter(), 1)
        assert store.list()[0].at == sample.NOON

    def test_details_that_json_changes_are_hashed_as_they_are_read(self, store: AuditStore) -> None:
        """Tuples become lists and numbers as keys become text, in the entry given back, too."""
        event = append(store, details={1: (1, 2)})
        assert event.details == {"1": [1, 2]}
        check_chain(store.iter(), 1)

    @pytest.mark.parametrize("details", [{"x": math.nan}, {"x": math.inf}, {"x": {1, 2}}, {"x": sample.NOON}])
    def test_details_that_are_not_json_are_refused(self, store: AuditStore, details: dict[str, Any]) -> None:
        """Nothing is written."""
        with pytest.raises(InvalidInputError, match=r"x\.do"):
            append(store, details=details)
        assert store.list() == []

    def test_entries_are_read_in_order_behind_a_number(self, store: AuditStore) -> None:
        """To go on where one stopped."""
        events = [append(store) for _ in range(4)]
        assert list(store.iter(after_seq=2)) == events[2:]
        assert list(store.iter(after_seq=4)) == []

    def test_entries_are_listed_newest_first(self, store: AuditStore) -> None:
        """Of one subject, and limited, when asked for."""
        events = [append(store, subject=subject) for subject in ("a@1", "b@1", "a@1")]
        assert store.list() == events[::-1]
        assert store.list(subject="a@1") == [events[2], events[0]]
        assert store.list(limit=1) == [events[2]]
        assert store.list(subject="a@") == []

    def test_nothing_is_there_at_first(self, store: AuditStore) -> None:
        """Both ways of reading."""
        assert list(store.iter()) == store.list() == []

    def test_chain_has_no_fork_when_threads_append_together(self, store: AuditStore) -> None:
        """Appends queue."""
        in_threads(lambda number: [append(store, details={"by": number}) for _ in range(5)])
        check_chain(store.iter(), 40)

    def test_chain_has_no_fork_when_processes_append_together(self, shared_opener: Opener) -> None:
        """Appends queue across processes."""
        in_processes(shared_opener, _append_twenty, count=3)
        with shared_opener() as store:
            check_chain(store.iter(), 60)

    def test_entry_survives_sigkill_once_appended(self, shared_opener: Opener) -> None:
        """And the chain goes on from it."""
        last = in_killed_process(shared_opener, _append_and_tell)
        with shared_opener() as store:
            assert append(store).previous_hash == last

    def test_reading_sees_pages_while_others_append(self, store: AuditStore) -> None:
        """An iteration that has begun goes on to what came meanwhile, and never holds up writers."""
        for _ in range(3):
            append(store)
        reading = store.iter()
        first = next(reading)
        append(store)
        assert [first.seq, *(event.seq for event in reading)][:3] == [1, 2, 3]


def append(store: AuditStore, **changes: Any) -> AuditEvent:
    """Append an entry."""
    fields: dict[str, Any] = {"at": sample.NOON, "actor": "user:ada", "action": "x.do", "subject": "x@1", "details": {}}
    return store.append(**fields | changes)


def check_chain(events: Iterable[AuditEvent], length: int) -> None:
    """Assert that entries are an unbroken chain from the first on."""
    previous, count = GENESIS_HASH, 0
    for event in events:
        count += 1
        assert event.seq == count
        assert event.previous_hash == previous
        previous = audit_hash(
            seq=event.seq,
            at=event.at,
            actor=event.actor,
            action=event.action,
            subject=event.subject,
            details=event.details,
            previous_hash=event.previous_hash,
        )
        assert event.hash == previous
    assert count == length


def _append_twenty(store: AuditStore, number: int) -> None:
    for _ in range(20):
        append(store, details={"by": number})


def _append_and_tell(store: AuditStore, acknowledge: Callable[[Any], None]) -> None:
    acknowledge(append(store).hash)
