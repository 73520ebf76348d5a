"""What is closed at the end of a block."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import pytest

from millwright.workspace.closing import Closing


class Opened:
    def __init__(self, closed: list[str], name: str) -> None:
        self.closed, self.name = closed, name

    def close(self) -> None:
        self.closed.append(self.name)


class Place(Closing):
    closed_at_end: ClassVar[tuple[str, ...]] = ("second", "first", "third")

    def __init__(self) -> None:
        self.closed: list[str] = []

    @cached_property
    def first(self) -> Opened:
        return Opened(self.closed, "first")

    @cached_property
    def second(self) -> Opened:
        return Opened(self.closed, "second")

    @cached_property
    def third(self) -> Opened:
        return Opened(self.closed, "third")


def test_block_closes_what_was_opened_in_its_order() -> None:
    with Place() as place:
        assert place.first is not None
        assert place.second is not None
    assert place.closed == ["second", "first"]


def test_block_closes_when_it_fails_and_the_error_stays() -> None:
    place = Place()
    with pytest.raises(KeyError), place:
        raise KeyError(place.third.name)
    assert place.closed == ["third"]


def test_what_was_not_needed_is_not_closed() -> None:
    place = Place()
    place.__dict__["first"] = None
    place.close()
    assert place.closed == []
