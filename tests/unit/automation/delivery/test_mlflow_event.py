from __future__ import annotations

import pytest

from millwright.automation.delivery.mlflow_event import MLFLOW_TOPICS, mlflow_payload, mlflow_topic

PROMPT = {"tags": {"mlflow.prompt.is_prompt": "true", "mlflow.prompt.text": "Hi {{x}}", "mine": "1"}}


@pytest.mark.parametrize(
    ("kind", "model", "prompt"),
    [
        ("model.created", "registered_model.created", "prompt.created"),
        ("model.registered", "model_version.created", "prompt_version.created"),
        ("model.tag_set", None, "prompt_tag.set"),
        ("model.version_tag_deleted", "model_version_tag.deleted", "prompt_version_tag.deleted"),
        ("model.promoted", "model_version_alias.created", "prompt_alias.created"),
        ("model.alias_deleted", "model_version_alias.deleted", "prompt_alias.deleted"),
        ("alert.raised", None, None),
    ],
)
def test_event_has_mlflows_name(kind: str, model: str | None, prompt: str | None):
    assert mlflow_topic(kind, {}) == model
    assert mlflow_topic(kind, {"prompt": True}) == prompt
    assert mlflow_topic(kind, PROMPT) == prompt


def test_payload_has_the_fields_that_mlflow_sends():
    data = {"name": "m", "version": 3, "source": "s3://x", "tags": {"a": "b"}, "actor": "ada", "score": 1}
    assert mlflow_payload("model_version.created", data) == {
        "name": "m",
        "version": "3",
        "source": "s3://x",
        "run_id": None,
        "tags": {"a": "b"},
        "description": None,
    }
    assert mlflow_payload("registered_model.created", {"name": "m"}) == {"name": "m", "tags": {}, "description": None}


def test_prompt_payload_hides_the_tags_that_make_it_one():
    payload = mlflow_payload("prompt_version.created", {"name": "p", "version": 1, **PROMPT})
    assert payload["template"] == "Hi {{x}}"
    assert payload["tags"] == {"mine": "1"}


def test_examples_are_those_of_the_real_mlflow():
    types = pytest.importorskip("mlflow.webhooks.types", reason="needs mlflow")
    from mlflow.entities.webhook import WebhookEvent

    for topic, example in MLFLOW_TOPICS.items():
        assert example == types.get_example_payload_for_event(WebhookEvent.from_str(topic))
