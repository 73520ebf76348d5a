from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from millwright.core.line import Line

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[Line, Line]]:
    pair = Line.pair()
    yield pair
    for each in pair:
        each.close()


def test_messages_arrive_whole_and_in_order(ends):
    one, other = ends
    for number in range(3):
        one.tell(number=number, text="a\nb")
    found = []
    while len(found) < 3:
        found += other.read()
    assert found == [{"number": number, "text": "a\nb"} for number in range(3)]


def test_message_that_comes_in_pieces_is_put_together(ends):
    one, other = ends
    one.tell(text="x" * 100_000)
    found = []
    while not found:
        found = other.read()
    assert found == [{"text": "x" * 100_000}]


def test_reader_learns_that_the_other_end_is_gone_after_what_it_said(ends):
    one, other = ends
    one.tell(last=True)
    one.close()
    assert other.read() == [{"last": True}]
    assert other.read() is None
    other.tell(nobody="listens")


def test_reader_in_another_thread_returns_when_its_end_is_closed(ends):
    one, other = ends
    found = []
    reading = threading.Thread(target=lambda: found.append(one.read()))
    reading.start()
    one.close()
    reading.join(20)
    assert found == [None]
    other.close()


def test_who_does_not_listen_holds_nobody_up(ends, caplog):
    one, other = ends
    for _ in range(10_000):
        one.tell(text="x" * 200)
        if "was not told" in caplog.text:
            break
    assert "was not told" in caplog.text
    other.close()
