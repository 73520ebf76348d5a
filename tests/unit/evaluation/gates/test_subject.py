from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl


def test_inputs_are_the_test_rows_without_the_target(make_subject: Any):
    subject = make_subject()

    assert subject.inputs().columns == ["signal", "noise", "borough"]
    assert subject.inputs(7).height == 7


def test_example_rows_are_the_first_test_rows_as_json_values(make_subject: Any, binary_test: pl.DataFrame):
    odd = binary_test.with_columns(
        signal=pl.lit(float("nan")),
        noise=pl.lit(date(2025, 1, 31)),
        borough=pl.lit(datetime(2025, 1, 31, 12, tzinfo=UTC)),
    )

    rows = make_subject(test=odd).example_rows()

    assert len(rows) == 5
    assert rows[0] == {"signal": None, "noise": "2025-01-31", "borough": "2025-01-31T12:00:00+00:00"}


def test_example_rows_are_the_given_examples_when_there_are_any(make_subject: Any):
    assert make_subject(examples=({"signal": 1.0},)).example_rows() == [{"signal": 1.0}]
