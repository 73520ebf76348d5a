from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.evaluation.gates.signature import CompleteSignature


class Answering:
    """Declares one signature and answers with fixed rows."""

    engine = "formula"

    def __init__(self, signature: Any, answer: Any) -> None:
        self.signature, self._answer = signature, answer

    def predict_rows(self, rows: Any) -> Any:
        return [self._answer] * len(rows)


def judge(make_subject: Any, **changes: Any) -> Any:
    return CompleteSignature().evaluate(make_subject(**changes))


def test_signature_gate_stays_silent_when_the_model_keeps_to_its_signature(make_subject: Any):
    result = judge(make_subject)

    assert result.passed
    assert result.reason == (
        "3 inputs and 2 outputs are declared, and 5 example rows got exactly the declared outputs."
    )


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_signature_gate_stays_silent_for_every_task(make_subject: Any, request: pytest.FixtureRequest, task: str):
    model, test = request.getfixturevalue(f"{task}_model"), request.getfixturevalue(f"{task}_test")

    assert judge(make_subject, challenger=model, test=test).passed


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"inputs": ()}, "declares no input column"),
        ({"classes": ("no",)}, "two classes or more, the signature declares 1"),
        ({"outputs": ()}, "Expected the output columns prediction, probability, the signature declares none"),
        ({"target": "noise"}, "The target 'noise' is one of the declared inputs"),
    ],
)
def test_signature_gate_fires_when_the_declaration_is_incomplete(
    make_subject: Any, binary_model: Any, changes: dict[str, Any], problem: str
):
    result = judge(make_subject, challenger=Answering(replace(binary_model.signature, **changes), {}))

    assert not result.passed
    assert problem in result.reason


def test_signature_gate_fires_when_a_column_is_declared_twice(make_subject: Any, binary_model: Any):
    signature = binary_model.signature
    twice = replace(signature, inputs=(*signature.inputs, signature.inputs[0]))

    assert "input column twice" in judge(make_subject, challenger=Answering(twice, {})).reason


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"prediction": "yes"}, "Expected an answer with prediction, probability, the model gave prediction"),
        ({"prediction": "perhaps", "probability": 0.5}, "cannot be right"),
        ({"prediction": "yes", "probability": 1.5}, "cannot be right"),
        ({"prediction": "yes", "probability": None}, "cannot be right"),
    ],
)
def test_signature_gate_fires_when_the_answers_differ_from_the_declaration(
    make_subject: Any, binary_model: Any, answer: dict[str, Any], problem: str
):
    result = judge(make_subject, challenger=Answering(binary_model.signature, answer))

    assert not result.passed
    assert problem in result.reason
    assert "(and 2 more)" in result.reason


def test_signature_gate_fires_when_probabilities_do_not_add_up(
    make_subject: Any, multiclass_model: Any, multiclass_test: Any
):
    answer = {"prediction": "a", "probability_a": 0.9, "probability_b": 0.9, "probability_c": 0.9}

    result = judge(make_subject, challenger=Answering(multiclass_model.signature, answer), test=multiclass_test)

    assert not result.passed


def test_signature_gate_fires_when_a_number_is_not_finite(
    make_subject: Any, regression_model: Any, regression_test: Any
):
    answering = Answering(regression_model.signature, {"prediction": float("nan")})

    assert not judge(make_subject, challenger=answering, test=regression_test).passed


def test_signature_gate_fires_when_answers_are_missing(make_subject: Any, binary_model: Any):
    class Silent(Answering):
        def predict_rows(self, _: Any) -> Any:
            return []

    assert (
        "Expected 5 answers, the model gave 0"
        in judge(make_subject, challenger=Silent(binary_model.signature, {})).reason
    )


def test_signature_gate_fires_when_an_example_does_not_fit(make_subject: Any):
    result = judge(make_subject, examples=({"signal": "high", "noise": 1.0, "borough": "X"},))

    assert "An example row does not fit the signature: column 'signal'" in result.reason


def test_signature_gate_fires_when_there_is_no_row_to_ask_with(make_subject: Any, binary_test: Any):
    assert "no example row" in judge(make_subject, test=binary_test.clear()).reason
