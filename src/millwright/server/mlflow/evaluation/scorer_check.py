"""Scorers as MLflow's clients serialize them, and which of them a server refuses to hand on.

Nothing is run here, but whoever fetches a scorer may run it: no code is kept, and no address that a library would send
its questions to.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from millwright.server.mlflow.failure import invalid, not_there

if TYPE_CHECKING:
    from collections.abc import Iterator

_GATEWAY = "gateway:/"
# Options of client libraries that say where questions are sent.
_DESTINATIONS = {"api_base", "base_url", "model_list", "fallbacks", "custom_llm_provider"}
_WITH_MODEL = ("instructions_judge_pydantic_data", "builtin_scorer_pydantic_data")


def parse_scorer(serialized: str) -> dict[str, Any]:
    """A scorer's fields.

    Raises:
        WireError: It is no JSON object, or one that is not kept here.
    """
    try:
        scorer = json.loads(serialized)
    except (ValueError, RecursionError) as error:
        raise invalid("serialized_scorer must be valid JSON") from error
    if not isinstance(scorer, dict):
        raise invalid(f"serialized_scorer must be a JSON object, found {type(scorer).__name__}.")
    for part in _parts(scorer):
        if not isinstance(part, dict):
            continue
        if part.get("call_source") is not None:
            raise invalid(
                "Custom scorer registration (using @scorer decorator) is not supported: whoever fetched such a scorer "
                "would run its code. Keep it in a source code repository and import it, or register a built-in "
                "scorer or one of make_judge()."
            )
        if isinstance(part.get("third_party_scorer_data"), dict):
            _check_third_party(part["third_party_scorer_data"])
    return scorer


def check_model(scorer: dict[str, Any]) -> None:
    """Refuse a judge's model that cannot be one.

    Raises:
        WireError: It is empty or no text, or an endpoint of a gateway, which this server does not have.
    """
    model = _model(scorer)
    if model is None:
        return
    if not isinstance(model, str):
        raise invalid(f"Scorer model must be a string, got {type(model).__name__}.")
    if not model.strip():
        raise invalid("Scorer model cannot be empty or contain only whitespace.")
    if model.startswith(_GATEWAY):
        raise not_there(
            f"GatewayEndpoint not found (name='{model.removeprefix(_GATEWAY).lstrip('/')}'): this server has no "
            "gateway. Name the model's provider, as in openai:/gpt-4o."
        )


def _check_third_party(data: dict[str, Any]) -> None:
    options = data.get("kwargs")
    if options is not None and not isinstance(options, dict):
        raise invalid(f"third_party_scorer_data.kwargs must be a JSON object, got {type(options).__name__}.")
    found = sorted({name for part in _parts(options) for name in _names(part) if name in _DESTINATIONS})
    if found:
        raise invalid(
            f"third_party_scorer_data.kwargs must not contain {', '.join(map(repr, found))}: these options choose "
            "where the scorer sends its questions. Set them in the environment of whoever runs it."
        )


def _model(scorer: Any) -> Any:
    while isinstance(scorer, dict):
        for name in _WITH_MODEL:
            if isinstance(scorer.get(name), dict) and scorer[name]:
                return scorer[name].get("model")
        memory = scorer.get("memory_augmented_judge_data")
        if not isinstance(memory, dict) or not memory:
            third = scorer.get("third_party_scorer_data")
            return third.get("model") if isinstance(third, dict) else None
        scorer = memory.get("base_judge")
    return None


def _names(part: Any) -> list[Any]:
    """Names of options: keys, and what stands first in pairs, which may become keys."""
    if isinstance(part, dict):
        return list(part)
    is_pair = isinstance(part, list) and len(part) == 2 and isinstance(part[0], str)
    return [part[0]] if is_pair else []


def _parts(value: Any) -> Iterator[Any]:
    """Every object and list inside of a JSON value, and itself."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict | list):
            yield part
            waiting.extend(part.values() if isinstance(part, dict) else part)
