from __future__ import annotations

from typing import Any

import pytest

from millwright.core.errors import InvalidInputError
from millwright.evaluation.gates.slice_floor import SliceFloor
from millwright.evaluation.gates.spec import GateSpec, build_gate
from millwright.evaluation.gates.threshold import Threshold


def test_build_gate_makes_the_gate_with_its_settings():
    spec = GateSpec(gate="threshold", params={"metric": "roc_auc", "min": 1})

    assert build_gate(spec) == Threshold(metric="roc_auc", min=1.0)


def test_build_gate_turns_lists_into_tuples():
    spec = GateSpec(gate="slice_floor", params={"metric": "f1", "min": 0.1, "columns": ["a"]})

    assert build_gate(spec) == SliceFloor(metric="f1", min=0.1, columns=("a",))


@pytest.mark.parametrize(
    ("gate", "params", "message"),
    [
        ("treshold", {}, "no gate 'treshold'. Did you mean 'threshold'"),
        ("threshold", {"metric": "f1", "mim": 1}, "'threshold' has no setting 'mim'. Did you mean 'min'"),
        ("signature", {"strict": True}, "'signature' has no setting 'strict'. It has no settings."),
        ("threshold", {"min": 1}, "cannot be set up: missing setting `metric`. For example: metric: recall"),
        ("threshold", {"metric": "f1", "min": "high"}, "Expected `float | null`, got `str` in `min`"),
        ("threshold", {"metric": "f1"}, "expected `min` or `max`, found neither"),
        ("threshold", {"metric": "acuracy", "min": 1}, "no metric 'acuracy'. Did you mean 'accuracy'"),
        ("slice_floor", {"metric": "f1", "min": 1, "columns": "a"}, "Expected `array`, got `str` in `columns`"),
    ],
)
def test_build_gate_says_what_is_wrong(gate: str, params: dict[str, Any], message: str):
    with pytest.raises(InvalidInputError) as caught:
        build_gate(GateSpec(gate=gate, params=params))

    assert message in str(caught.value)
