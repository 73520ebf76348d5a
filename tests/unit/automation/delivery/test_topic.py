from __future__ import annotations

from pathlib import Path

import pytest

from millwright.automation.delivery.mlflow_event import _NAMES
from millwright.automation.delivery.topic import TOPICS, check_topics
from millwright.core.errors import InvalidInputError
from millwright.core.records.delivery import WebhookFormat


def test_events_are_given_back_once_each():
    assert check_topics(["model.promoted", "*", "model.promoted"], WebhookFormat.CLOUDEVENT) == ("model.promoted", "*")


@pytest.mark.parametrize(
    ("events", "form", "message"),
    [
        ([], WebhookFormat.CLOUDEVENT, "at least one event"),
        (["model.promotd"], WebhookFormat.CLOUDEVENT, "no event 'model.promotd'"),
        (["*"], WebhookFormat.MLFLOW, "no event '\\*'"),
        (["model_version.created"], WebhookFormat.CLOUDEVENT, "no event"),
    ],
)
def test_unknown_event_is_refused(events: list[str], form: WebhookFormat, message: str):
    with pytest.raises(InvalidInputError, match=message) as caught:
        check_topics(events, form)
    assert caught.value.hint


def test_every_event_with_a_name_of_mlflows_can_be_asked_for():
    assert set(_NAMES) <= set(TOPICS)


def test_every_event_is_documented():
    page = (Path(__file__).parents[4] / "docs" / "guides" / "webhooks.md").read_text(encoding="utf-8")
    assert [topic for topic, meaning in TOPICS.items() if f"| `{topic}` | {meaning} |" not in page] == []
