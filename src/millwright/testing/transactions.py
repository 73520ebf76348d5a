"""Conformance of `Transactions`, over several stores of one database."""
# ruff: noqa: S101

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.ids import Digest
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process, in_processes, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.storage.catalog import Stores
    from millwright.testing.conformance import Opener


class TransactionsConformance(StoreConformance):
    """Several changes as one; the opener gives the whole `Stores`."""

    def test_transaction_commits_writes_to_several_stores_when_left(self, store: Stores) -> None:
        """All of them are there."""
        with store.transactions.transaction():
            store.endpoints.put(sample.endpoint("a"))
            store.datasets.create_version(sample.dataset_version("b"))
            _audit(store)
        assert store.endpoints.find("a") is not None
        assert store.datasets.get_version("b").version == 1
        assert len(store.audit.list()) == 1

    def test_transaction_takes_back_writes_to_several_stores_when_it_raises(self, store: Stores) -> None:
        """None of them is there, and a version number that was given is free again."""
        with given_up(store):
            store.endpoints.put(sample.endpoint("a"))
            store.datasets.create_version(sample.dataset_version("b"))
            _audit(store)
        assert store.endpoints.find("a") is None
        assert store.datasets.list_versions("b") == []
        assert store.audit.list() == []
        assert store.datasets.create_version(sample.dataset_version("b")).version == 1

    def test_transaction_shows_its_own_writes_inside(self, store: Stores) -> None:
        """Reads of the same thread see what is not committed yet."""
        with store.transactions.transaction():
            store.endpoints.put(sample.endpoint("a"))
            assert store.endpoints.find("a") is not None

    def test_transaction_hides_its_writes_from_other_threads_until_left(self, store: Stores) -> None:
        """Another thread reads the state before, and is not blocked."""
        seen: list[Any] = []
        with store.transactions.transaction():
            store.endpoints.put(sample.endpoint("a"))
            reader = threading.Thread(target=lambda: seen.append(store.endpoints.find("a")))
            reader.start()
            reader.join(10)
        assert seen == [None]

    def test_nested_transaction_is_taken_back_with_the_outer_one(self, store: Stores) -> None:
        """The outermost context decides."""
        with given_up(store), store.transactions.transaction():
            store.endpoints.put(sample.endpoint("a"))
        assert store.endpoints.find("a") is None

    def test_nested_transaction_that_raises_leaves_the_outer_one_when_caught(self, store: Stores) -> None:
        """Only what was written inside it is gone."""
        with store.transactions.transaction():
            store.endpoints.put(sample.endpoint("a"))
            with given_up(store):
                store.endpoints.put(sample.endpoint("b"))
            store.endpoints.put(sample.endpoint("c"))
        assert [endpoint.name for endpoint in store.endpoints.list()] == ["a", "c"]

    def test_failed_call_leaves_the_transaction_usable_when_caught(self, store: Stores) -> None:
        """An error of a store method is not the end of the transaction."""
        experiment = sample.experiment("twice")
        with store.transactions.transaction():
            store.experiments.create(experiment)
            with pytest.raises(AlreadyExistsError):
                store.experiments.create(sample.experiment("twice"))
            with pytest.raises(NotFoundError):
                store.models.create_version(sample.model_version("unknown"))
            store.endpoints.put(sample.endpoint("a"))
        assert store.experiments.find("twice") == experiment
        assert store.endpoints.find("a") is not None

    def test_action_is_called_after_the_outermost_commit(self, store: Stores) -> None:
        """In the order given; what was written is there for everyone."""
        calls: list[Any] = []

        def from_another_thread() -> None:
            reader = threading.Thread(target=lambda: calls.append(store.endpoints.find("a") is not None))
            reader.start()
            reader.join(10)

        with store.transactions.transaction():
            store.transactions.after_commit(lambda: calls.append("first"))
            with store.transactions.transaction():
                store.endpoints.put(sample.endpoint("a"))
                store.transactions.after_commit(from_another_thread)
            assert calls == []
        assert calls == ["first", True]

    def test_action_is_forgotten_when_its_transaction_raises(self, store: Stores) -> None:
        """Of the inner context only, when the outer one goes on; of all, when it does not."""
        calls: list[str] = []
        with store.transactions.transaction():
            store.transactions.after_commit(lambda: calls.append("kept"))
            with given_up(store):
                store.transactions.after_commit(lambda: calls.append("inner"))
        with given_up(store):
            store.transactions.after_commit(lambda: calls.append("outer"))
        store.endpoints.put(sample.endpoint())
        assert calls == ["kept"]

    def test_action_is_called_at_once_when_no_transaction_is_open(self, store: Stores) -> None:
        """There is nothing to wait for."""
        calls: list[str] = []
        store.transactions.after_commit(lambda: calls.append("now"))
        assert calls == ["now"]

    def test_action_may_write_by_itself(self, store: Stores) -> None:
        """It is called outside of the transaction that it followed."""
        with store.transactions.transaction():
            store.transactions.after_commit(lambda: store.endpoints.put(sample.endpoint("later")))
        assert store.endpoints.find("later") is not None

    def test_transaction_survives_sigkill_when_left(self, shared_opener: Opener) -> None:
        """What was acknowledged is there."""
        name = in_killed_process(shared_opener, _commit_and_tell)
        with shared_opener() as store:
            assert store.endpoints.find(name) is not None
            assert [event.subject for event in store.audit.list()] == [name]

    def test_light_transaction_is_seen_by_all_and_survives_sigkill(self, shared_opener: Opener) -> None:
        """Also when lasting ones come before and after it on the same connection."""
        names = in_killed_process(shared_opener, _commit_lightly_and_tell)
        with shared_opener() as store:
            assert [store.endpoints.find(name) is not None for name in names] == [True] * 4
            with suppress(ValueError), store.transactions.transaction(durable=False):
                store.endpoints.put(sample.endpoint("taken-back"))
                raise ValueError
            assert store.endpoints.find("taken-back") is None

    def test_transaction_leaves_nothing_and_blocks_nobody_when_killed_inside(self, shared_opener: Opener) -> None:
        """Neither half of it is there, and the next writer goes ahead."""
        name = in_killed_process(shared_opener, _tell_inside)
        with shared_opener() as store:
            assert store.endpoints.find(name) is None
            assert store.audit.list() == []
            store.endpoints.put(sample.endpoint("next"))

    def test_edges_and_records_of_unicode_names_survive_together(self, store: Stores) -> None:
        """Names of any script, quotes and emoji are kept as they are."""
        with store.transactions.transaction():
            for name in sample.NAMES:
                store.endpoints.put(sample.endpoint(name))
                store.lineage.add([_edge(name)])
        for name in sample.NAMES:
            assert store.endpoints.find(name) == sample.endpoint(name)
            assert store.lineage.upstream(NodeKind.MODEL_VERSION, name) == [_edge(name)]


class GroupConformance(StoreConformance):
    """Group commit of `Transactions`; the opener gives the whole `Stores`."""

    def test_grouped_actions_give_what_they_return_once_it_is_there_for_everyone(self, store: Stores) -> None:
        """Those of many threads, each with its own result."""

        def put(number: int) -> str:
            def action() -> str:
                store.endpoints.put(sample.endpoint(f"e{number}"))
                return f"e{number}"

            name = store.transactions.group(action).result(60)
            assert store.endpoints.find(name) is not None
            return name

        assert in_threads(put, count=16) == [f"e{number}" for number in range(16)]

    def test_grouped_action_that_fails_takes_no_other_with_it(self, store: Stores) -> None:
        """Its own changes are gone, the error is its future's, and the others are kept."""
        release = _hold(store)

        def failing(name: str) -> str:
            store.endpoints.put(sample.endpoint(name))
            store.endpoints.put(sample.endpoint(f"{name}-second"))
            raise _GivenUpError

        futures = [
            store.transactions.group(partial(failing, name) if name == "b" else partial(_put, store, name))
            for name in ("a", "b", "c")
        ]
        release()
        assert futures[0].result(60) == "a"
        with pytest.raises(_GivenUpError):
            futures[1].result(60)
        assert futures[2].result(60) == "c"
        assert [endpoint.name for endpoint in store.endpoints.list()] == ["a", "c"]

    def test_grouped_action_may_catch_the_error_of_a_call_and_go_on(self, store: Stores) -> None:
        """What the failed call wrote is gone; what came before and after it stays."""
        release = _hold(store)

        def action() -> None:
            for name in ("first", "second"):
                with given_up(store):
                    store.endpoints.put(sample.endpoint(f"{name}-lost"))
                store.endpoints.put(sample.endpoint(name))

        first = store.transactions.group(action)
        second = store.transactions.group(lambda: _put(store, "third"))
        release()
        first.result(60)
        second.result(60)
        assert [endpoint.name for endpoint in store.endpoints.list()] == ["first", "second", "third"]

    def test_grouped_actions_share_a_transaction_when_they_wait_together(self, store: Stores) -> None:
        """None of them is seen from outside before all are."""
        release = _hold(store)
        seen: list[Any] = []

        def look() -> None:
            reader = threading.Thread(target=lambda: seen.append(store.endpoints.find("a")))
            reader.start()
            reader.join(10)

        first = store.transactions.group(lambda: _put(store, "a"))
        second = store.transactions.group(look)
        release()
        first.result(60)
        second.result(60)
        assert seen == [None]

    def test_after_commit_inside_a_grouped_action_is_called_before_its_future_ends(self, store: Stores) -> None:
        """In order; those of an action that failed are forgotten."""
        release = _hold(store)
        calls: list[str] = []

        def action(name: str, *, fails: bool = False) -> None:
            store.transactions.after_commit(lambda: calls.append(f"{name} {store.endpoints.find(name) is not None}"))
            store.endpoints.put(sample.endpoint(name))
            if fails:
                raise _GivenUpError

        futures = [
            store.transactions.group(lambda: action("a")),
            store.transactions.group(lambda: action("b", fails=True)),
            store.transactions.group(lambda: action("c")),
        ]
        release()
        for future in futures:
            future.exception(60)
        assert calls == ["a True", "c True"]

    def test_group_inside_a_transaction_is_a_part_of_it(self, store: Stores) -> None:
        """It is called at once, and taken back with the rest."""
        with given_up(store):
            assert store.transactions.group(lambda: _put(store, "a")).result(0) == "a"
        assert store.endpoints.find("a") is None
        with store.transactions.transaction():
            failed = store.transactions.group(lambda: store.models.create_version(sample.model_version("unknown")))
            with pytest.raises(NotFoundError):
                failed.result(0)
            store.endpoints.put(sample.endpoint("b"))
        assert store.endpoints.find("b") is not None

    def test_grouped_actions_are_done_when_the_stores_are_closed(self, shared_opener: Opener) -> None:
        """Closing waits for them, and the stores may be used again."""
        with shared_opener() as store:
            futures = [store.transactions.group(partial(_put, store, f"e{number}")) for number in range(50)]
            store.close()
            assert all(future.done() for future in futures)
            assert store.transactions.group(lambda: _put(store, "again")).result(60) == "again"
            assert len(store.endpoints.list()) == 51

    def test_grouped_actions_survive_sigkill_once_acknowledged(self, shared_opener: Opener) -> None:
        """A future that ended is a promise."""
        names = in_killed_process(shared_opener, _group_and_tell)
        with shared_opener() as store:
            assert {endpoint.name for endpoint in store.endpoints.list()} >= set(names)

    def test_grouped_actions_of_several_processes_are_all_there(self, shared_opener: Opener) -> None:
        """Each has its own writer; they take turns."""
        in_processes(shared_opener, _group_twenty)
        with shared_opener() as store:
            assert len(store.endpoints.list()) == 40


@contextmanager
def given_up(store: Stores) -> Iterator[None]:
    """A transaction that raises at its end; the error is caught outside."""
    with suppress(_GivenUpError), store.transactions.transaction():
        yield
        raise _GivenUpError


class _GivenUpError(Exception):
    """Ends a transaction."""


def _audit(store: Stores, subject: str = "x@1") -> None:
    store.audit.append(at=sample.NOON, actor="user:ada", action="x.do", subject=subject, details={})


def _edge(name: str) -> LineageEdge:
    return LineageEdge(
        source_kind=NodeKind.VALUE,
        source_id=Digest(name),
        relation="read",
        target_kind=NodeKind.MODEL_VERSION,
        target_id=name,
        at=sample.NOON,
    )


def _commit_and_tell(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    with store.transactions.transaction():
        store.endpoints.put(sample.endpoint("committed"))
        _audit(store, "committed")
    acknowledge("committed")


def _commit_lightly_and_tell(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    names = ["lasting", "light", "lasting-again", "light-again"]
    for name in names:
        with store.transactions.transaction(durable=name.startswith("lasting")):
            store.endpoints.put(sample.endpoint(name))
    acknowledge(names)


def _tell_inside(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    with store.transactions.transaction():
        store.endpoints.put(sample.endpoint("open"))
        _audit(store, "open")
        acknowledge("open")


def _put(store: Stores, name: str) -> str:
    store.endpoints.put(sample.endpoint(name))
    return name


def _hold(store: Stores) -> Callable[[], None]:
    """Keeps the background thread busy, so that what is submitted meanwhile comes to one transaction."""
    entered, released = threading.Event(), threading.Event()

    def wait() -> None:
        entered.set()
        released.wait(60)

    store.transactions.group(wait)
    entered.wait(60)
    return released.set


def _group_and_tell(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    futures = [store.transactions.group(partial(_put, store, f"e{number}")) for number in range(30)]
    acknowledge([future.result(60) for future in futures[:20]])


def _group_twenty(store: Stores, number: int) -> None:
    futures = [store.transactions.group(partial(_put, store, f"e{number}-{each}")) for each in range(20)]
    for future in futures:
        future.result(60)
