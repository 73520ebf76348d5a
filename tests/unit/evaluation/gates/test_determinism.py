from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.evaluation.gates.determinism import Determinism


class Fickle:
    """Answers the first row otherwise each time, or one row fewer."""

    engine = "formula"

    def __init__(self, model: Any, *, drops: bool = False) -> None:
        self.signature, self._model, self._calls, self._drops = model.signature, model, 0, drops

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        self._calls += 1
        if self._drops:
            return self._model.predict(frame)[self._calls - 1 :]
        first = pl.int_range(pl.len()) == 0
        moved = pl.when(first).then(0.001 * self._calls).otherwise("probability").alias("probability")
        return self._model.predict(frame).with_columns(moved)


def test_determinism_fires_when_a_row_gets_another_answer(make_subject: Any, binary_model: Any):
    result = Determinism(rows=100).evaluate(make_subject(challenger=Fickle(binary_model)))

    assert not result.passed
    assert (result.value, result.limit) == (1.0, 0.0)
    assert result.reason == "1 row of 100 got another answer when asked again."


def test_determinism_fires_when_answers_are_missing_the_second_time(make_subject: Any, binary_model: Any):
    assert not Determinism().evaluate(make_subject(challenger=Fickle(binary_model, drops=True))).passed


def test_determinism_stays_silent_when_answers_are_equal(make_subject: Any):
    result = Determinism().evaluate(make_subject())

    assert result.passed
    assert result.reason == "400 rows, asked twice, got the same answers."


def test_determinism_cannot_be_evaluated_without_rows(make_subject: Any, binary_test: pl.DataFrame):
    with pytest.raises(ValueError, match="no test row"):
        Determinism().evaluate(make_subject(test=binary_test.clear()))


def test_determinism_refuses_to_ask_nothing():
    with pytest.raises(ValueError, match="at least 1 row"):
        Determinism(rows=0)
