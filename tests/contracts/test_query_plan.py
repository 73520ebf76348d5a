"""Every lookup goes by an index: what a store reads does not grow with what it holds."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from millwright.core.events import Event
from millwright.core.ids import (
    AlertId,
    DeliveryId,
    ExperimentId,
    NotificationId,
    PipelineRunId,
    ReportId,
    RunId,
    StepRunId,
    WebhookId,
)
from millwright.core.records.audit import NodeKind
from millwright.core.records.delivery import DeliveryState
from millwright.storage.backends.sql import driver
from millwright.storage.catalog import Stores, open_stores
from millwright.testing import sample
from millwright.testing.runs import stored_run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# Tables with one row per name that people gave: reading them from end to end is what is wanted.
SMALL = {"experiments", "datasets", "models", "endpoints", "model_aliases", "leases"}

READS: dict[str, Callable[[Stores], Any]] = {
    "experiments.find": lambda s: s.experiments.find("x"),
    "runs.get_run": lambda s: s.runs.get_run(s.runs.list_runs(limit=1)[0].id),
    "runs.list_history": lambda s: s.runs.list_history(s.runs.list_runs(limit=1)[0].id, "loss"),
    "runs.list_runs": lambda s: s.runs.list_runs(),
    "runs.list_runs of experiment": lambda s: s.runs.list_runs(ExperimentId("x")),
    "runs.list_runs of parent": lambda s: s.runs.list_runs(parent_id=RunId("x")),
    "datasets.get_version": lambda s: s.datasets.get_version("schedules"),
    "datasets.get_version 1": lambda s: s.datasets.get_version("schedules", 1),
    "datasets.find_by_digest": lambda s: s.datasets.find_by_digest("schedules", sample.digest()),
    "datasets.find_by_source": lambda s: s.datasets.find_by_source("schedules", sample.digest()),
    "datasets.list_datasets": lambda s: s.datasets.list_datasets(),
    "datasets.list_versions": lambda s: s.datasets.list_versions("schedules"),
    "datasets.find_at": lambda s: s.datasets.find_at("schedules", sample.NOON),
    "datasets.find_tag": lambda s: s.datasets.find_tag("schedules", "x"),
    "datasets.list_tags": lambda s: s.datasets.list_tags(),
    "datasets.find_cursor": lambda s: s.datasets.find_cursor("schedules", "x"),
    "datasets.list_cursors": lambda s: s.datasets.list_cursors(),
    "pipelines.get_pipeline_run": lambda s: s.pipelines.get_pipeline_run(PipelineRunId("abcdef")),
    "pipelines.list_pipeline_runs": lambda s: s.pipelines.list_pipeline_runs(),
    "pipelines.list_pipeline_runs of pipeline": lambda s: s.pipelines.list_pipeline_runs(pipeline="x"),
    "pipelines.list_pipeline_runs running": lambda s: s.pipelines.list_pipeline_runs(running_only=True),
    "pipelines.get_step_run": lambda s: s.pipelines.get_step_run(StepRunId("x")),
    "pipelines.list_step_runs": lambda s: s.pipelines.list_step_runs(PipelineRunId("x")),
    "pipelines.find_cached": lambda s: s.pipelines.find_cached(sample.digest()),
    "models.get_version": lambda s: s.models.get_version("delay", 1),
    "models.find_by_package": lambda s: s.models.find_by_package("delay", sample.digest()),
    "models.list_versions": lambda s: s.models.list_versions("delay"),
    "models.find_alias": lambda s: s.models.find_alias("delay", "champion"),
    "models.list_aliases": lambda s: s.models.list_aliases("delay"),
    "models.list_approvals": lambda s: s.models.list_approvals("delay", 1),
    "model_search.list_aliases_of": lambda s: s.model_search.list_aliases_of(["delay"]),
    "audit.list": lambda s: s.audit.list(),
    "audit.list of subject": lambda s: s.audit.list(subject="x"),
    "audit.iter": lambda s: list(s.audit.iter(after_seq=5)),
    "lineage.upstream": lambda s: s.lineage.upstream(NodeKind.RUN, "x"),
    "lineage.downstream": lambda s: s.lineage.downstream(NodeKind.RUN, "x"),
    "endpoints.find": lambda s: s.endpoints.find("x"),
    "monitors.get_report": lambda s: s.monitors.get_report(ReportId("x")),
    "monitors.list_reports": lambda s: s.monitors.list_reports(),
    "monitors.list_reports of endpoint": lambda s: s.monitors.list_reports("x"),
    "monitors.list_reports of monitor": lambda s: s.monitors.list_reports("x", monitor="y"),
    "monitors.list_alerts": lambda s: s.monitors.list_alerts(),
    "monitors.list_alerts of endpoint": lambda s: s.monitors.list_alerts("x"),
    "monitors.list_alerts open": lambda s: s.monitors.list_alerts(open_only=True),
    "monitors.list_followed": lambda s: s.monitors.list_followed(),
    "monitors.list_followed of endpoint": lambda s: s.monitors.list_followed("x"),
    "monitors.list_streaks": lambda s: s.monitors.list_streaks("x"),
    "notifications.list_silences": lambda s: s.notifications.list_silences(),
    "notifications.list_silences lasting": lambda s: s.notifications.list_silences(lasting_at=sample.NOON),
    "notifications.get": lambda s: s.notifications.get(NotificationId("x")),
    "notifications.latest": lambda s: s.notifications.latest("x"),
    "notifications.list_due": lambda s: s.notifications.list_due(sample.NOON),
    "notifications.list_deliveries": lambda s: s.notifications.list_deliveries(),
    "notifications.list_deliveries of channel": lambda s: s.notifications.list_deliveries(channel="x"),
    "notifications.list_deliveries dead": lambda s: s.notifications.list_deliveries(state=DeliveryState.DEAD),
    "notifications.list_deliveries dead of channel": lambda s: s.notifications.list_deliveries(
        channel="x", state=DeliveryState.DEAD
    ),
    "notifications.count_deliveries": lambda s: s.notifications.count_deliveries(),
    "monitors.list_decisions": lambda s: s.monitors.list_decisions(),
    "monitors.set_alert_state": lambda s: s.monitors.set_alert_state(AlertId("x"), sample.alert().state),
    "deliveries.get_webhook": lambda s: s.deliveries.get_webhook(WebhookId("x")),
    "deliveries.list_webhooks": lambda s: s.deliveries.list_webhooks(before=WebhookId("x")),
    "deliveries.append_event": lambda s: s.deliveries.append_event(
        Event(type="a.b", subject="x", at=sample.NOON), ["a.b"]
    ),
    "deliveries.get_event": lambda s: s.deliveries.get_event(1),
    "deliveries.list_events": lambda s: s.deliveries.list_events(after_seq=5),
    "deliveries.list_due": lambda s: s.deliveries.list_due(sample.NOON),
    "deliveries.get_delivery": lambda s: s.deliveries.get_delivery(DeliveryId("x")),
    "deliveries.list_deliveries": lambda s: s.deliveries.list_deliveries(),
    "deliveries.list_deliveries of webhook": lambda s: s.deliveries.list_deliveries(webhook_id=WebhookId("x")),
    "deliveries.list_deliveries dead": lambda s: s.deliveries.list_deliveries(state=DeliveryState.DEAD),
    "deliveries.list_deliveries dead of webhook": lambda s: s.deliveries.list_deliveries(
        webhook_id=WebhookId("x"), state=DeliveryState.DEAD
    ),
    "deliveries.count_deliveries": lambda s: s.deliveries.count_deliveries(),
    "leases.holder": lambda s: s.leases.holder("x", now=sample.NOON),
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stores, Path]]:
    root = tmp_path_factory.mktemp("plans")
    opened = open_stores(records_url=f"sqlite:///{root}/x.db", artifacts_url=str(root), predictions_url=str(root))
    stored_run(opened)
    opened.datasets.create_version(sample.dataset_version())
    yield opened, root / "x.db"
    opened.close()


@pytest.mark.parametrize("read", READS)
def test_read_searches_by_index_and_sorts_by_index(stores: tuple[Stores, Path], read: str) -> None:
    opened, path = stores
    with statements() as executed:
        try:
            READS[read](opened)
        except Exception as error:  # noqa: BLE001 - a record that is not there was looked for as well
            assert type(error).__name__ == "NotFoundError"  # noqa: PT017
    assert executed
    for statement, parameters in executed:
        plan = explained(path, statement, parameters)
        bad = [step for step in plan if step.startswith("USE TEMP B-TREE") or is_whole_scan(step)]
        assert not bad, f"{statement}: {bad}"


def is_whole_scan(step: str) -> bool:
    words = step.split()
    # With an index it is a scan in the order wanted, which the limit ends.
    return words[0] == "SCAN" and "INDEX" not in words and words[1] not in {*SMALL, "audit_events", "model_versions"}


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    executed: list[tuple[str, Any]] = []

    def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("SELECT"):
            executed.append((statement, parameters))

    def run(connection: Any, statement: str, values: Any = ()) -> Any:
        if statement.startswith("SELECT"):
            executed.append((statement, tuple(values)))
        return as_it_is(connection, statement, values)

    as_it_is = driver.run
    sa.event.listen(sa.Engine, "before_cursor_execute", listen)
    driver.run = run
    yield executed
    driver.run = as_it_is
    sa.event.remove(sa.Engine, "before_cursor_execute", listen)


def explained(path: Path, statement: str, parameters: Any) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        connection.create_function("millwright_fold", 1, str.casefold, deterministic=True)
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
