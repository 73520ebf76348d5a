from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.quality.type_change import TypeChange


def test_numbers_as_text_are_found(rows: Any, subject: Any):
    features = rows(100).with_columns(pl.col("cost").cast(pl.String))
    (found,) = TypeChange().measure(subject(features))
    assert (found.column, found.expected, found.found, found.broken) == ("cost", "number", {"text": 100}, True)
    assert found.message == "cost (number) holds text in 100.0% of the values"
    assert found.examples[0] == "id-0"
    assert found.details["unreadable_rows"] == 0


def test_texts_that_are_no_numbers_are_found_by_their_rows(rows: Any, subject: Any):
    texts = pl.Series("cost", ["12.5"] * 95 + ["n/a"] * 5)
    types = {"cost": {"number": 95, "text": 5}}
    (found,) = TypeChange().measure(subject(rows(100).with_columns(texts), types=types))
    assert found.broken
    assert found.details == {"share": 0.05, "unreadable_rows": 5}
    assert found.examples == tuple(f"id-{number}" for number in range(95, 100))


def test_fractions_are_found_where_integers_were(rows: Any, subject: Any):
    features = rows(100).with_columns(pl.col("floors") + pl.Series([0.5] * 10 + [0.0] * 90))
    (found,) = TypeChange().measure(subject(features))
    assert (found.column, found.what, found.found, found.broken) == ("floors", "fractions", 0.1, True)
    assert len(found.examples) == 10


def test_integers_written_as_fractions_are_fine(rows: Any, subject: Any):
    assert TypeChange().measure(subject(rows(100).with_columns(pl.col("floors").cast(pl.Float64)))) == []


def test_a_share_within_the_limit_is_told_and_not_broken(rows: Any, subject: Any):
    types = {"urgent": {"boolean": 995, "integer": 5}}
    (found,) = TypeChange().measure(subject(rows(1000), types=types))
    assert found.details["share"] == 0.005
    assert not found.broken


def test_dates_that_are_none_are_found(subject: Any):
    dates = pl.DataFrame({"start": pl.date_range(pl.date(2025, 1, 1), pl.date(2025, 4, 10), eager=True)})
    features = pl.DataFrame({"start": ["2025-05-01"] * 50 + ["soon"] * 50})
    (found,) = TypeChange().measure(subject(features, reference=dates.head(100)))
    assert (found.column, found.details["unreadable_rows"]) == ("start", 50)


def test_settings_refuse_what_is_no_share():
    with pytest.raises(InvalidInputError, match="between 0 and 1, found 2"):
        TypeChange(max_share=2)
