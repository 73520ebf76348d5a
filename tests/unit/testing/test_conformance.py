from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from millwright.testing.conformance import StoreConformance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOSED: list[str] = []


@contextmanager
def opened() -> Iterator[str]:
    yield "the store"
    CLOSED.append("the store")


class TestSuiteWithoutAnOpener(StoreConformance):
    def test_suite_says_what_is_missing(self, request: pytest.FixtureRequest) -> None:
        with pytest.raises(NotImplementedError, match="TestSuiteWithoutAnOpener must define the fixture `opener`"):
            request.getfixturevalue("store")


class TestSuiteOfOneProcess(StoreConformance):
    shared_between_processes = False

    @pytest.fixture
    def opener(self) -> Callable[[], Any]:
        return opened

    def test_store_is_open_for_the_test(self, store: Any) -> None:
        assert store == "the store"
        assert CLOSED == []

    def test_store_is_closed_after_the_test_before(self) -> None:
        assert CLOSED == ["the store"]

    def test_test_with_processes_is_skipped(self, request: pytest.FixtureRequest) -> None:
        with pytest.raises(pytest.skip.Exception, match="one process"):
            request.getfixturevalue("shared_opener")
