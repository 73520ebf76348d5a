"""What every `ContractStore` must do."""

# ruff: noqa: S101 - assertions are what a suite is made of
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.core.records.contract import ContractRecord
from millwright.testing import sample
from millwright.testing.conformance import StoreConformance
from millwright.testing.process import in_processes

if TYPE_CHECKING:
    from millwright.storage.base.contracts import ContractStore
    from millwright.testing.conformance import Opener


def contract(name: str = "schedules", version: int = 1) -> ContractRecord:
    """A version of a contract with every field filled."""
    return ContractRecord(
        name=name,
        version=version,
        digest=sample.digest(f"{name}{version}"),
        document="name: schedules  # größe\ncolumns: {id: string}\n",
        owner="site-team",
        breaking=("for consumers: the column 'größe' is gone",),
        created_at=sample.NOON,
        actor="ada",
    )


class ContractStoreConformance(StoreConformance):
    """Subclass it, and define `opener`."""

    @pytest.mark.parametrize("name", sample.NAMES)
    def test_version_comes_back_as_it_was_given(self, store: ContractStore, name: str) -> None:
        """With every field, full or empty."""
        store.create(contract(name))
        bare = replace(contract(name, 2), owner="", breaking=(), document="")
        store.create(bare)
        assert store.get(name, 1) == contract(name)
        assert store.get(name, 2) == bare

    def test_latest_version_is_given_when_none_is_named(self, store: ContractStore) -> None:
        """Of this contract alone."""
        records = [contract(version=number) for number in (1, 2, 10)]
        for record in (*records, contract("other", 11)):
            store.create(record)
        assert store.get("schedules") == records[-1]
        assert store.find_latest("schedules") == records[-1]
        assert store.list_versions("schedules") == records[::-1]
        assert store.list_latest() == [contract("other", 11), records[-1]]

    def test_version_is_never_replaced(self, store: ContractStore) -> None:
        """Whoever comes second is told."""
        store.create(contract())
        with pytest.raises(AlreadyExistsError, match="schedules@1 exists already"):
            store.create(replace(contract(), owner="eve"))
        assert store.get("schedules") == contract()

    def test_contract_that_is_not_there_is_named_with_the_closest(self, store: ContractStore) -> None:
        """So that a typo is found."""
        assert store.find_latest("schedules") is None
        assert (store.list_versions("schedules"), store.list_latest()) == ([], [])
        store.create(contract())
        with pytest.raises(NotFoundError, match=r"'shedules'.*Did you mean 'schedules'\?"):
            store.get("shedules")
        with pytest.raises(NotFoundError, match="has no version 7"):
            store.get("schedules", 7)

    def test_of_two_processes_one_publishes_a_version(self, shared_opener: Opener) -> None:
        """The other is told that it came second."""
        outcomes = in_processes(shared_opener, _publish, count=2)
        assert sorted(outcomes) == [False, True]


def _publish(store: ContractStore, number: int) -> bool:
    try:
        store.create(replace(contract(), owner=f"owner-{number}"))
    except AlreadyExistsError:
        return False
    return True
