from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.evaluation.gates.not_worse_than_champion import NotWorseThanChampion


class Blurred:
    """The challenger's answers with noise in the log odds: the more noise, the worse a champion."""

    engine = "formula"

    def __init__(self, model: Any, noise: float) -> None:
        self.signature = model.signature
        self._model, self._noise = model, noise

    def predict_frame(self, frame: pl.DataFrame) -> pl.DataFrame:
        p = self._model.predict(frame)["probability"].to_numpy()
        odds = np.log(p / (1 - p)) + np.random.default_rng(5).normal(0, self._noise, len(p))
        p = 1 / (1 + np.exp(-odds))
        return pl.DataFrame({"prediction": np.where(p > 0.5, "yes", "no"), "probability": p})

    def predict_rows(self, rows: Any) -> Any:
        raise NotImplementedError


def test_champion_gate_stays_silent_when_the_challenger_is_clearly_better(make_subject: Any, binary_model: Any):
    subject = make_subject(champion=Blurred(binary_model, 4.0), champion_ref="delay@1")

    result = NotWorseThanChampion().evaluate(subject)

    assert result.passed
    assert result.applicable
    assert result.limit == -0.02
    assert result.value == pytest.approx(result.details["challenger"] - result.details["champion"])
    assert 0 < result.details["low"] < result.value < result.details["high"]
    assert "of delay@1 on the same 400 test rows" in result.reason
    assert "with 95 % confidence better by at least" in result.reason


def test_champion_gate_fires_when_the_challenger_is_clearly_worse(make_subject: Any, binary_model: Any):
    subject = make_subject(challenger=Blurred(binary_model, 4.0), champion=binary_model)

    result = NotWorseThanChampion().evaluate(subject)

    assert not result.passed
    assert result.value is not None
    assert result.value < 0
    assert "with 95 % confidence worse by at least" in result.reason


def test_champion_gate_fires_when_too_few_rows_leave_the_loss_open(
    make_subject: Any, binary_model: Any, binary_test: pl.DataFrame
):
    subject = make_subject(test=binary_test.head(40), champion=Blurred(binary_model, 1.0))

    result = NotWorseThanChampion(metric="accuracy").evaluate(subject)

    assert not result.passed
    assert "It could be worse by" in result.reason
    assert "More test rows could prove it good enough" in result.reason


def test_champion_gate_is_not_applicable_without_a_champion(make_subject: Any):
    result = NotWorseThanChampion().evaluate(make_subject())

    assert result.passed
    assert not result.applicable
    assert "no champion yet" in result.reason


def test_champion_gate_passes_the_same_package_and_says_so(make_subject: Any, binary_model: Any):
    subject = make_subject(
        champion=Blurred(binary_model, 0.0), champion_ref="delay@1", challenger_package="abc", champion_package="abc"
    )

    result = NotWorseThanChampion().evaluate(subject)

    assert result.passed
    assert "the same model as delay@1, byte for byte" in result.reason


def test_champion_gate_passes_the_same_answers_and_says_so(make_subject: Any, binary_model: Any):
    result = NotWorseThanChampion().evaluate(make_subject(champion=binary_model))

    assert result.passed
    assert "the same answers as the champion on all test rows" in result.reason


def test_champion_gate_asks_for_a_proven_gain_when_the_margin_is_zero(make_subject: Any, binary_model: Any):
    close = make_subject(champion=Blurred(binary_model, 0.05))
    far = make_subject(champion=Blurred(binary_model, 4.0))

    assert not NotWorseThanChampion(margin=0.0).evaluate(close).passed
    assert NotWorseThanChampion(margin=0.0).evaluate(far).passed


def test_champion_gate_takes_a_share_of_the_champions_value_as_margin_for_unbounded_metrics(
    make_subject: Any, binary_model: Any
):
    result = NotWorseThanChampion(metric="log_loss").evaluate(make_subject(champion=Blurred(binary_model, 1.0)))

    assert result.limit == pytest.approx(-0.05 * result.details["champion"])


def test_champion_gate_gives_the_same_result_for_the_same_seed(make_subject: Any, binary_model: Any):
    subject = make_subject(champion=Blurred(binary_model, 1.0))
    gate = NotWorseThanChampion(draws=200)

    assert gate.evaluate(subject) == gate.evaluate(subject)
    assert gate.evaluate(subject) != gate.evaluate(replace(subject, seed=1))


def test_champion_gate_leaves_out_rows_without_a_label(make_subject: Any, binary_model: Any, binary_test: pl.DataFrame):
    unlabelled = binary_test.head(10).with_columns(late=pl.lit(None, dtype=pl.String))
    subject = make_subject(test=pl.concat([binary_test, unlabelled]), champion=Blurred(binary_model, 1.0))

    assert NotWorseThanChampion(draws=100).evaluate(subject).details["rows"] == 400


def test_champion_gate_says_when_the_champion_cannot_answer(make_subject: Any, binary_model: Any):
    subject = make_subject(test=make_subject().test.drop("signal"), champion=binary_model, champion_ref="delay@1")
    challenger = Blurred(binary_model, 0.0)
    challenger.predict_frame = lambda frame: pl.DataFrame(  # type: ignore[method-assign]
        {"prediction": ["no"] * frame.height, "probability": [0.1] * frame.height}
    )

    with pytest.raises(ValueError, match="delay@1 cannot answer the test rows"):
        NotWorseThanChampion().evaluate(replace(subject, challenger=challenger))


def test_champion_gate_cannot_be_evaluated_where_the_metric_is_undefined(
    make_subject: Any, binary_model: Any, binary_test: pl.DataFrame
):
    only_late = binary_test.filter(pl.col("late") == "yes")

    with pytest.raises(ValueError, match="ROC AUC is undefined"):
        NotWorseThanChampion().evaluate(make_subject(test=only_late, champion=Blurred(binary_model, 1.0)))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"margin": -0.1}, "margin of 0 or more"),
        ({"confidence": 1.0}, "confidence from 0.5"),
        ({"confidence": 0.2}, "confidence from 0.5"),
        ({"draws": 10}, "at least 100 draws"),
    ],
)
def test_champion_gate_refuses_settings_that_make_no_sense(settings: dict[str, Any], message: str):
    with pytest.raises(ValueError, match=message):
        NotWorseThanChampion(**settings)
