from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import pytest

from millwright.core.errors import InvalidInputError, MillwrightError
from millwright.core.ids import id_time
from millwright.deployment.realtime.answer import json_answer
from millwright.deployment.realtime.arm import Arm, LineUp
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.contract import Ask, Contract
from millwright.deployment.realtime.inference import InferencePath
from millwright.deployment.realtime.log_record import unpacked
from millwright.deployment.realtime.served_model import ServedModel


def make_call(serving, body: bytes = b"{}") -> Call:
    slot = serving.slot
    return Call(
        serving.state,
        slot,
        slot.lineup.primary,
        body=body,
        headers=[],
        query=b"",
        request_id="r",
    )


def told(call, ask, prediction):
    return json_answer([ask.shape, prediction.outputs], prediction=prediction)


def ask_for(*rows: Any, **about: Any) -> Contract:
    return Contract(lambda _: Ask(list(rows), **about), told)


def answer(serving, handler, body: bytes = b"{}"):
    return asyncio.run(InferencePath(serving.state).answer(handler, make_call(serving, body)))


class Doubling:
    """Doubles the days of each row."""

    asked = ()

    def rows(self, rows):
        return [{**row, "days": row["days"] * 2} for row in rows]


class Waiting:
    """A batcher that predicts with the model at once."""

    def __init__(self, predictor) -> None:
        self.predictor = predictor
        self.batches: list[int] = []

    def submit(self, rows):
        self.batches.append(len(rows))
        done: Future[Any] = Future()
        done.set_result(self.predictor.predict_rows(rows))
        return done

    def close(self) -> None:
        """Nothing waits."""


def logged(prediction) -> list[Any]:
    return [row for record in prediction.logged.records for row in unpacked(record, 1)]


def test_what_was_read_is_predicted_and_written(serving, row):
    found = answer(serving, ask_for(row, row, keys=["a", "b"], shape="s"))
    assert found.prediction.outputs == serving.slot.current.predictor.predict_rows([row, row])
    assert [row[4] for row in logged(found.prediction)] == ["a", "b"]
    assert found.body.startswith(b'["s",[{')


def test_rows_are_checked_unless_they_were(serving, row):
    bad = {**row, "nobody": 1}
    with pytest.raises(InvalidInputError, match="nobody"):
        answer(serving, ask_for(bad))
    # What the contract has checked is not looked at again.
    assert answer(serving, ask_for(bad, is_checked=True)).status == 200


def test_prediction_names_each_row_with_the_time_of_the_clock(serving, row):
    prediction = answer(serving, ask_for(row, row)).prediction
    assert len(set(prediction.ids)) == 2
    assert {id_time(identifier) for identifier in prediction.ids} == {serving.clock.now()}


def test_prediction_notes_what_the_log_keeps(serving, row):
    prediction = answer(serving, ask_for(row, keys=["k"])).prediction
    source = prediction.logged.source
    ((identifier, at_s, seconds, request_id, key, features, outputs),) = logged(prediction)
    assert (source.endpoint, source.model, source.version) == ("site", "delay", 1)
    assert (identifier, at_s) == (prediction.ids[0], serving.clock.now().timestamp())
    assert features == list(row.values())
    assert outputs == prediction.outputs[0]
    assert 0 < seconds < 1
    assert (request_id, key) == ("r", "k")


def test_prediction_notes_nothing_when_nothing_is_logged(make_serving, row):
    serving = make_serving(log=False)
    assert answer(serving, ask_for(row)).prediction.logged is None


@pytest.mark.parametrize("size", [2, 40_000])
def test_handler_that_predicts_nothing_is_asked_as_it_is(serving, size):
    assert answer(serving, lambda call: json_answer(len(call.body)), b" " * size).body == str(size).encode()


def test_bug_is_told_in_the_log_and_not_to_the_caller(serving, caplog):
    def broken(_) -> None:
        raise ZeroDivisionError("secret")

    with pytest.raises(MillwrightError, match="failed to answer") as caught:
        answer(serving, broken)
    assert "secret" not in str(caught.value.as_dict())
    assert "secret" in caplog.text


@pytest.mark.parametrize("is_batched", [False, True])
def test_features_are_added_before_the_check(serving, row, is_batched):
    plain = serving.slot.current
    batcher = Waiting(plain.predictor) if is_batched else None
    serving.slot.replace(ServedModel(plain.record, plain.predictor, enrichment=Doubling(), batcher=batcher))
    found = answer(serving, ask_for(row)).prediction
    assert logged(found)[0][5][0] == row["days"] * 2
    if batcher is not None:
        assert batcher.batches == [1]


def test_small_requests_are_batched_and_large_ones_are_not(serving, row):
    plain = serving.slot.current
    batcher = Waiting(plain.predictor)
    serving.slot.replace(ServedModel(plain.record, plain.predictor, batcher=batcher))
    expected = plain.predictor.predict_rows([row])
    assert answer(serving, ask_for(row)).prediction.outputs == expected
    assert answer(serving, ask_for(row), b" " * 40_000).prediction.outputs == expected
    assert batcher.batches == [1]


def test_mirror_is_shown_what_was_answered(serving, row):
    shown = []

    class Mirror:
        def offer(self, arm, request_id, rows, prediction) -> None:
            shown.append((arm.name, request_id, list(rows), prediction.outputs))

    serving.slot.lineup = LineUp(Arm(serving.slot.current), mirror=Mirror())
    found = answer(serving, ask_for(row))
    assert shown == [("primary", "r", [row], found.prediction.outputs)]
