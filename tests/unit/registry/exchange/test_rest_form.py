from __future__ import annotations

import math

import pytest

from millwright.core.errors import InvalidInputError
from millwright.registry.exchange.content import Point
from millwright.registry.exchange.rest_form import (
    experiment_of,
    input_body,
    input_of,
    model_of,
    point_body,
    point_of,
    run_of,
    version_of,
)


@pytest.mark.parametrize("value", [0.1, -0.0, math.nan, math.inf, -math.inf, 5e-324])
def test_point_is_the_same_after_a_way_over_the_wire(value):
    back = point_of(point_body(Point("a", value, 5, -3)))
    assert (back.key, back.timestamp_ms, back.step) == ("a", 5, -3)
    assert repr(back.value) == repr(value)


def test_value_that_is_no_number_is_refused():
    with pytest.raises(InvalidInputError, match="Expected a number"):
        point_of({"key": "a", "value": "many"})


def test_absent_fields_have_their_defaults():
    run = run_of({"info": {"run_id": "a", "experiment_id": 1}})
    assert (run.experiment_id, run.name, run.end_ms, run.params, run.inputs) == ("1", "", None, {}, ())
    assert experiment_of({"experiment_id": "1", "name": "x", "creation_time": "5"}).updated_ms == 5
    assert model_of({"name": "m", "aliases": [{"alias": "a", "version": "2"}]}).aliases == {"a": 2}
    assert version_of({"name": "m", "version": "2", "tags": [{"key": "k"}]}).tags == {"k": ""}


def test_input_is_the_same_after_a_way_over_the_wire():
    dataset = {"name": "d", "digest": "1", "source_type": "local", "source": "{}", "profile": "{}"}
    shown = {"dataset": dataset, "tags": [{"key": "k", "value": "v"}]}
    assert input_body(input_of(shown)) == shown
