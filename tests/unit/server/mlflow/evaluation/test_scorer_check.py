from __future__ import annotations

import json
from typing import Any

import pytest

from millwright.server.mlflow.evaluation.scorer_check import check_model, parse_scorer
from millwright.server.mlflow.failure import WireError

JUDGE = "instructions_judge_pydantic_data"


def check(scorer: Any) -> None:
    check_model(parse_scorer(json.dumps(scorer)))


@pytest.mark.parametrize(
    "scorer",
    [
        {},
        {"call_source": None, JUDGE: None},
        {JUDGE: {"model": "openai:/gpt-4"}},
        {JUDGE: {"instructions": "no model"}},
        {"third_party_scorer_data": {"kwargs": {"threshold": ["low", 5]}, "model": "openai:/x"}},
        {"third_party_scorer_data": {"kwargs": None}},
        {"memory_augmented_judge_data": {"base_judge": {JUDGE: {"model": "openai:/x"}}}},
        {"memory_augmented_judge_data": {"base_judge": "text"}},
        {"api_base": "not among options"},
    ],
    ids=str,
)
def test_scorer_without_code_and_addresses_is_kept(scorer: dict[str, Any]) -> None:
    check(scorer)


@pytest.mark.parametrize(
    ("scorer", "message"),
    [
        ([1], "must be a JSON object, found list"),
        (None, "must be a JSON object, found NoneType"),
        ({"call_source": ""}, "Custom scorer registration"),
        ({"ensemble_scorer_data": {"scorers": [{}, {"call_source": "x"}]}}, "Custom scorer registration"),
        ({"third_party_scorer_data": {"kwargs": [1]}}, "kwargs must be a JSON object, got list"),
        ({"third_party_scorer_data": {"kwargs": {"x": {"api_base": 1}}}}, "must not contain 'api_base'"),
        ({"third_party_scorer_data": {"kwargs": {"x": [["fallbacks", 1]]}}}, "must not contain 'fallbacks'"),
        (
            {"a": [{"third_party_scorer_data": {"kwargs": {"model_list": 1, "base_url": 1}}}]},
            "must not contain 'base_url', 'model_list'",
        ),
        ({JUDGE: {"model": ""}}, "Scorer model cannot be empty"),
        ({JUDGE: {"model": 5}}, "Scorer model must be a string, got int"),
        ({"third_party_scorer_data": {"model": 5}}, "Scorer model must be a string, got int"),
        ({"memory_augmented_judge_data": {"base_judge": {JUDGE: {"model": " "}}}}, "Scorer model cannot be empty"),
    ],
    ids=str,
)
def test_scorer_that_is_not_kept_is_refused(scorer: Any, message: str) -> None:
    with pytest.raises(WireError) as refused:
        check(scorer)
    assert refused.value.code == "INVALID_PARAMETER_VALUE"
    assert message in refused.value.message


def test_endpoint_of_a_gateway_is_not_found() -> None:
    with pytest.raises(WireError) as refused:
        check({JUDGE: {"model": "gateway:/chat"}})
    assert refused.value.status == 404
    assert refused.value.message.startswith("GatewayEndpoint not found (name='chat')")


@pytest.mark.parametrize("text", ["", "nope", "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(WireError, match="serialized_scorer must be valid JSON"):
        parse_scorer(text)


def test_deep_scorer_is_walked_without_a_stack() -> None:
    deep: Any = {"call_source": "x"}
    for _ in range(300):
        deep = {"a": [deep]}
    with pytest.raises(WireError, match="Custom scorer"):
        parse_scorer(json.dumps(deep))
