from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.data.versions.tag import delete_tag, history, set_tag
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.core.clock import ManualClock
    from millwright.storage.catalog import Stores


@pytest.fixture
def two(stores: Stores) -> Stores:
    """Two versions of `a`, the first written by ada."""
    for version in (1, 2):
        stores.datasets.create_version(sample.dataset_version("a"))
        if version == 1:
            stores.audit.append(at=sample.NOON, actor="ada", action="dataset.write", subject="a@1", details={})
    return stores


def test_tag_moves_and_the_audit_log_says_so(two: Stores, clock: ManualClock) -> None:
    set_tag(two, "a@1", "golden", clock=clock, actor="bo")
    for _ in range(2):
        record = set_tag(two, "a", "golden", clock=clock, actor="cy")
    assert two.datasets.find_tag("a", "golden") == record
    assert (record.version, record.actor, record.at) == (2, "cy", clock.now())
    events = [(event.actor, event.subject, event.details) for event in two.audit.list() if "tag" in event.action]
    assert events == [
        ("cy", "a@2", {"tag": "golden", "former": "a@1"}),
        ("bo", "a@1", {"tag": "golden", "former": None}),
    ]


def test_tag_may_be_named_by_a_tag(two: Stores, clock: ManualClock) -> None:
    set_tag(two, "a@1", "golden", clock=clock, actor="bo")
    assert set_tag(two, "a@golden", "best", clock=clock, actor="bo").version == 1


@pytest.mark.parametrize("tag", ["3", "2026-01-31", "a b"])
def test_tag_that_could_be_something_else_is_refused(two: Stores, clock: ManualClock, tag: str) -> None:
    with pytest.raises(InvalidInputError, match="Expected a tag"):
        set_tag(two, "a@1", tag, clock=clock, actor="bo")


def test_deleted_tag_is_written_down(two: Stores, clock: ManualClock) -> None:
    set_tag(two, "a@1", "golden", clock=clock, actor="bo")
    with pytest.raises(InvalidInputError, match="found it on a@1"):
        delete_tag(two, "a@2", "golden", clock=clock, actor="bo")
    delete_tag(two, "a", "golden", clock=clock, actor="bo")
    assert (two.audit.list()[0].action, two.audit.list()[0].subject) == ("dataset.untag", "a@1")
    with pytest.raises(NotFoundError, match="no tag 'golden'"):
        delete_tag(two, "a", "golden", clock=clock, actor="bo")


def test_history_has_tags_and_writers_newest_first(two: Stores, clock: ManualClock) -> None:
    for tag in ("q2", "golden"):
        set_tag(two, "a@1", tag, clock=clock, actor="bo")
    found = [(entry.record.version, entry.tags, entry.actor) for entry in history(two, "a")]
    assert found == [(2, (), ""), (1, ("golden", "q2"), "ada")]
    with pytest.raises(NotFoundError, match="Did you mean 'a'"):
        history(two, "A")
