from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sklearn.metrics import accuracy_score, mean_absolute_error

from millwright.automation.online.prequential import Prequential
from millwright.automation.online.stream import Position
from millwright.core.errors import InvalidInputError
from millwright.models.signature import Signature
from millwright.models.task import Task

ROWS = pl.DataFrame({"rain": [1.0, 2.0]})
CLASSES = Signature.infer(ROWS, pl.Series("late", [False, True]), Task.BINARY)
NUMBERS = Signature.infer(ROWS, pl.Series("days", [0.5]), Task.REGRESSION)
START = datetime(2026, 1, 1, tzinfo=UTC)


def at(number: int) -> Position:
    return Position(START + timedelta(seconds=number), "")


def test_value_is_that_of_the_last_labels_only():
    score = Prequential(CLASSES, window=10)
    truths, answers = [n % 3 == 0 for n in range(30)], [n % 2 == 0 for n in range(30)]
    for number, (truth, answer) in enumerate(zip(truths, answers, strict=True)):
        score.add(at(number), {"prediction": answer, "probability": float(answer)}, truth)

    assert score.is_full
    assert score.value() == accuracy_score(truths[-10:], answers[-10:])


@pytest.mark.parametrize(("signature", "truths"), [(CLASSES, [True, False] * 8), (NUMBERS, [0.5, 2.0] * 8)])
def test_window_survives_being_written_and_a_narrower_one_takes_its_newest(signature: Signature, truths: list[object]):
    score = Prequential(signature, window=12)
    for number, truth in enumerate(truths):
        answer = (
            {"prediction": truths[number // 2], "probability": 0.25} if signature is CLASSES else {"prediction": 1.0}
        )
        score.add(at(number), answer, truth)
    told = json.loads(json.dumps(score.to_json()))

    again, narrow = Prequential(signature, window=12), Prequential(signature, window=10)
    again.restore(told)
    narrow.restore(told)

    assert (again.value(), again.turned(), again.rows) == (score.value(), score.turned(), 12)
    assert narrow.to_json() == score.to_json()[2:]


def test_numbers_are_scored_by_their_absolute_error():
    score = Prequential(NUMBERS, window=10)
    for number in range(5):
        score.add(at(number), {"prediction": float(number)}, number * 1.5)

    assert score.value() == pytest.approx(mean_absolute_error([n * 1.5 for n in range(5)], range(5)))
    assert (score.is_worse(2.0, 1.0), score.is_worse(0.5, 1.0), score.is_worse(2.0, None)) == (True, False, False)


def test_place_where_answers_began_to_be_worse_is_found():
    score = Prequential(CLASSES, window=100)
    for number in range(100):
        right = number < 70 and number % 10 != 0
        score.add(at(number), {"prediction": right, "probability": 0.9 if right else 0.1}, truth=True)

    turned = score.turned()

    assert turned is not None
    assert abs((turned.recorded_at - START).total_seconds() - 69) <= 1


def test_without_labels_there_is_no_value():
    score = Prequential(CLASSES, window=10)

    assert (score.value(), score.turned(), score.is_full, score.rows) == (None, None, False, 0)


def test_metric_of_another_task_is_refused():
    with pytest.raises(InvalidInputError, match="'accuracy' is not one of a regression task"):
        Prequential(NUMBERS, window=10, metric="accuracy")
