from __future__ import annotations

import json
from datetime import date

import polars as pl

from millwright.models.example import json_rows
from millwright.models.signature import Signature
from millwright.models.task import Task


def test_example_rows_are_json_that_the_signature_accepts(frame: pl.DataFrame, signature: Signature) -> None:
    rows = json.loads(json.dumps(json_rows(frame, signature), allow_nan=False))

    assert signature.check_rows(rows) == []
    assert len(rows) == frame.height


def test_example_rows_turn_dates_to_text_and_infinities_to_null() -> None:
    frame = pl.DataFrame({"n": [float("inf"), 1.0], "d": [date(2026, 1, 2), None], "i": [1, 2]})
    signature = Signature.infer(frame, pl.Series("y", [1.0, 2.0]), Task.REGRESSION)

    assert json_rows(frame, signature) == (
        {"n": None, "d": "2026-01-02T00:00:00", "i": 1},
        {"n": 1.0, "d": None, "i": 2},
    )
