from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.line import Line
from millwright.deployment.realtime.process.agreement import Alone, Ballot, Word

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def ends() -> Iterator[tuple[Line, Line]]:
    pair = Line.pair()
    yield pair
    for each in pair:
        each.close()


def told(line: Line) -> dict[str, Any]:
    (found,) = line.read()
    return found


def test_one_process_does_as_it_can():
    alone = Alone()
    assert (alone.called(), alone.propose("delay@2")) == ("", "delay@2")
    assert alone.settle("") == Word(is_commit=True)
    assert alone.settle("No.") == Word(is_commit=False, reason="No.")


def test_proposal_is_answered_by_the_version_that_is_prepared(ends):
    parent, mine = ends
    ballot = Ballot(mine, "delay", lambda: None)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ballot.propose, "delay@2")
        assert told(parent) == {"propose": "delay", "ref": "delay@2"}
        ballot.heard({"prepare": "delay", "round": 4, "ref": "delay@3"})
        assert asked.result(20) == "delay@3"
        voted = pool.submit(ballot.settle, "")
        assert told(parent) == {"vote": "delay", "round": 4, "error": ""}
        ballot.heard({"verdict": "delay", "round": 4, "ref": "delay@3", "is_commit": True, "at": 5.0, "places": [0, 1]})
        assert voted.result(20) == Word(is_commit=True, at=5.0, number=4, places=(0, 1))


def test_proposal_may_be_refused_at_once(ends):
    parent, mine = ends
    ballot = Ballot(mine, "delay", lambda: None)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(ballot.propose, "delay@2")
        told(parent)
        ballot.heard({"verdict": "delay", "round": 0, "ref": "delay@2", "is_commit": False, "reason": "No."})
        assert asked.result(20) == Word(is_commit=False, reason="No.")


def test_call_of_others_wakes_and_is_known_until_it_is_voted_on(ends):
    parent, mine = ends
    woken = threading.Event()
    ballot = Ballot(mine, "delay", woken.set)
    ballot.heard({"prepare": "delay", "round": 1, "ref": "delay@2"})
    assert woken.is_set()
    assert ballot.called() == "delay@2"
    # The round may end before this process has voted: another one could not serve the version.
    ballot.heard({"verdict": "delay", "round": 1, "ref": "delay@2", "is_commit": False, "reason": "No."})
    assert ballot.settle("") == Word(is_commit=False, reason="No.", number=1)
    assert ballot.called() == ""
    parent.close()


def test_nobody_waits_when_the_worker_ends(ends):
    parent, mine = ends
    ballot = Ballot(mine, "delay", lambda: None)
    ballot.heard({"prepare": "delay", "round": 1, "ref": "delay@2"})
    with ThreadPoolExecutor() as pool:
        voted = pool.submit(ballot.settle, "")
        told(parent)
        ballot.close()
        assert voted.result(20) == Word(is_commit=False, reason="this worker ends")


def test_vote_is_in_the_round_whose_version_was_loaded(ends):
    parent, mine = ends
    ballot = Ballot(mine, "delay", lambda: None)
    ballot.heard({"prepare": "delay", "round": 1, "ref": "delay@2"})
    assert ballot.called() == "delay@2"
    # While it is loaded, another process refuses it, and the alias moves on.
    ballot.heard({"verdict": "delay", "round": 1, "ref": "delay@2", "is_commit": False, "reason": "No."})
    ballot.heard({"prepare": "delay", "round": 2, "ref": "delay@3"})
    assert ballot.settle("") == Word(is_commit=False, reason="No.", number=1)
    assert told(parent) == {"vote": "delay", "round": 1, "error": ""}
    assert ballot.called() == "delay@3"
    ballot.heard({"verdict": "delay", "round": 2, "ref": "delay@3", "is_commit": True})
    assert ballot.settle("") == Word(is_commit=True, number=2)
