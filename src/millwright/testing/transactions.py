"""Conformance of `Transactions`, over several stores of one database."""
# ruff: noqa: S101

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.ids import Digest
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_killed_process

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
            store.runs.create_experiment(experiment)
            with pytest.raises(AlreadyExistsError):
                store.runs.create_experiment(sample.experiment("twice"))
            with pytest.raises(NotFoundError):
                store.models.create_version(sample.model_version("unknown"))
            store.endpoints.put(sample.endpoint("a"))
        assert store.runs.find_experiment("twice") == experiment
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


def _tell_inside(store: Stores, acknowledge: Callable[[Any], None]) -> None:
    with store.transactions.transaction():
        store.endpoints.put(sample.endpoint("open"))
        _audit(store, "open")
        acknowledge("open")
