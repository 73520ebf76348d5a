from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError, PayloadTooLargeError
from millwright.deployment.realtime.prediction import Prediction, check_count, check_keys


def test_prediction_has_nothing_to_log_at_first(make_served):
    prediction = Prediction(make_served(2), [{"prediction": "no"}], ["i"])
    assert (prediction.served.version, prediction.ids, prediction.logged) == (2, ["i"], None)


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
