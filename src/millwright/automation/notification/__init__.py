"""Tells people of alerts: by routes to channels, grouped, with reminders and escalation, and not while it is silenced.

It stands in `automation`, since it answers events by itself: monitoring publishes to `EventBus` and knows nobody;
`workspace` joins this room to it.

| module          | holds                                                                              |
|-----------------|------------------------------------------------------------------------------------|
| `route`         | which alerts are told to which channels, when, and to whom else                     |
| `plan`          | what is to be told about an alert now, given whom it was told to                    |
| `teller`        | writes that with the change that it tells of; and what time makes due               |
| `digest`        | a notification as people read it                                                    |
| `channels`      | brings a digest to its receiver, one module for each kind                            |
| `courier`       | makes one attempt, and decides what comes next                                      |
| `worker`        | seals and delivers what is due, each channel by a thread of its own                  |
| `notifications` | all of these, joined for one workspace                                              |

Paths:

- an alert: `AlertDesk` → `EventBus.publish` → `Teller.keep` → `NotificationStore.gather` → the alert's commit.
- a delivery: `NotificationWorker.step` → `NotificationCourier.attempt` → `send` → `NotificationStore.put_attempt`.

Each notification reaches each of its channels at least once: it is written in the transaction that changes the alert,
and an attempt whose end was lost is made again with the same id. Those of one channel, route and endpoint arrive in
order. What a process without the project's routes has changed is told by the next `Teller.tell_due`.
"""

from __future__ import annotations

from millwright.automation.notification.channels import Channel
from millwright.automation.notification.notifications import Notifications
from millwright.automation.notification.options import NotificationOptions
from millwright.automation.notification.route import Route

__all__ = ["Channel", "NotificationOptions", "Notifications", "Route"]
