from __future__ import annotations

import os

import pytest

from millwright.deployment.realtime.process.board import PLACES, Board, Standing


def test_rows_are_read_as_written():
    board, found = Board(), Standing(1, 7, 1_000, 1.5, 2.5, 0.25)
    board.write(PLACES - 1, found)
    assert board.read(PLACES - 1) == found
    assert [each for each in board.all() if each.accepts] == [found]
    board.clear(PLACES - 1)
    assert board.read(PLACES - 1) == Standing()


def test_fewest_are_of_others_that_take_connections():
    board = Board()
    assert board.fewest(0) is None
    board.write(0, Standing(accepts=1, connections=1))
    board.write(1, Standing(accepts=0, connections=2))
    assert board.fewest(0) is None
    board.write(2, Standing(accepts=1, connections=5))
    board.write(3, Standing(accepts=1, connections=4))
    assert board.fewest(0) == 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_what_a_forked_process_writes_is_read_by_its_parent():
    board = Board()
    pid = os.fork()
    if pid == 0:
        board.write(3, Standing(accepts=1, connections=9))
        os._exit(0)
    os.waitpid(pid, 0)
    assert board.read(3).connections == 9


def test_who_has_come_so_far_or_is_gone_is_not_waited_for():
    board = Board()
    assert board.is_held(0, 5)
    assert board.is_nobody(0)
    board.hold(0, 0)
    assert (board.is_held(0, 5), board.is_nobody(0)) == (False, False)
    board.hold(0, 5)
    assert board.is_held(0, 5)
    board.hold(0, 4)
    board.clear(0)
    assert board.is_held(0, 5)
