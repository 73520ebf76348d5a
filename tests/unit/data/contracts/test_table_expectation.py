from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.table_expectation import Distribution, Freshness, Measure, Volume


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({}, "Expected min, max or both"),
        ({"minimum": 2, "maximum": 1}, "min not above max"),
        ({"minimum": float("nan")}, "Expected min, max or both"),
        ({"maximum": 1, "at": 0.5}, "Expected at from 0 to 1 for a quantile, and for nothing else"),
        ({"maximum": 1, "measure": Measure.QUANTILE}, "Expected at from 0 to 1"),
        ({"maximum": 1, "measure": Measure.QUANTILE, "at": 95}, "Expected at from 0 to 1"),
        ({"maximum": 1, "values": ("a",)}, "Expected values for a share"),
        ({"maximum": 1, "measure": Measure.SHARE}, "Expected values for a share"),
        ({"maximum": 1, "reference": "a@1"}, "Expected a reference for psi and ks only"),
        ({"maximum": 1, "severity": Severity.QUARANTINE}, "Expected the severity warn or stop"),
    ],
)
def test_distribution_whose_parts_do_not_fit_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Distribution(**{"column": "a", "measure": Measure.MEAN, **parts})


@pytest.mark.parametrize("parts", [{}, {"min_rows": 2, "max_rows": 1}, {"min_rows": -1}, {"max_change": float("inf")}])
def test_volume_without_sense_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError, match="Expected min_rows, max_rows or max_change"):
        Volume(**parts)


def test_table_as_a_whole_cannot_be_quarantined() -> None:
    for make in (
        lambda: Volume(min_rows=1, severity=Severity.QUARANTINE),
        lambda: Freshness(column="a", max_age=timedelta(1), severity=Severity.QUARANTINE),
    ):
        with pytest.raises(InvalidInputError, match="Expected the severity warn or stop"):
            make()
    with pytest.raises(InvalidInputError, match="Expected a max_age above zero"):
        Freshness(column="a", max_age=timedelta())


def test_distribution_says_what_it_measures() -> None:
    assert Distribution(column="a", measure=Measure.QUANTILE, at=0.9, maximum=1).what == "quantile 0.9 of a"
    assert Distribution(column="a", measure=Measure.SHARE, values=("x", "y"), maximum=1).what == "share of x, y of a"
    assert Distribution(column="a", measure=Measure.PSI, maximum=1).what == "psi of a against the former version"
