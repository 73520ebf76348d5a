from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.core.records.monitor import Severity
from millwright.monitoring.quality.schema_change import SchemaChange


def test_a_column_without_a_value_has_vanished(rows: Any, subject: Any):
    empty = rows(100).with_columns(pl.lit(None).alias("cost")).drop("phase")
    found = {measure.column: measure for measure in SchemaChange().measure(subject(empty))}
    assert set(found) == {"cost", "phase"}
    assert all(measure.broken and measure.what == "vanished" for measure in found.values())
    assert found["cost"].details == {"is_logged": True}
    assert found["phase"].details == {"is_logged": False}


def test_a_column_that_is_mostly_empty_may_be_empty_in_a_small_window(rows: Any, subject: Any):
    reference = rows(2000, seed=1).with_columns(cost=pl.when(pl.int_range(2000) % 50 == 0).then(pl.col("cost")))
    (found,) = SchemaChange().measure(subject(rows(60).drop("cost"), reference=reference))
    assert found.p_value == pytest.approx(0.98**60)
    assert not found.broken
    (found,) = SchemaChange().measure(subject(rows(600).drop("cost"), reference=reference))
    assert found.broken


def test_a_column_that_the_model_does_not_take_has_appeared(rows: Any, subject: Any):
    (found,) = SchemaChange().measure(subject(rows(100).with_columns(borough=pl.lit("Bronx"))))
    assert (found.column, found.what, found.severity, found.broken) == ("borough", "appeared", Severity.INFO, True)


def test_settings_refuse_what_is_no_probability():
    with pytest.raises(InvalidInputError, match="above 0 and below 1"):
        SchemaChange(chance=0)
