from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.contracts.context import ValidationContext


def test_moment_is_the_given_one_or_the_present() -> None:
    given = datetime(2026, 1, 1, tzinfo=UTC)
    assert ValidationContext(now=given).moment == given
    assert (datetime.now(tz=UTC) - ValidationContext().moment).total_seconds() < 60


def test_other_datasets_are_looked_up_or_asked_for() -> None:
    rows = pl.LazyFrame({"a": [1]})
    assert ValidationContext(resolve=lambda _: rows).rows_of("other@2", needed_by="x") is rows
    with pytest.raises(InvalidInputError, match=r"looks into the dataset 'other@2' \(x\), and no datasets were given"):
        ValidationContext().rows_of("other@2", needed_by="x")
