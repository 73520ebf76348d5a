"""Alerts for Prometheus' Alertmanager, by its API v2.

Source: https://github.com/prometheus/alertmanager, `api/v2/openapi.yaml`.

Alertmanager tells alerts apart by their labels: name (`Millwright` and the kind), endpoint, declared monitor, kind,
subject, severity. An alert that became more severe has other labels, so that the less severe ones are ended with it.

Alertmanager forgets alerts without an end after its `resolve_timeout`; these get one far ahead, and the real one when
they are resolved. It keeps alerts in memory: reminders (a route's `repeat`) bring them back after it was restarted.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from millwright.automation.delivery.message import json_message
from millwright.automation.notification.channels.webhook import post_to
from millwright.automation.notification.digest import item_title
from millwright.core.records.monitor import Severity
from millwright.core.records.notification import News

if TYPE_CHECKING:
    from datetime import datetime

    from millwright.automation.notification.channels.channel import Channel, Sender, Sending
    from millwright.automation.notification.digest import Digest
    from millwright.core.records.notification import AlertNews

PATH = "/api/v2/alerts"
_FAR = timedelta(days=30)
_EXAMPLE = timedelta(minutes=5)  # what was sent to try the channel must not burn for a month


class AlertmanagerSender:
    """Posts to the API under the URL of a channel, such as `http://alertmanager:9093`."""

    def send(self, channel: Channel, digest: Digest, sending: Sending) -> None:
        """See `Sender.send`."""
        alerts = [alert for item in digest.items for alert in _alerts(digest, item, sending.now)]
        post_to(f"{channel.url.rstrip('/')}{PATH}", json_message(alerts), sending.options)


def _alerts(digest: Digest, item: AlertNews, now: datetime) -> list[dict[str, Any]]:
    is_over = item.news is News.RESOLVED
    less_severe = [severity for severity in Severity if severity.rank < item.severity.rank]
    ended = less_severe if is_over or item.news is News.WORSENED else []
    lasts = _EXAMPLE if digest.is_example else _FAR
    return [
        *(_alert(digest, item, severity, item.at) for severity in ended),
        _alert(digest, item, item.severity, item.at if is_over else now + lasts),
    ]


def _alert(digest: Digest, item: AlertNews, severity: Severity, ends_at: datetime) -> dict[str, Any]:
    labels = {
        "alertname": "Millwright" + "".join(word.capitalize() for word in item.kind.split("_")),
        "endpoint": digest.endpoint,
        "kind": item.kind,
        "severity": severity.value,
        "service": "millwright",
    }
    labels |= {name: value for name, value in (("monitor", item.monitor), ("subject", item.subject)) if value}
    return {
        "labels": labels,
        "annotations": {
            # Of this alert alone: Alertmanager makes its own groups, and shows each with what it is about.
            "summary": item_title(digest.endpoint, item),
            "description": item.message,
            "alert_id": item.alert_id,
        },
        "startsAt": item.since.isoformat(),
        "endsAt": ends_at.isoformat(),
    }


if TYPE_CHECKING:
    _fits: Sender = AlertmanagerSender()
