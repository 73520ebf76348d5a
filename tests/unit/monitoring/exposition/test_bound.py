from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from millwright.monitoring.exposition.bound import LEFT_OUT, LETTERS, MOST, bounded
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterable

    from millwright.monitoring.exposition.metric import Figure

COLUMN = of_report("column", "Of a column.", "column")
WHOLE = of_report("whole", "Of all.")


def family(figures: Iterable[Figure]) -> Family:
    return Family(name="some", about="Some.", metrics=(COLUMN, WHOLE), read=lambda _facts: iter(figures))


def test_first_series_of_each_metric_are_told_and_the_others_counted(facts: Any):
    many = [*((COLUMN, (str(number),), float(number)) for number in range(MOST + 50)), (WHOLE, (), 1.0)]
    found = list(bounded(facts, [family(many)]))
    assert [labels[2] for metric, labels, _ in found if metric is COLUMN] == [str(number) for number in range(MOST)]
    assert (WHOLE, ("delay", "hourly"), 1.0) in found
    assert found[-1] == (LEFT_OUT, ("delay", "hourly", "some"), 50.0)


def test_values_that_are_unknown_or_not_finite_are_left_out_uncounted(facts: Any):
    figures = [(COLUMN, ("a",), None), (COLUMN, ("b",), math.nan), (COLUMN, ("c",), math.inf), (COLUMN, ("d",), 0.0)]
    found = list(bounded(facts, [family(figures)]))
    assert found == [(COLUMN, ("delay", "hourly", "d"), 0.0), (LEFT_OUT, ("delay", "hourly", "some"), 0.0)]


def test_long_labels_are_cut_and_no_series_is_told_twice(facts: Any):
    long = "x" * (LETTERS + 1)
    found = list(bounded(facts, [family([(COLUMN, (long,), 1.0), (COLUMN, (f"{long}y",), 2.0)])]))
    assert [(len(labels[2]), value) for metric, labels, value in found if metric is COLUMN] == [(LETTERS, 1.0)]
    assert found[-1][2] == 1.0
