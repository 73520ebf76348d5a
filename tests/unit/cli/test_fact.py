from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from millwright.cli.fact import fact_lines

LEADERBOARD = [f"candidate_{number} 0.84{number}" for number in range(9)]


def test_short_facts_stand_on_one_line():
    facts = {"dataset": "visits@1", "rows": 5989, "share": 0.389123, "moved": True, "failed": [], "champion": None}
    text = "dataset visits@1 · rows 5,989 · share 0.3891 · moved yes · failed none · champion none"
    assert fact_lines(facts, 100) == [text]


def test_lines_break_between_facts():
    facts = {f"metric_{number}": number / 7 for number in range(10)}
    lines = fact_lines(facts, 71)
    assert len(lines) == 3
    assert max(len(line) for line in lines) <= 73
    assert all(re.fullmatch(r"metric_\d [\d.]+( · metric_\d [\d.]+)*( ·)?", line) for line in lines)


def test_long_text_has_lines_of_its_own_that_break_between_words():
    lines = fact_lines({"rows": 3, "reason": "late-visit@2 stays behind: " + "a word " * 20}, 60)
    assert lines[0] == "rows 3"
    assert lines[1].startswith("reason: late-visit@2 stays behind: a word")
    assert max(len(line) for line in lines) <= 60


def test_list_breaks_between_items():
    lines = fact_lines({"leaderboard": LEADERBOARD}, 71)
    assert lines[0].startswith("leaderboard: candidate_0 0.840, candidate_1 0.841,")
    assert lines[1].startswith("  candidate_")


def test_counts_have_a_line_each_and_more_are_pointed_at():
    reasons = {"crew: not allowed": 12_000, "days: not a number": 3, "load: above 3": 2, "late: missing": 1}
    assert fact_lines({"reasons": reasons}, 71) == [
        "12,000 × crew: not allowed",  # noqa: RUF001
        "3 × days: not a number",  # noqa: RUF001
        "2 × load: above 3 …",  # noqa: RUF001
    ]


def test_all_lines_are_given_when_asked_for():
    reasons = {f"reason {number}": number for number in range(1, 9)}
    assert len(fact_lines({"reasons": reasons}, 71, most=None)) == 8


def test_long_mapping_breaks_between_entries():
    lines = fact_lines({"params": {f"parameter_{number}": number for number in range(9)} | {"rate": 0.5}}, 60)
    assert lines[0].startswith("params: parameter_0 0, parameter_1 1")
    assert len(lines) == 3


def test_nothing_noted_gives_no_lines():
    assert fact_lines({}, 71) == []


def test_text_with_line_breaks_stays_a_line():
    assert fact_lines({"note": "one\n\ttwo"}, 71) == ["note one two"]


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.integers(), max_size=12), st.integers(30, 120))
def test_no_number_is_ever_cut(facts, width):
    words = {word.rstrip(",") for line in fact_lines(facts, width, most=None) for word in line.split()}
    assert {f"{value:,}" for value in facts.values()} <= words
