"""Tells other systems what happened: events that are kept with the change they tell of, and delivered to webhooks.

It stands in `automation`, since it answers events by itself, whichever room they come from: the registry, monitoring
and retraining publish to `EventBus` and know nobody; `workspace` joins the outbox to it.

| module         | holds                                                                                          |
|----------------|------------------------------------------------------------------------------------------------|
| `outbox`       | writes each published event in the transaction of its change, with a delivery for each webhook  |
| `webhook`      | adds, changes, removes and tests webhooks                                                       |
| `topic`        | which events a webhook may ask for                                                              |
| `mlflow_event` | the same events under MLflow's names, with MLflow's payloads                                    |
| `message`      | a delivery as bytes and headers: CloudEvents 1.0, or MLflow's form; signed                      |
| `address`      | which URLs and addresses may be called                                                          |
| `transport`    | one POST to one address that was checked                                                        |
| `courier`      | makes one attempt, and decides what comes next                                                  |
| `deliveries`   | all of these, joined for one workspace                                                         |
| `lease`        | which process delivers                                                                         |
| `worker`       | a thread that delivers what is due, in one process at a time                                    |

Paths:

- a change: `Registry.promote` → `EventBus.publish` → `Outbox.keep` → `DeliveryStore.append_event` → its commit.
- a delivery: `DeliveryWorker` → `Courier.attempt` → `transport.post` → `DeliveryStore.put_attempt`.

Each delivery arrives at least once: an attempt whose answer was lost is made again with the same delivery id. Those of
one model and webhook arrive in order: the next is sent when the one before it was taken or given up.
"""

from __future__ import annotations

from millwright.automation.delivery.courier import Courier
from millwright.automation.delivery.deliveries import Deliveries
from millwright.automation.delivery.options import DeliveryOptions
from millwright.automation.delivery.outbox import Outbox
from millwright.automation.delivery.webhook import WebhookDraft, Webhooks
from millwright.automation.delivery.worker import DeliveryWorker

__all__ = ["Courier", "Deliveries", "DeliveryOptions", "DeliveryWorker", "Outbox", "WebhookDraft", "Webhooks"]
