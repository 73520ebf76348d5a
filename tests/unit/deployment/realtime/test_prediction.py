from __future__ import annotations

import json
from time import perf_counter

import pytest

from millwright.core.errors import InvalidInputError, PayloadTooLargeError
from millwright.core.ids import id_time
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.prediction import check_count, check_keys, predict


def make_call(serving) -> Call:
    return Call(
        serving.state, serving.slot.current, body=b"{}", headers=[], query=b"", request_id="r", received=perf_counter()
    )


def test_prediction_names_each_row_with_the_time_of_the_clock(serving, row):
    prediction = predict(make_call(serving), [row, row])
    assert len(set(prediction.ids)) == 2
    assert {id_time(identifier) for identifier in prediction.ids} == {serving.clock.now()}


def test_prediction_notes_what_the_log_keeps(serving, row):
    prediction = predict(make_call(serving), [row], keys=["k"])
    ((identifier, model, version, at, features, outputs, latency_ms, request_id, key),) = prediction.entries
    assert (identifier, model, version, at) == (prediction.ids[0], "delay", 1, serving.clock.now())
    assert json.loads(features) == row
    assert json.loads(outputs) == prediction.outputs[0]
    assert 0 < latency_ms < 1_000
    assert (request_id, key) == ("r", "k")


def test_prediction_notes_nothing_when_nothing_is_logged(make_serving, row):
    assert predict(make_call(make_serving(log=False)), [row]).entries == []


def test_no_rows_are_refused():
    with pytest.raises(InvalidInputError, match="at least one row"):
        check_count(0, 10)


def test_too_many_rows_are_refused():
    with pytest.raises(PayloadTooLargeError, match="at most 10 rows in one request, found 11"):
        check_count(11, 10)


def test_keys_become_texts():
    assert check_keys(["a", 7], 2) == ["a", "7"]


@pytest.mark.parametrize("keys", ["a", ["a"], [["a"], "b"], [True, "b"], [1.5, "b"]])
def test_keys_that_are_not_one_text_per_row_are_refused(keys):
    with pytest.raises(InvalidInputError, match="keys"):
        check_keys(keys, 2)
