from __future__ import annotations

from time import perf_counter

import pytest

from millwright.core.errors import InvalidInputError
from millwright.deployment.realtime.answer import json_answer
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.contract import Ask, Contract


def make_call(serving) -> Call:
    return Call(
        serving.state, serving.slot.current, body=b"{}", headers=[], query=b"", request_id="r", received=perf_counter()
    )


def told(call, ask, prediction):
    return json_answer([ask.shape, prediction.outputs], prediction=prediction)


def test_what_was_read_is_predicted_and_written(serving, row):
    contract = Contract(lambda _: Ask([row, row], keys=["a", "b"], shape="s"), told)
    answer = contract(make_call(serving))
    assert answer.prediction.outputs == serving.slot.current.predictor.predict_rows([row, row])
    assert [entry[-1] for entry in answer.prediction.entries] == ["a", "b"]
    assert answer.body.startswith(b'["s",[{')


def test_rows_are_checked_unless_they_were(serving, row):
    bad = {**row, "nobody": 1}
    with pytest.raises(InvalidInputError, match="nobody"):
        Contract(lambda _: Ask([bad]), told)(make_call(serving))
    # What the contract has checked is not looked at again.
    assert Contract(lambda _: Ask([bad], is_checked=True), told)(make_call(serving)).status == 200
