"""Channels: what brings a digest to people and systems, one module for each kind.

| module         | kind           | needs                                   |
|----------------|----------------|-----------------------------------------|
| `webhook`      | `webhook`      | nothing: a CloudEvent, signed            |
| `alertmanager` | `alertmanager` | nothing: Prometheus' Alertmanager, API v2 |
| `apprise`      | `apprise`      | the extra `alerts`: mail, Slack, Teams, … |

A new kind goes into the table of `catalog`.
"""

from __future__ import annotations

from millwright.automation.notification.channels.catalog import check_kind, send
from millwright.automation.notification.channels.channel import Channel, ChannelError

__all__ = ["Channel", "ChannelError", "check_kind", "send"]
