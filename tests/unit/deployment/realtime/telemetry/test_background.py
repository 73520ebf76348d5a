from __future__ import annotations

import threading

from millwright.deployment.realtime.telemetry.background import Background


def test_what_is_put_is_written_in_order_by_a_thread():
    written: list[int] = []
    threads = set()

    def write(batch: list[int]) -> None:
        threads.add(threading.current_thread().name)
        written.extend(batch)

    background = Background(write, name="telling")
    for number in range(2_500):
        background.put(number)
    background.close()
    assert written == list(range(2_500))
    assert threads == {"telling"}
    assert (background.shed, background.lost) == (0, 0)


def test_what_has_no_room_is_shed_and_counted():
    let_go, begun = threading.Event(), threading.Event()
    written: list[int] = []

    def write(batch: list[int]) -> None:
        begun.set()
        let_go.wait(10)
        written.extend(batch)

    background = Background(write, name="telling", most=3)
    background.put(0)
    assert begun.wait(10)
    for number in range(1, 6):
        background.put(number)
    let_go.set()
    background.close()
    assert (written, background.shed) == ([0, 1, 2, 3], 2)


def test_batch_that_cannot_be_written_is_lost_and_told_once(caplog):
    failing = [True]
    written: list[int] = []

    def write(batch: list[int]) -> None:
        if failing[0]:
            raise OSError("the disk is full")
        written.extend(batch)

    background = Background(write, name="telling")
    background._write_batch([1, 2])
    background._write_batch([3])
    failing[0] = False
    background._write_batch([4])
    assert (written, background.lost) == ([4], 3)
    assert caplog.text.count("telling: cannot be written: the disk is full") == 1


def test_one_that_was_never_used_ends_at_once():
    Background(print, name="telling").close()
