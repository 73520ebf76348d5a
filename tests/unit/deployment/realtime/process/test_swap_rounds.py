from __future__ import annotations

from typing import Any

import pytest

from millwright.deployment.realtime.process.swap_rounds import RETRY_S, SWITCH_S, SwapRounds


class Parent:
    """Rounds of two members that serve `delay@1`, and what they were told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, dict[str, Any]]] = []
        self.rounds = SwapRounds(lambda member, message: self.told.append((member, message)), prepare_s=10.0)
        for member in (1, 2):
            self.rounds.join(member, {"delay": "delay@1"}, place=member - 1)
        self.told.clear()

    def propose(self, ref: str, now: float = 0.0) -> int:
        """A round's number."""
        self.rounds.propose(1, "delay", ref, now)
        return int(self.told[-1][1]["round"])

    def verdicts(self) -> dict[int, dict[str, Any]]:
        return {member: message for member, message in self.told if "verdict" in message}


@pytest.fixture
def parent() -> Parent:
    return Parent()


def test_first_member_says_what_answers_and_the_others_are_told():
    told: list[tuple[int, dict[str, Any]]] = []
    rounds = SwapRounds(lambda member, message: told.append((member, message)), prepare_s=1.0)
    rounds.join(1, {"delay": "delay@1"})
    rounds.join(2, {"delay": "delay@2"})
    assert told == [(1, {"welcome": {"delay": "delay@1"}}), (2, {"welcome": {"delay": "delay@1"}})]


def test_all_prepare_and_switch_at_one_moment_when_all_are_ready(parent):
    number = parent.propose("delay@2")
    assert [(member, message["ref"]) for member, message in parent.told] == [(1, "delay@2"), (2, "delay@2")]
    parent.rounds.vote(1, "delay", number, "", 1.0)
    assert parent.verdicts() == {}
    assert parent.rounds.committed == {"delay": "delay@1"}
    parent.rounds.vote(2, "delay", number, "", 2.0)
    assert {(each["is_commit"], each["at"]) for each in parent.verdicts().values()} == {(True, 2.0 + SWITCH_S)}
    assert [each["places"] for each in parent.verdicts().values()] == [[0, 1], [0, 1]]
    assert (parent.rounds.committed, parent.rounds.swapped) == ({"delay": "delay@2"}, 1)


def test_one_that_cannot_serve_it_takes_it_back_in_all(parent, caplog):
    number = parent.propose("delay@2")
    parent.rounds.vote(1, "delay", number, "", 1.0)
    parent.rounds.vote(2, "delay", number, "It answers otherwise.", 2.0)
    assert [each["is_commit"] for each in parent.verdicts().values()] == [False, False]
    assert {each["reason"] for each in parent.verdicts().values()} == {"It answers otherwise."}
    assert (parent.rounds.committed, parent.rounds.refused) == ({"delay": "delay@1"}, 1)
    assert "delay@2 is refused in all workers" in caplog.text


def test_refused_version_is_refused_at_once_for_a_while(parent):
    parent.rounds.vote(1, "delay", parent.propose("delay@2"), "No.", 1.0)
    parent.told.clear()
    parent.rounds.propose(2, "delay", "delay@2", 1.0 + RETRY_S / 2)
    assert [(member, message["is_commit"]) for member, message in parent.told] == [(2, False)]
    parent.told.clear()
    parent.rounds.propose(2, "delay", "delay@2", 1.0 + RETRY_S)
    assert all("prepare" in message for _, message in parent.told)


def test_member_that_dies_is_not_waited_for(parent):
    number = parent.propose("delay@2")
    parent.rounds.vote(1, "delay", number, "", 1.0)
    parent.rounds.leave(2, 2.0)
    assert parent.verdicts()[1]["is_commit"]


def test_version_that_ends_the_processes_that_try_it_is_refused(parent):
    parent.propose("delay@2")
    parent.rounds.leave(1, 1.0)
    parent.rounds.leave(2, 1.0)
    assert (parent.rounds.committed, parent.rounds.refused) == ({"delay": "delay@1"}, 1)
    parent.rounds.join(3, {"delay": "delay@1"})
    parent.rounds.propose(3, "delay", "delay@2", 2.0)
    assert "workers ended while they tried it" in parent.told[-1][1]["reason"]


def test_member_that_comes_in_between_votes_too(parent):
    number = parent.propose("delay@2")
    parent.rounds.join(3, {"delay": "delay@1"})
    assert parent.told[-1] == (3, {"prepare": "delay", "round": number, "ref": "delay@2"})
    for member in (1, 2):
        parent.rounds.vote(member, "delay", number, "", 1.0)
    assert parent.verdicts() == {}
    parent.rounds.vote(3, "delay", number, "", 1.0)
    assert set(parent.verdicts()) == {1, 2, 3}


def test_what_takes_too_long_is_given_up(parent, caplog):
    number = parent.propose("delay@2")
    parent.rounds.vote(1, "delay", number, "", 1.0)
    parent.rounds.look(9.9)
    assert parent.verdicts() == {}
    parent.rounds.look(10.0)
    assert [each["is_commit"] for each in parent.verdicts().values()] == [False, False]
    assert (parent.rounds.given_up, parent.rounds.committed) == (1, {"delay": "delay@1"})
    assert "1 of 2 workers had not loaded and tried it after 10 s" in caplog.text
    parent.rounds.vote(2, "delay", number, "", 11.0)
    assert parent.rounds.swapped == 0


def test_second_proposal_waits_for_the_end_of_the_first(parent):
    parent.propose("delay@2")
    parent.told.clear()
    parent.rounds.propose(2, "delay", "delay@3", 1.0)
    assert parent.told == []


def test_endpoints_move_apart_from_one_another():
    told: list[tuple[int, dict[str, Any]]] = []
    rounds = SwapRounds(lambda member, message: told.append((member, message)), prepare_s=1.0)
    rounds.join(1, {"a": "x@1", "b": "y@1"})
    rounds.propose(1, "a", "x@2", 0.0)
    rounds.propose(1, "b", "y@2", 0.0)
    rounds.vote(1, "b", 2, "", 0.1)
    assert rounds.committed == {"a": "x@1", "b": "y@2"}


def test_endpoints_that_are_ready_at_once_switch_one_after_the_other():
    told: list[dict[str, Any]] = []
    rounds = SwapRounds(lambda _, message: told.append(message), prepare_s=10.0)
    rounds.join(1, {"delay": "delay@1", "cost": "cost@1"})
    for number, endpoint in enumerate(("delay", "cost"), start=1):
        rounds.propose(1, endpoint, f"{endpoint}@2", 0.0)
        rounds.vote(1, endpoint, number, "", 1.0)
    assert [each["at"] for each in told if "verdict" in each] == [1.0 + SWITCH_S, 1.0 + 2 * SWITCH_S]
