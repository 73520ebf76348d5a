from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.records.model import ModelVersionState
from millwright.core.records.monitor import AlertState, Outcome
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.core.records.run import RunStatus
from millwright.server.pages.element import Link, Tone
from millwright.server.pages.wording import dataset_link, facts, route, seconds, size, status, version_link, words


@given(st.lists(st.text(min_size=1), min_size=1))
def test_route_quotes_every_part_whole(parts):
    made = route(*(part.encode("utf-8", "ignore").decode() for part in parts))
    assert made.count("/") == len(parts)
    assert not set(made) & set("<>\"'?# \\")


def test_version_that_is_none_stays_text():
    assert version_link("late-visit@3") == Link("late-visit@3", "/models/late-visit/3")
    assert dataset_link("visits.quarantine@1") == Link("visits.quarantine@1", "/datasets/visits.quarantine/1")
    assert version_link("endpoint:x") == "endpoint:x"
    assert version_link("x@champion") == "x@champion"
    assert version_link(None) is None


@pytest.mark.parametrize("states", [ModelVersionState, AlertState, Outcome, PipelineRunStatus, StepStatus, RunStatus])
def test_state_is_shown_with_its_word(states):
    assert [status(state).text for state in states] == [state.value for state in states]
    assert status("failed").tone is Tone.BAD
    assert status("completed").tone is Tone.GOOD


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (True, "yes"),
        (5989, "5,989"),
        (0.84632, "0.846"),
        ([1, "a"], "1, a"),
        ({}, "none"),
        ({"C": 0.5}, "C 0.500"),
        ("a\n b", "a b"),
        (float("nan"), "nan"),
    ],
)
def test_value_is_worded_for_people(value, shown):
    assert words(value) == shown


def test_facts_put_short_ones_in_a_line_and_counts_below():
    made = facts({"rows": 10, "reasons": {"not a date": 8}, "new": True, "note": "x" * 50})
    assert made is not None
    assert made.cells == ("rows 10 · new yes", "8 × not a date", f"note: {'x' * 50}")  # noqa: RUF001 (a sign)
    assert facts({}) is None


def test_durations_and_sizes():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert seconds(start, start + timedelta(milliseconds=1234)) == 1.23
    assert seconds(start, None) is None
    assert [size(count) for count in (12, 11_200, 2_500_000)] == ["12 B", "11.2 kB", "2.5 MB"]
