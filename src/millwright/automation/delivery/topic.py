"""Which events a webhook may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.automation.delivery.mlflow_event import MLFLOW_TOPICS
from millwright.core.errors import InvalidInputError, closest
from millwright.core.records.delivery import WebhookFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY = "*"
TEST = "webhook.test"  # sent by hand only

TOPICS: dict[str, str] = {
    "model.created": "a registered model was made",
    "model.updated": "its description was changed",
    "model.renamed": "it has another name",
    "model.deleted": "it was deleted",
    "model.tag_set": "a tag of it was set",
    "model.tag_deleted": "a tag of it was removed",
    "model.registered": "a version was added",
    "model.version_updated": "a version's description was changed",
    "model.version_deleted": "a version was deleted",
    "model.version_tag_set": "a version's tag was set",
    "model.version_tag_deleted": "a version's tag was removed",
    "model.state_changed": "a version was approved, rejected or archived",
    "model.stage_changed": "MLflow's stage of a version was changed",
    "model.promoted": "an alias was pointed at a version",
    "model.alias_deleted": "an alias was removed",
    "alert.raised": "monitoring found something",
    "alert.worsened": "an alert became more severe",
    "alert.acknowledged": "someone took an alert on",
    "alert.escalated": "nobody took an alert on, and others are told",
    "alert.resolved": "an alert was closed, by someone or since its cause is gone",
    "silence.added": "nobody is told of some alerts for a while",
    "silence.ended": "a silence was ended before its time",
    "retraining.launched": "a pipeline was started to answer an alert or new data",
    "retraining.deferred": "an alert waits for the end of a cool-down",
    "retraining.skipped": "nothing was trained, because of a limit or its cost",
    "rollout.started": "versions begin to share an endpoint: canary, split, shadow, A/B",
    "rollout.advanced": "a canary has a larger share",
    "rollout.weighed": "the weights of a split or A/B comparison were changed",
    "rollout.paused": "a rollout does not go on by itself",
    "rollout.resumed": "it does again",
    "rollout.promoted": "a rollout ended with one of its versions behind the alias",
    "rollout.rolled_back": "the versions that were tried answer no longer",
    "rollout.ended": "a rollout ended without a verdict",
    "decision.made": "a retraining ended with a decision",
    "online.rolled_back": "a model that learns online fell below its limit, and went back to a good snapshot",
    "online.resumed": "it learns again",
}


def check_topics(events: Sequence[str], form: WebhookFormat) -> tuple[str, ...]:
    """The events without repetition, in the order given.

    Args:
        events: Types of events, or `*` for all of them.
        form: MLflow's webhooks know MLflow's events only.

    Raises:
        InvalidInputError: There are none, or one is unknown.
    """
    if not events:
        raise InvalidInputError("Expected at least one event, found none.", hint=f"Name one, or '{EVERY}' for all.")
    known = {*MLFLOW_TOPICS} if form is WebhookFormat.MLFLOW else {*TOPICS, EVERY}
    for event in events:
        if event not in known:
            raise InvalidInputError(
                f"There is no event '{event}'.",
                hint=closest(event, known) or f"Known: {', '.join(sorted(known))}.",
            )
    return tuple(dict.fromkeys(events))
