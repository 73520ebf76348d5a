"""Events under MLflow's names, with what MLflow's own server sends for them.

MLflow knows an entity and an action, such as `model_version.created`. Its prompts are registered models with a tag;
what happens to them has names of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Each event with its payload's fields, and an example of each field's value, as sent by the test of a webhook.
_MODEL: dict[str, Any] = {"name": "example_model"}
_PROMPT: dict[str, Any] = {"name": "example_prompt"}
_VERSION = {"version": "1"}
_TAGS = {"tags": {"example_key": "example_value"}}
_KEY = {"key": "example_key"}
_SET = {**_KEY, "value": "example_value"}
_ALIAS = {"alias": "example_alias"}
MLFLOW_TOPICS: dict[str, dict[str, Any]] = {
    "registered_model.created": {**_MODEL, **_TAGS, "description": "An example registered model"},
    "model_version.created": {
        **_MODEL,
        **_VERSION,
        "source": "models:/123",
        "run_id": "abcd1234abcd5678",
        **_TAGS,
        "description": "An example model version",
    },
    "model_version_tag.set": {**_MODEL, **_VERSION, **_SET},
    "model_version_tag.deleted": {**_MODEL, **_VERSION, **_KEY},
    "model_version_alias.created": {**_MODEL, **_ALIAS, **_VERSION},
    "model_version_alias.deleted": {**_MODEL, **_ALIAS},
    "prompt.created": {**_PROMPT, **_TAGS, "description": "An example prompt"},
    "prompt_version.created": {
        **_PROMPT,
        **_VERSION,
        "template": "Hello {{name}}!",
        **_TAGS,
        "description": "An example prompt version",
    },
    "prompt_tag.set": {**_PROMPT, **_SET},
    "prompt_tag.deleted": {**_PROMPT, **_KEY},
    "prompt_version_tag.set": {**_PROMPT, **_VERSION, **_SET},
    "prompt_version_tag.deleted": {**_PROMPT, **_VERSION, **_KEY},
    "prompt_alias.created": {**_PROMPT, **_ALIAS, **_VERSION},
    "prompt_alias.deleted": {**_PROMPT, **_ALIAS},
    # Known, so that it can be asked for; nothing here spends such a budget.
    "budget_policy.exceeded": {
        "budget_policy_id": "bp-abc123",
        "budget_unit": "USD",
        "budget_amount": 100.0,
        "current_spend": 105.50,
        "duration_unit": "MONTHS",
        "duration_value": 1,
        "target_scope": "ENDPOINT",
        "workspace": "default",
        "target_value": "ep-abc123",
        "window_start": 1704067200000,
    },
}
# Our event → MLflow's for a model, and for a prompt.
_NAMES: dict[str, tuple[str | None, str]] = {
    "model.created": ("registered_model.created", "prompt.created"),
    "model.registered": ("model_version.created", "prompt_version.created"),
    "model.tag_set": (None, "prompt_tag.set"),
    "model.tag_deleted": (None, "prompt_tag.deleted"),
    "model.version_tag_set": ("model_version_tag.set", "prompt_version_tag.set"),
    "model.version_tag_deleted": ("model_version_tag.deleted", "prompt_version_tag.deleted"),
    "model.promoted": ("model_version_alias.created", "prompt_alias.created"),
    "model.alias_deleted": ("model_version_alias.deleted", "prompt_alias.deleted"),
}
IS_PROMPT = "mlflow.prompt.is_prompt"
_PROMPT_TAGS = frozenset({IS_PROMPT, "_mlflow_prompt_type"})
PROMPT_TEXT = "mlflow.prompt.text"


def mlflow_topic(event_type: str, data: Mapping[str, Any]) -> str | None:
    """MLflow's name of an event; None when it knows no such event.

    Args:
        event_type: Our name.
        data: The event's; `prompt` is true, or its tags say so, when it is about a prompt.
    """
    model, prompt = _NAMES.get(event_type, (None, None))
    return prompt if _is_prompt(data) else model


def mlflow_payload(topic: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """What MLflow sends about an event: the fields that its payload of that name has."""
    payload = {name: data.get(name) for name in MLFLOW_TOPICS[topic]}
    if "version" in payload:
        payload["version"] = str(payload["version"])
    if "tags" in payload:
        tags = dict(payload["tags"] or {})
        if "template" in payload and payload["template"] is None:
            payload["template"] = tags.get(PROMPT_TEXT)
        hidden = {*_PROMPT_TAGS, PROMPT_TEXT} if _is_prompt(data) else set()
        payload["tags"] = {key: value for key, value in tags.items() if key not in hidden}
    return payload


def _is_prompt(data: Mapping[str, Any]) -> bool:
    tags = data.get("tags") or {}
    return bool(data.get("prompt")) or str(tags.get(IS_PROMPT, "")).lower() == "true"
