from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.errors import InvalidInputError
from millwright.pipelines.runner.lease import LeaseKeeper
from millwright.pipelines.runner.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from millwright.storage.catalog import Stores


@mw.step(limits=["database"])
def load() -> int:
    return 1


@mw.pipeline
def demo() -> None:
    load()


@pytest.fixture
def limits(stores: Stores) -> Iterator[Callable[[str], Limits]]:
    with ExitStack() as stack:

        def make(run: str) -> Limits:
            keeper = LeaseKeeper(stores.leases, SystemClock(), run, timedelta(seconds=30))
            return Limits({"database": 2}, stack.enter_context(keeper))

        yield make


def test_places_are_taken_until_there_are_none_in_any_run(limits: Callable[[str], Limits]) -> None:
    one, other = limits("a"), limits("b")
    (node,) = demo.build().nodes
    assert one.take(node, "1")
    assert other.take(node, "2")
    assert not one.take(node, "3")
    other.give_back("2")
    assert one.take(node, "3")
    other.give_back("2")


def test_unknown_resource_is_told_before_anything_runs(bench: Any) -> None:
    with pytest.raises(InvalidInputError, match="limited by 'database', which the project does not know") as caught:
        bench.run(demo)
    assert caught.value.hint == "Say how many at once: [pipelines.limits] database = 2"
    assert bench.stores.pipelines.list_pipeline_runs() == []
