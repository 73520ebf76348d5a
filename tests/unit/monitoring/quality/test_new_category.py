from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.quality.new_category import NewCategory


def of(column: str, measures: Any) -> Any:
    return next(measure for measure in measures if measure.column == column)


def test_new_categories_are_found_and_named(rows: Any, subject: Any):
    features = rows(200).with_columns(
        phase=pl.when(pl.int_range(200) < 30).then(pl.lit("Demolition")).otherwise(pl.col("phase"))
    )
    found = of("phase", NewCategory().measure(subject(features)))
    assert found.broken
    assert found.found == 0.15
    assert found.details == {"which": {"Demolition": 30}, "categories": 1}
    assert found.examples[:2] == ("id-0", "id-1")
    assert found.message == "phase has new categories in 15.0% of the rows ('Demolition')"


def test_a_column_of_many_categories_is_expected_to_have_new_ones(rows: Any, subject: Any):
    reference = rows(2000, seed=1)
    counts = reference["school"].value_counts()["count"]
    found = of("school", NewCategory().measure(subject(rows(500, seed=3), reference=reference)))
    assert found.expected == (counts == 1).sum() / 2000  # Good and Turing
    assert 0 < found.found == pytest.approx(found.expected, abs=0.05)
    assert not found.broken


def test_a_new_category_in_a_few_rows_is_within_the_limit(rows: Any, subject: Any):
    features = rows(500).with_columns(
        phase=pl.when(pl.int_range(500) < 3).then(pl.lit("Demolition")).otherwise(pl.col("phase"))
    )
    assert not of("phase", NewCategory().measure(subject(features))).broken


def test_names_of_people_are_not_told(subject: Any):
    reference = pl.DataFrame({"mail": [f"person{number % 20}@example.org" for number in range(400)]})
    features = pl.DataFrame({"mail": [f"other{number % 20}@example.org" for number in range(400)]})
    found = of("mail", NewCategory().measure(subject(features, reference=reference)))
    assert found.broken
    assert "example.org" not in str(found.details) + found.message


def test_settings_refuse_what_is_no_share():
    with pytest.raises(InvalidInputError, match="between 0 and 1"):
        NewCategory(max_share=1.1)
