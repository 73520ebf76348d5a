"""`NotificationStoreConformance` on SQLite and PostgreSQL."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from millwright.automation.notification import Channel, NotificationOptions, Notifications, Route
from millwright.core.clock import SystemClock
from millwright.core.errors import StateTransitionError
from millwright.core.events import EventBus
from millwright.core.records.monitor import Severity
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.alerting import AlertRules
from millwright.monitoring.finding import AlertKind, Finding
from millwright.testing import sample
from millwright.testing.notifications import NotificationStoreConformance
from millwright.testing.process import in_threads

if TYPE_CHECKING:
    from millwright.storage.catalog import Stores
    from millwright.testing.opener import StoreOpener

FOUND = [
    Finding(kind=kind, severity=Severity.WARNING, message="x") for kind in (AlertKind.DRIFT, AlertKind.PERFORMANCE)
]
AT_ONCE = timedelta(0)


class TestNotificationStore(NotificationStoreConformance):
    @pytest.fixture
    def opener(self, place: StoreOpener) -> StoreOpener:
        return replace(place, family="notifications")


def test_checks_people_and_reminders_at_once_never_wait_for_one_another_for_ever(place: StoreOpener):
    with place() as stores:
        give_up = time.monotonic() + 1.5
        in_threads(lambda number: _act(stores, ("check", "check", "tell", "person")[number], give_up), count=4)
        assert stores.monitors.list_alerts()
        assert stores.audit.list(subject="endpoint:delay")


def _act(stores: Stores, role: str, give_up: float) -> None:
    clock, events = SystemClock(), EventBus()
    route = Route(
        name="r", channels=("x",), group_wait=AT_ONCE, group_interval=AT_ONCE, repeat=timedelta(milliseconds=1),
        escalate_to=("x",), escalate_after=timedelta(milliseconds=5),
    )  # fmt: skip
    told = Notifications(
        stores=stores, clock=clock, events=events, routes=[route], options=NotificationOptions(), secret_of=str,
        channels={"x": Channel(name="x", kind="webhook", url="http://127.0.0.1:9")},
    )  # fmt: skip
    events.keep(told.keep)
    desk = AlertDesk(stores=stores, clock=clock, events=events, actor=role, rules=AlertRules(resolve_after=2))
    report, turn = replace(sample.report("delay"), drift=()), 0
    while time.monotonic() < give_up:
        turn += 1
        if role == "check":
            with stores.transactions.transaction():
                stores.audit.append(at=clock.now(), actor=role, action="monitor.check", subject="x", details={})
                desk.observe(FOUND[: turn % 3], report=report, judged=frozenset(AlertKind))
        elif role == "tell":
            told.teller.tell_due()
            stores.notifications.seal_due(clock.now())
        else:
            for alert in stores.monitors.list_followed():
                with suppress(StateTransitionError):  # somebody was faster
                    (desk.acknowledge if turn % 2 else desk.resolve)(alert.id, reason="x")
