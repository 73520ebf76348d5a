from __future__ import annotations

from typing import Any

import pytest

from millwright.monitoring.exposition.fact import ReportFacts, moment, negated, number, text, value

FOUND = {"a": {"b": [1, 2.5]}, "flag": True, "none": None, "name": "x", "at": "2026-01-15T12:00:00+00:00"}


def test_values_are_found_by_names_and_numbers():
    assert value(FOUND, "a", "b", 1) == 2.5
    assert number(FOUND, "a", "b", 0) == 1.0
    assert number(FOUND, "flag") == 1.0
    assert text(FOUND, "name") == "x"
    assert moment(FOUND, "at") == 1768478400.0


@pytest.mark.parametrize("path", [("b",), ("a", "b", 2), ("a", 0), ("none", "b"), ("name", "b"), ("a", "b", "c")])
def test_what_is_not_there_is_none(path: tuple[str | int, ...]):
    assert value(FOUND, *path) is number(FOUND, *path) is moment(FOUND, *path) is None
    assert text(FOUND, *path) == ""


def test_values_of_other_types_are_not_taken_for_numbers_or_moments():
    assert number(FOUND, "name") is moment(FOUND, "name") is moment(FOUND, "flag") is None
    assert text(FOUND, "flag") == ""


def test_loss_is_the_gain_with_the_other_sign():
    assert (negated(0.5), negated(None)) == (-0.5, None)


def test_lists_and_objects_of_a_document_are_empty_where_there_are_none(facts: Any):
    bare = ReportFacts(record=facts.record, document={"slices": None, "bias": ["text", {"column": "phase"}]})
    assert bare.rows("slices") == bare.rows("missing") == ()
    assert list(bare.rows("bias")) == [{"column": "phase"}]
    assert bare.fields("bias") == bare.fields("operations") == {}
    assert bare.number("joint", "auc") is None
