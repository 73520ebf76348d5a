"""What other conventions say, in MLflow's attributes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from millwright.server.mlflow.traces.span_convention import complete, dump, load, numbers


def _complete(**attributes: Any) -> dict[str, Any]:
    held = {key.replace("__", "."): dump(value) for key, value in attributes.items()}
    before = set(held)
    complete(held)
    return {key: load(value) for key, value in held.items() if key not in before or key.startswith("mlflow.")}


def test_semantic_conventions_are_understood() -> None:
    assert _complete(
        gen_ai__operation__name="chat",
        gen_ai__request__model="asked",
        gen_ai__response__model="answered",
        gen_ai__provider__name="openai",
        gen_ai__usage__input_tokens=3,
        gen_ai__usage__output_tokens="4",
        **{"gen_ai.usage.cache_creation.input_tokens": 1, "gen_ai.input.messages": [{"role": "user", "content": "x"}]},
    ) == {
        "mlflow.spanType": "CHAT_MODEL",
        "mlflow.llm.model": "answered",
        "mlflow.llm.provider": "openai",
        "mlflow.spanInputs": [{"role": "user", "content": "x"}],
        "mlflow.chat.tokenUsage": {
            "input_tokens": 3,
            "output_tokens": 4,
            "total_tokens": 7,
            "cache_creation_input_tokens": 1,
        },
    }


def test_open_inference_comes_first() -> None:
    found = _complete(
        openinference__span__kind="RETRIEVER",
        llm__model_name="m",
        input__value="{}",
        output__value="out",
        llm__token_count__total=9,
        gen_ai__usage__input_tokens=3,
    )
    assert found == {
        "mlflow.spanType": "RETRIEVER",
        "mlflow.llm.model": "m",
        "mlflow.spanOutputs": "out",
        "mlflow.chat.tokenUsage": {"total_tokens": 9},
    }


def test_own_attributes_stay_and_an_unknown_type_does_not() -> None:
    found = _complete(mlflow__spanType="UNKNOWN", mlflow__spanInputs={"model": "inside"}, traceloop__span__kind="tool")
    assert found == {"mlflow.spanType": "TOOL", "mlflow.spanInputs": {"model": "inside"}, "mlflow.llm.model": "inside"}
    assert _complete(mlflow__spanType="MINE", traceloop__span__kind="tool") == {"mlflow.spanType": "MINE"}


@pytest.mark.parametrize("odd", [None, "", [], {}, True, "-", "9" * 400, 1.5, [[]], "\ud800"])
def test_odd_values_are_passed_over(odd: Any) -> None:
    names = ("gen_ai.operation.name", "gen_ai.usage.input_tokens", "openinference.span.kind", "mlflow.spanType")
    held = dict.fromkeys(names, json.dumps(odd))
    complete(held)
    assert "mlflow.chat.tokenUsage" not in held


def test_text_that_is_json_is_not_written_twice() -> None:
    assert dump('{"a": 1}') == '{"a": 1}'
    assert [dump("1"), dump("{no"), dump("ü"), dump(None)] == ['"1"', '"{no"', '"ü"', "null"]
    assert load("no json") == "no json"


def test_only_finite_numbers_are_numbers() -> None:
    text = '{"a": 1, "b": 0.5, "c": true, "d": NaN, "e": Infinity, "f": "1", "g": 1e301, "h": null}'
    assert numbers(text) == {"a": 1, "b": 0.5}
    assert numbers("[]") == numbers(None) == numbers("{") == {}
