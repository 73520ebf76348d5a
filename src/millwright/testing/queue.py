"""Conformance of `RunQueueStore`."""
# ruff: noqa: S101

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, InvalidInputError, NotFoundError
from millwright.core.ids import PipelineRunId, new_id
from millwright.core.records.queue import Claim, RequestState, RunLimits, RunRequest
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from millwright.storage.base.queue import RunQueueStore
    from millwright.testing.conformance import Opener

_UNKNOWN = PipelineRunId("0" * 32)
_ENDS = [RequestState.DONE, RequestState.FAILED, RequestState.CANCELLED]


class RunQueueStoreConformance(StoreConformance):
    """Runs that wait for a worker."""

    def test_request_comes_back_as_it_was_stored(self, store: RunQueueStore) -> None:
        """With every field, filled or empty."""
        plain = request()
        full = request(
            params=sample.JSON,
            options={"no_cache": True},
            trigger="größe",
            requested_by="ada",
            project_dir="/größe",
            priority=-7,
            dedup_key="🏗️",
            code=sample.code(),
        )
        for record in (plain, full):
            assert store.enqueue(record) == record
            assert store.get(record.id) == store.find(record.id) == record
        assert store.find(_UNKNOWN) is None

    def test_request_is_refused_when_its_id_is_taken(self, store: RunQueueStore) -> None:
        """The first one stays."""
        first = store.enqueue(request())
        for dedup_key in (None, "new"):
            with pytest.raises(AlreadyExistsError, match=first.id):
                store.enqueue(replace(first, name="other", dedup_key=dedup_key))
        assert store.list_requests() == [first]

    def test_request_with_values_that_are_not_json_is_refused(self, store: RunQueueStore) -> None:
        """With a clear message."""
        with pytest.raises(InvalidInputError, match="JSON values"):
            store.enqueue(request(params={"x": object()}))

    def test_second_request_with_a_dedup_key_gives_the_first(self, store: RunQueueStore) -> None:
        """Whatever became of that one; those without a key are all different."""
        first = store.enqueue(request(dedup_key="schedule:x@1"))
        assert store.enqueue(request(dedup_key="schedule:x@1", name="other")) == first
        taken = store.claim(claim())
        assert taken is not None
        store.finish(first.id, "w", RequestState.DONE, at=sample.NOON)
        assert store.enqueue(request(dedup_key="schedule:x@1")).state is RequestState.DONE
        store.enqueue(request(dedup_key="schedule:x@2"))
        store.enqueue(request())
        assert len(store.list_requests()) == 3

    def test_request_is_found_by_the_beginning_or_end_of_its_id(self, store: RunQueueStore) -> None:
        """Six digits are enough if they are the only ones."""
        record = store.enqueue(request())
        store.enqueue(request(id=PipelineRunId("f" * 32)))
        for part in (record.id[:20], record.id[-6:], record.id[-12:]):
            assert store.get(PipelineRunId(part)) == record
        for end in ("1", "2"):
            store.enqueue(request(id=PipelineRunId("abcdef" + end * 26)))
        with pytest.raises(NotFoundError, match="Several"):
            store.get(PipelineRunId("abcdef"))
        for part in ("abcde", "", "%bcdef", _UNKNOWN):
            with pytest.raises(NotFoundError, match="no queued run"):
                store.get(PipelineRunId(part))

    def test_requests_are_listed_newest_first(self, store: RunQueueStore) -> None:
        """Of some states, of one pipeline, and limited when asked for; and counted by state."""
        records = [store.enqueue(request(name=name, created_at=sample.moment(n))) for n, name in enumerate("aba")]
        assert store.list_requests() == records[::-1]
        taken = store.claim(claim(now=10))
        assert taken is not None
        assert store.list_requests(states=[RequestState.RUNNING]) == [taken]
        assert store.list_requests(states=[RequestState.QUEUED], name="a") == [records[2]]
        assert store.list_requests(limit=1) == [records[2]]
        assert store.count() == {RequestState.QUEUED: 2, RequestState.RUNNING: 1}

    def test_waiting_request_is_cancelled_at_once(self, store: RunQueueStore) -> None:
        """A running one is marked; who asked first is kept."""
        waiting = store.enqueue(request(not_before=sample.moment(99)))
        running = store.enqueue(request())
        store.claim(claim("a"))
        ended = store.cancel(waiting.id, by="ada", at=sample.moment(1))
        assert (ended.state, ended.ended_at) == (RequestState.CANCELLED, sample.moment(1))
        assert "ada" in (ended.error or "")
        for by in ("ada", "bob"):
            marked = store.cancel(running.id, by=by, at=sample.moment(2))
            assert (marked.state, marked.cancel_requested_by) == (RequestState.RUNNING, "ada")
            assert marked.cancel_requested_at == sample.moment(2)
        with pytest.raises(NotFoundError, match=_UNKNOWN):
            store.cancel(_UNKNOWN, by="ada", at=sample.NOON)

    def test_dedup_key_is_had_by_one_when_processes_ask_together(self, shared_opener: Opener) -> None:
        """The other is given that one."""
        first, second = in_processes(shared_opener, _enqueue_many)
        assert first == second
        with shared_opener() as store:
            assert len(store.list_requests()) == 20

    def test_ended_requests_are_purged(self, store: RunQueueStore) -> None:
        """Those that wait or run stay."""
        ended, running, waiting = (store.enqueue(request(created_at=sample.moment(n))) for n in range(3))
        for _ in range(2):
            store.claim(claim("a", now=5))
        store.finish(ended.id, "a", RequestState.DONE, at=sample.moment(6))
        assert store.count(ended_before=sample.moment(6)) == {}
        assert store.purge(sample.moment(6)) == 0
        assert store.count(ended_before=sample.moment(7)) == {RequestState.DONE: 1}
        assert store.purge(sample.moment(7)) == 1
        assert [each.id for each in store.list_requests()] == [waiting.id, running.id]

    def test_request_survives_sigkill_once_queued(self, shared_opener: Opener) -> None:
        """And a claim that was made does."""
        identifier = in_killed_process(shared_opener, _enqueue_and_claim)
        with shared_opener() as store:
            found = store.get(identifier)
            assert (found.state, found.owner, found.attempts) == (RequestState.RUNNING, "killed", 1)
            taken = store.claim(claim("other", now=60))
            assert taken is not None
            assert taken.id == identifier


class RunClaimConformance(StoreConformance):
    """What workers take from the queue, keep and end."""

    def test_requests_are_claimed_by_priority_and_then_by_age(self, store: RunQueueStore) -> None:
        """Each once."""
        order = [(0, 1), (5, 2), (5, 0), (-1, 0), (0, 0)]
        for priority, second in order:
            store.enqueue(request(priority=priority, created_at=sample.moment(second)))
        taken = [store.claim(claim(now=9)) for _ in range(6)]
        assert [(each.priority, each.created_at) for each in taken if each is not None] == [
            (priority, sample.moment(second)) for priority, second in [(5, 0), (5, 2), (0, 0), (0, 1), (-1, 0)]
        ]
        assert taken[-1] is None

    def test_claimed_request_says_who_has_it_until_when(self, store: RunQueueStore) -> None:
        """And how often it was claimed."""
        waiting = store.enqueue(request())
        taken = store.claim(claim("ada", until=30))
        assert taken == replace(
            waiting, state=RequestState.RUNNING, owner="ada", lease_until=sample.moment(30), attempts=1
        )
        assert store.get(waiting.id) == taken

    def test_request_waits_until_its_time(self, store: RunQueueStore) -> None:
        """That moment itself is late enough."""
        record = store.enqueue(request(not_before=sample.moment(5)))
        assert store.claim(claim(now=4.999999)) is None
        taken = store.claim(claim(now=5))
        assert taken is not None
        assert taken.id == record.id

    def test_request_is_taken_up_by_another_once_its_lease_has_ended(self, store: RunQueueStore) -> None:
        """Before those that wait, whatever their priority; the first owner has it no more."""
        record = store.enqueue(request())
        store.claim(claim("a", until=10))
        store.enqueue(request(priority=9))
        assert store.list_lapsed(sample.moment(9.999999)) == []
        assert [each.id for each in store.list_lapsed(sample.moment(10))] == [record.id]
        taken = store.claim(claim("b", now=10, until=20))
        assert taken is not None
        assert (taken.id, taken.owner, taken.attempts) == (record.id, "b", 2)
        assert store.renew([record.id], "a", until=sample.moment(99)) == []
        assert not store.hand_back(record.id, "a", not_before=sample.NOON, counted=True)
        assert not store.finish(record.id, "a", RequestState.DONE, at=sample.NOON)
        assert store.get(record.id) == taken

    def test_lease_is_renewed_by_its_owner(self, store: RunQueueStore) -> None:
        """Who learns what was asked of the run meanwhile."""
        ids = [store.enqueue(request()).id for _ in range(2)]
        for _ in ids:
            store.claim(claim("a", until=10))
        assert {each.id for each in store.renew([*ids, _UNKNOWN], "a", until=sample.moment(50))} == set(ids)
        assert store.renew([], "a", until=sample.moment(50)) in ([], ())
        assert store.list_lapsed(sample.moment(49)) == []
        store.cancel(ids[0], by="ada", at=sample.moment(2))
        asked = {each.id: each.cancel_requested_by for each in store.renew(ids, "a", until=sample.moment(60))}
        assert asked == {ids[0]: "ada", ids[1]: None}

    def test_request_that_was_claimed_too_often_is_given_to_nobody(self, store: RunQueueStore) -> None:
        """It is ended as one whose lease has ended; and not while it lasts."""
        record = store.enqueue(request())
        for attempt in range(2):
            assert store.claim(claim(now=attempt * 10, until=attempt * 10 + 10, max_attempts=2)) is not None
        assert store.claim(claim(now=20, max_attempts=2)) is None
        assert not store.expire(record.id, RequestState.FAILED, now=sample.moment(19), error="x")
        assert store.expire(record.id, RequestState.FAILED, now=sample.moment(20), error="too often")
        assert not store.expire(record.id, RequestState.FAILED, now=sample.moment(21), error="x")
        ended = store.get(record.id)
        assert (ended.state, ended.error, ended.ended_at) == (RequestState.FAILED, "too often", sample.moment(20))

    def test_request_that_was_handed_back_waits_again(self, store: RunQueueStore) -> None:
        """The attempt counts, or not."""
        record = store.enqueue(request())
        for counted, attempts in ((False, 0), (True, 1)):
            store.claim(claim("a", now=10))
            assert store.hand_back(record.id, "a", not_before=sample.moment(10), counted=counted, error="größer")
            back = store.get(record.id)
            assert back == replace(record, not_before=sample.moment(10), attempts=attempts, error="größer")
        assert store.claim(claim(now=9)) is None

    @pytest.mark.parametrize("state", _ENDS)
    def test_request_ends_once(self, store: RunQueueStore, state: RequestState) -> None:
        """It is not claimed, cancelled, finished or handed back any more."""
        record = store.enqueue(request())
        store.claim(claim("a", until=10))
        assert store.finish(record.id, "a", state, at=sample.moment(3), error="größer")
        ended = store.get(record.id)
        assert (ended.state, ended.ended_at, ended.error) == (state, sample.moment(3), "größer")
        assert not store.finish(record.id, "a", RequestState.DONE, at=sample.moment(4))
        assert not store.hand_back(record.id, "a", not_before=sample.NOON, counted=True)
        assert store.cancel(record.id, by="ada", at=sample.moment(9)) == ended
        assert store.claim(claim(now=999)) is None
        assert store.list_lapsed(sample.moment(999)) == []

    def test_limits_hold_for_each_pipeline_and_for_all(self, store: RunQueueStore) -> None:
        """A run whose lease has ended does not count."""
        for number, name in enumerate("aaabbbcc"):
            store.enqueue(request(name=name, created_at=sample.moment(number)))
        limits = RunLimits(total=4, each=2, of={"b": 1, "c": 0})
        taken = [store.claim(claim(now=9, until=20, limits=limits)) for _ in range(6)]
        assert [each.name if each else "" for each in taken] == ["a", "a", "b", "c", "", ""]
        only_total = RunLimits(total=5)
        assert [bool(store.claim(claim(now=9, until=20, limits=only_total))) for _ in range(2)] == [True, False]
        again = [store.claim(claim(now=20, until=40, limits=limits)) for _ in range(6)]
        assert [each.name if each else "" for each in again] == ["a", "a", "b", "c", "", ""]

    def test_request_is_claimed_by_one_when_threads_ask_together(self, store: RunQueueStore) -> None:
        """Within limits, too."""
        store.enqueue(request())
        assert sum(store_claim is not None for store_claim in in_threads(lambda n: store.claim(claim(str(n))))) == 1
        for _ in range(8):
            store.enqueue(request())
        limits = RunLimits(each=4)
        assert sum(each is not None for each in in_threads(lambda n: store.claim(claim(str(n), limits=limits)))) == 3

    def test_requests_are_claimed_once_when_processes_ask_together(self, shared_opener: Opener) -> None:
        """All of them."""
        with shared_opener() as store:
            ids = [store.enqueue(request()).id for _ in range(40)]
        taken = in_processes(shared_opener, _claim_all)
        assert sorted([*taken[0], *taken[1]]) == sorted(ids)


def request(**changes: Any) -> RunRequest:
    """A request that may begin at once."""
    fields: dict[str, Any] = {
        "id": PipelineRunId(new_id()),
        "name": "delay",
        "pipeline": "/project/pipeline.py:delay",
        "created_at": sample.NOON,
        "trigger": "user:ada",
    }
    fields |= changes
    return RunRequest(**{"not_before": fields["created_at"], **fields})


def claim(owner: str = "w", *, now: float = 0, until: float | None = None, **changes: Any) -> Claim:
    """What a worker asks for; the lease ends after 60 s."""
    end = sample.moment(now) + timedelta(seconds=60) if until is None else sample.moment(until)
    return Claim(owner=owner, now=sample.moment(now), until=end, **changes)


def _claim_all(store: RunQueueStore, number: int) -> list[str]:
    taken: list[str] = []
    while (found := store.claim(claim(f"worker-{number}"))) is not None:
        taken.append(found.id)
    return taken


def _enqueue_many(store: RunQueueStore, number: int) -> list[PipelineRunId]:
    del number
    return [store.enqueue(request(dedup_key=f"key-{key}")).id for key in range(20)]


def _enqueue_and_claim(store: RunQueueStore, acknowledge: Callable[[Any], None]) -> None:
    identifier = store.enqueue(request()).id
    store.claim(claim("killed"))
    acknowledge(identifier)
