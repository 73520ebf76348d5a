from __future__ import annotations

from datetime import date

import polars as pl

from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.monitored_column import (
    input_frame,
    input_table,
    monitored_columns,
    output_frame,
    output_table,
)
from millwright.monitoring.statistics import ColumnKind

FRAME = pl.DataFrame(
    {
        "days": [1.5, None],
        "count": [1, 2],
        "urgent": [True, None],
        "phase": ["a", "b"],
        "start": [date(2025, 1, 1), None],
        "late": [0, 1],
    }
)
SIGNATURE = Signature.infer(FRAME.drop("late"), FRAME["late"], Task.BINARY)


def test_monitored_columns_have_the_kind_of_their_type():
    kinds = {column.name: column.kind for column in monitored_columns(SIGNATURE)}
    assert kinds == {
        "days": ColumnKind.NUMERIC,
        "count": ColumnKind.NUMERIC,
        "urgent": ColumnKind.CATEGORICAL,
        "phase": ColumnKind.CATEGORICAL,
        "start": ColumnKind.CATEGORICAL,
        "prediction": ColumnKind.CATEGORICAL,
        "probability": ColumnKind.NUMERIC,
    }


def test_monitored_columns_take_a_predicted_number_for_a_number():
    signature = Signature.infer(FRAME.drop("late"), FRAME["days"].fill_null(0).alias("late"), Task.REGRESSION)
    assert monitored_columns(signature)[-1].kind is ColumnKind.NUMERIC


def test_view_shows_only_whether_a_date_is_there():
    column = next(column for column in monitored_columns(SIGNATURE) if column.name == "start")
    assert column.view(input_frame([{"start": "2025-01-01"}, {"start": None}], SIGNATURE)["start"]).to_list() == [
        "present",
        None,
    ]


def test_view_shows_the_length_of_a_text():
    texts = pl.DataFrame({"note": [f"{'word ' * 20}{number}" for number in range(60)], "late": [0, 1] * 30})
    signature = Signature.infer(texts.drop("late"), texts["late"], Task.BINARY)
    column = monitored_columns(signature)[0]
    assert column.view(pl.Series(["ab", None, ""])).to_list() == [2.0, None, 0.0]


def test_input_frame_turns_what_does_not_fit_into_null():
    rows = [{"days": "x", "count": 2.0, "urgent": True, "phase": 7}, {"days": 3, "extra": 1}]
    frame = input_frame(rows, SIGNATURE)
    assert frame["days"].to_list() == [None, 3.0]
    assert frame["phase"].to_list() == ["7", None]
    assert frame["start"].null_count() == 2


def test_output_frame_holds_classes_as_text():
    frame = output_frame([{"prediction": 1, "probability": 0.75}, {}], SIGNATURE)
    assert frame["prediction"].to_list() == ["1", None]
    assert frame["probability"].to_list() == [0.75, None]


def test_input_table_is_what_input_frame_makes_of_the_same_rows():
    rows = [
        {"days": 1.5, "count": 2, "urgent": True, "phase": "ä", "start": "2025-01-01", "extra": [1]},
        {"days": None, "count": -(2**40), "urgent": None, "phase": None, "start": None, "extra": None},
    ]
    table = input_table(pl.DataFrame(rows), SIGNATURE, rows=2)
    assert table.equals(input_frame(rows, SIGNATURE))
    assert table.schema == input_frame(rows, SIGNATURE).schema


def test_input_table_turns_what_does_not_fit_into_null():
    features = pl.DataFrame({"days": ["x", "2.5"], "count": [[1], [2]], "urgent": ["true", "x"], "phase": [7, None]})
    table = input_table(features, SIGNATURE, rows=2)
    assert table["days"].to_list() == [None, 2.5]
    assert table["count"].to_list() == [None, None]
    assert table["urgent"].to_list() == [True, None]
    assert table["phase"].to_list() == ["7", None]
    assert table["start"].null_count() == 2


def test_tables_of_no_column_have_rows_of_nulls():
    assert input_table(pl.DataFrame(), SIGNATURE, rows=3).null_count().row(0) == (3,) * 5
    assert output_table(pl.DataFrame(), SIGNATURE, rows=3).null_count().row(0) == (3,) * 2


def test_output_table_is_what_output_frame_makes_of_the_same_rows():
    rows = [{"prediction": 1, "probability": 0.75}, {"prediction": 0, "probability": None}]
    table = output_table(pl.DataFrame(rows), SIGNATURE, rows=2)
    assert table.equals(output_frame(rows, SIGNATURE))
    assert table.schema == output_frame(rows, SIGNATURE).schema


def test_a_logged_date_that_is_none_is_missing():
    found = input_table(pl.DataFrame({"start": ["soon", "2026-01-31"]}), SIGNATURE, rows=2)
    assert found["start"].is_null().to_list() == [True, False]
