"""What instrumentations of several conventions say of language models, in the attributes of MLflow.

Conventions: OpenInference, OpenTelemetry's semantic conventions for generative AI, and Traceloop's, in this order.
Attributes are JSON text by name, as MLflow keeps them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

TYPE = "mlflow.spanType"
INPUTS = "mlflow.spanInputs"
OUTPUTS = "mlflow.spanOutputs"
USAGE = "mlflow.chat.tokenUsage"
COST = "mlflow.llm.cost"
MODEL = "mlflow.llm.model"
PROVIDER = "mlflow.llm.provider"
USAGE_KEYS = ("input_tokens", "output_tokens", "total_tokens")
CACHE_KEYS = ("cache_read_input_tokens", "cache_creation_input_tokens", "cache_creation_input_tokens_above_1hr")
COST_KEYS = ("input_cost", "output_cost", "total_cost")
_UNKNOWN = "UNKNOWN"
_HUGE = 1e300  # neither NaN nor infinities are below it


@dataclass(frozen=True, kw_only=True, slots=True)
class Convention:
    """Where a convention keeps what MLflow has attributes for; of several places the first that holds something.

    Attributes:
        kind: The attribute that says what a span does.
        kinds: MLflow's type by that attribute's value.
        usage: Attributes of token counts, by MLflow's key.
    """

    kind: str
    kinds: dict[str, str]
    usage: dict[str, tuple[str, ...]]
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()


_OPEN_INFERENCE = Convention(
    kind="openinference.span.kind",
    kinds={
        name: name
        for name in ("TOOL", "CHAIN", "LLM", "RETRIEVER", "EMBEDDING", "AGENT", "RERANKER", "GUARDRAIL", "EVALUATOR")
    },
    usage={
        "input_tokens": ("llm.token_count.prompt",),
        "output_tokens": ("llm.token_count.completion",),
        "total_tokens": ("llm.token_count.total",),
        "cache_read_input_tokens": ("llm.token_count.prompt_details.cache_read",),
        "cache_creation_input_tokens": ("llm.token_count.prompt_details.cache_write",),
    },
    inputs=("input.value",),
    outputs=("output.value",),
    model=("llm.response.model_name", "llm.model_name", "llm.request.model_name", "embedding.model_name"),
    provider=("llm.provider",),
)
_GENERATIVE = Convention(
    kind="gen_ai.operation.name",
    kinds={
        "chat": "CHAT_MODEL",
        "create_agent": "AGENT",
        "embeddings": "EMBEDDING",
        "execute_tool": "TOOL",
        "generate_content": "LLM",
        "invoke_agent": "AGENT",
        "text_completion": "LLM",
        "response": "LLM",
    },
    usage={
        "input_tokens": ("gen_ai.usage.input_tokens",),
        "output_tokens": ("gen_ai.usage.output_tokens",),
        "cache_read_input_tokens": ("gen_ai.usage.cache_read.input_tokens",),
        "cache_creation_input_tokens": (
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
        ),
    },
    inputs=("gen_ai.input.messages", "gen_ai.tool.call.arguments"),
    outputs=("gen_ai.output.messages", "gen_ai.tool.call.result"),
    model=("gen_ai.response.model", "gen_ai.request.model"),
    provider=("gen_ai.provider.name",),
)
_TRACELOOP = Convention(
    kind="traceloop.span.kind",
    kinds={"workflow": "WORKFLOW", "task": "TASK", "agent": "AGENT", "tool": "TOOL"},
    usage={
        "input_tokens": ("gen_ai.usage.prompt_tokens",),
        "output_tokens": ("gen_ai.usage.completion_tokens",),
        "total_tokens": ("llm.usage.total_tokens",),
    },
    inputs=("traceloop.entity.input", "gen_ai.prompt.0.content"),
    outputs=("traceloop.entity.output", "gen_ai.completion.0.content"),
    provider=("gen_ai.system",),
)
CONVENTIONS = (_OPEN_INFERENCE, _GENERATIVE, _TRACELOOP)


def dump(value: Any) -> str:
    """A value as JSON text, as MLflow keeps attributes; text that is JSON already stays."""
    if isinstance(value, str) and value.lstrip()[:1] in {'"', "{", "["}:
        try:
            json.loads(value)
        except (ValueError, RecursionError):
            pass
        else:
            return value
    return json.dumps(value, ensure_ascii=False)


def load(text: Any) -> Any:
    """The value of an attribute; the text itself where it is no JSON."""
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def complete(attributes: dict[str, str]) -> None:
    """Add what another convention says and MLflow's own attributes do not."""
    if load(attributes.get(TYPE)) in (None, _UNKNOWN) and (kind := _kind(attributes)):
        attributes[TYPE] = dump(kind)
    for name, places in (("inputs", INPUTS), ("outputs", OUTPUTS), ("model", MODEL), ("provider", PROVIDER)):
        if places not in attributes and (found := _first(attributes, name)) is not None:
            attributes[places] = found
    if MODEL not in attributes and (model := _model_inside(attributes)):
        attributes[MODEL] = dump(model)
    if USAGE not in attributes and (usage := _usage(attributes)):
        attributes[USAGE] = dump(usage)


def _kind(attributes: dict[str, str]) -> str | None:
    for convention in CONVENTIONS:
        kind = load(attributes.get(convention.kind))
        if isinstance(kind, str) and kind in convention.kinds:
            return convention.kinds[kind]
    return None


def _first(attributes: dict[str, str], name: str) -> str | None:
    for convention in CONVENTIONS:
        for place in getattr(convention, name):
            if place in attributes and load(attributes[place]):
                return attributes[place]
    return None


def _model_inside(attributes: dict[str, str]) -> str | None:
    for place in (INPUTS, OUTPUTS):
        if '"model"' in attributes.get(place, ""):
            inside = load(attributes[place])
            model = inside.get("model") if isinstance(inside, dict) else None
            if isinstance(model, str) and model:
                return model
    return None


def _usage(attributes: dict[str, str]) -> dict[str, int]:
    for convention in CONVENTIONS:
        found = {
            key: count
            for key, places in convention.usage.items()
            if (count := next((_count(attributes[each]) for each in places if each in attributes), None)) is not None
        }
        if not found.keys() & set(USAGE_KEYS):
            continue
        if "total_tokens" not in found and "input_tokens" in found and "output_tokens" in found:
            found["total_tokens"] = found["input_tokens"] + found["output_tokens"]
        return {key: found[key] for key in (*USAGE_KEYS, *CACHE_KEYS) if key in found}
    return {}


def _count(text: str) -> int | None:
    value = load(text)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def numbers(text: str | None) -> dict[str, float]:
    """The finite numbers in an attribute that holds an object; empty for whatever else it holds."""
    held = load(text)
    if not isinstance(held, dict):
        return {}
    return {
        key: value
        for key, value in held.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _HUGE
    }
