from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from unit.server.mlflow.traces.test_trace import PLACE, V3, start

if TYPE_CHECKING:
    from unit.server.mlflow.conftest import Wire

ALL = f"{V3}/tr-1/assessments"
HUMAN = {"source_type": "HUMAN", "source_id": "ada"}
TIMES = {"create_time": "2025-01-01T00:00:00Z", "last_update_time": "2025-01-01T00:00:01Z"}


def create(wire: Wire, **fields: Any) -> dict[str, Any]:
    given = {"assessment_name": "q", "source": HUMAN, **TIMES, **fields}
    made: dict[str, Any] = wire.post(ALL, {"assessment": given})["assessment"]
    return made


@pytest.fixture
def wire(wire: Wire) -> Wire:
    start(wire, "tr-1")
    return wire


def test_feedback_comes_back_as_it_was_given(wire: Wire) -> None:
    made = create(wire, feedback={"value": 1}, rationale="why", metadata={"k": "v"}, span_id="s")
    assert made == {
        "assessment_id": made["assessment_id"],
        "assessment_name": "q",
        "trace_id": "tr-1",
        "source": HUMAN,
        **TIMES,
        "feedback": {"value": 1.0},
        "rationale": "why",
        "metadata": {"k": "v"},
        "span_id": "s",
        "valid": True,
    }
    assert wire.get(f"{ALL}/{made['assessment_id']}")["assessment"] == made
    assert wire.get(f"{V3}/tr-1")["trace"]["trace_info"]["assessments"] == [made]


def test_time_of_an_assessment_is_now_unless_told(wire: Wire) -> None:
    made = wire.post(ALL, {"assessment": {"assessment_name": "q", "feedback": {"value": None}}})["assessment"]
    assert made["create_time"] == made["last_update_time"]
    assert made["source"] == {"source_type": "SOURCE_TYPE_UNSPECIFIED"}
    assert made["feedback"] == {"value": None}


def test_override_makes_the_other_invalid_until_it_is_deleted(wire: Wire) -> None:
    first = create(wire, feedback={"value": True})["assessment_id"]
    second = create(wire, feedback={"value": False}, overrides=first)
    assert second["overrides"] == first
    assert wire.get(f"{ALL}/{first}")["assessment"]["valid"] is False
    for _ in range(2):
        assert wire.delete(f"{ALL}/{second['assessment_id']}") == {}
    assert wire.get(f"{ALL}/{first}")["assessment"]["valid"] is True
    given = {"assessment": {"assessment_name": "q", "feedback": {"value": 1}, "overrides": "a-none"}}
    message = "Assessment with ID 'a-none' not found for trace 'tr-1'"
    assert wire.fails("POST", ALL, given) == (404, "RESOURCE_DOES_NOT_EXIST", message)


def test_update_changes_what_the_mask_names(wire: Wire) -> None:
    made = create(wire, feedback={"value": 1}, metadata={"a": "1"}, rationale="old")
    one = f"{ALL}/{made['assessment_id']}"
    given = {"rationale": "new", "metadata": {"b": "2"}, "assessment_name": "other"}
    changed = wire.patch(one, {"assessment": given, "update_mask": "rationale,metadata"})["assessment"]
    assert (changed["rationale"], changed["metadata"], changed["assessment_name"]) == ("new", {"a": "1", "b": "2"}, "q")
    assert changed["last_update_time"] > made["last_update_time"]
    changed = wire.patch(one, {"assessment": given, "update_mask": "assessmentName"})["assessment"]
    assert changed["assessment_name"] == "other"
    error = {"feedback": {"error": {"error_code": "E"}}}
    changed = wire.patch(one, {"assessment": error, "update_mask": "feedback"})["assessment"]
    assert changed["feedback"] == {"value": None, "error": {"error_code": "E"}}
    changed = wire.patch(one, {"assessment": {"valid": False}, "update_mask": "valid"})["assessment"]
    assert changed["valid"] is False
    assert wire.get(one)["assessment"] == changed


def test_update_of_another_kind_is_refused(wire: Wire) -> None:
    feedback = create(wire, feedback={"value": 1})["assessment_id"]
    expectation = create(wire, expectation={"value": "x"})["assessment_id"]
    for one, kind, other in ((feedback, "expectation", "Feedback"), (expectation, "feedback", "Expectation")):
        change = {"assessment": {kind: {"value": 1}}, "update_mask": kind}
        assert wire.fails("PATCH", f"{ALL}/{one}", change)[2] == (
            f"Cannot update {kind} value on a{'n' if other[0] == 'E' else ''} {other} assessment."
        )
    change = {"assessment": {"expectation": {"value": "y"}, "rationale": "r"}, "update_mask": "expectation,rationale"}
    changed = wire.patch(f"{ALL}/{expectation}", change)["assessment"]
    assert changed["expectation"] == {"value": "y"}
    assert "rationale" not in changed
    assert "'update_mask'" in wire.fails("PATCH", f"{ALL}/{feedback}", {"assessment": {}})[2]
    assert "'assessment'" in wire.fails("PATCH", f"{ALL}/{feedback}", {"update_mask": "rationale"})[2]


def test_assessment_that_is_not_there_is_named(wire: Wire) -> None:
    missing = (404, "RESOURCE_DOES_NOT_EXIST", "Assessment with ID 'a-no' not found for trace 'tr-1'")
    assert wire.fails("GET", f"{ALL}/a-no") == missing
    assert wire.fails("PATCH", f"{ALL}/a-no", {"assessment": {"rationale": "r"}, "update_mask": "rationale"}) == missing
    assert wire.fails("GET", f"{V3}/nope/assessments/a-no")[0] == 404
    given = {"assessment": {"assessment_name": "q", "feedback": {"value": 1}}}
    assert wire.fails("POST", f"{V3}/nope/assessments", given)[2] == "Trace with ID 'nope' not found."
    assert "'assessment'" in wire.fails("POST", ALL, {})[2]


def test_id_that_is_taken_is_refused(wire: Wire) -> None:
    create(wire, assessment_id="a-1", feedback={"value": 1})
    given = {"assessment": {"assessment_id": "a-1", "assessment_name": "q", "feedback": {"value": 1}}}
    assert wire.fails("POST", ALL, given)[:2] == (400, "RESOURCE_ALREADY_EXISTS")


def test_traces_are_found_by_assessments(wire: Wire) -> None:
    create(wire, feedback={"value": "yes"})
    create(wire, assessment_name="words", expectation={"value": 0.5})
    for text, count in (("feedback.q = 'yes'", 1), ("feedback.q = 'no'", 0), ("expectation.words >= 0.5", 1)):
        found = wire.post(f"{V3}/search", {"locations": [PLACE], "filter": text})
        assert len(found.get("traces", ())) == count
