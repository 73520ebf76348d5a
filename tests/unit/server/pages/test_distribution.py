from __future__ import annotations

import pytest

from millwright.server.pages.distribution import COLUMNS, distributions


def column(
    name="load", kind="numeric", *, score=0.4, reference=(30, 10, 0), current=(5, 15, 0), labels=("a", "b", "c")
):
    return {
        "column": name,
        "kind": kind,
        "scores": {"psi": score},
        "statistic": "psi",
        "threshold": 0.2,
        "drifted": score > 0.2,
        "cells": {"labels": list(labels), "reference": list(reference), "current": list(current)},
    }


def test_column_is_shown_as_shares_of_both_sides_without_empty_cells():
    [shown] = distributions({"drift": [column()]}).columns
    assert (shown.name, shown.badge.text, shown.note) == ("load", "drifted", "psi 0.400, limit 0.200")
    assert [(pair.label, pair.shares) for pair in shown.pairs] == [("a", ("75 %", "25 %")), ("b", ("25 %", "75 %"))]
    assert [pair.bars for pair in shown.pairs] == [(1.0, pytest.approx(1 / 3)), (pytest.approx(1 / 3), 1.0)]


def test_only_columns_that_moved_most_are_shown_those_first():
    columns = [column(str(number), score=number / 10) for number in range(COLUMNS + 3)]
    shown = distributions({"drift": columns}).columns
    assert [each.name for each in shown] == [str(number) for number in reversed(range(3, COLUMNS + 3))]
    assert shown[-1].badge.text == "drifted"
    assert distributions({"drift": columns[:1]}).columns[0].badge.text == "same"


def test_many_categories_are_shown_together_but_for_the_largest():
    labels = [f"c{number}" for number in range(30)]
    many = column(kind="categorical", labels=labels, reference=[1] * 29 + [71], current=[1] * 28 + [50, 1])
    [shown] = distributions({"drift": [many]}).columns
    assert len(shown.pairs) == 12
    assert [pair.label for pair in shown.pairs[-3:]] == ["c28", "c29", "19 others"]
    assert shown.pairs[-1].shares == ("19 %", "24.1 %")


@pytest.mark.parametrize("document", [{}, {"drift": []}, {"drift": [{**column(), "cells": None}]}])
def test_document_without_cells_shows_nothing(document):
    assert distributions(document) is None


def test_side_without_rows_has_no_bars():
    [shown] = distributions({"drift": [column(current=(0, 0, 0))]}).columns
    assert [pair.shares[1] for pair in shown.pairs] == ["0 %", "0 %"]
