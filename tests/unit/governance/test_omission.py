from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.core.records.dataset import DatasetKind
from millwright.core.records.monitor import Severity
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.governance.audit import verify_audit
from millwright.governance.omission import find_omissions
from millwright.monitoring.alert import AlertDesk
from millwright.monitoring.alerting import SilenceDraft, Silences
from millwright.monitoring.finding import AlertKind, Finding
from millwright.registry import Registry, VersionDraft
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from millwright.core.records.model import ApprovalRecord, ModelVersionRecord
    from millwright.storage.catalog import Stores


class AnyPolicy:
    def check(self, version: ModelVersionRecord, alias: str, approvals: Sequence[ApprovalRecord]) -> list[str]:
        del version, alias, approvals
        return []


@pytest.fixture
def registry(stores: Stores, tmp_path: Path) -> Registry:
    """Entries: 1 dataset.write, 2 and 3 model.register, 4 model.approve, 5 and 6 model.promote."""
    clock = ManualClock(sample.NOON)
    catalog = DatasetCatalog(stores=stores, root_url=str(tmp_path / "tables"), clock=clock, actor="ada")
    catalog.write(pl.DataFrame({"a": [1]}), "rows", kind=DatasetKind.SOURCE)
    made = Registry(stores=stores, clock=clock, events=EventBus(), actor="ada", policy=AnyPolicy())
    for content in (b"one", b"two"):
        package = stores.artifacts.put(content)
        made.register(VersionDraft(name="delay", package=package, size_bytes=3, flavor="sklearn", signature={}))
    made.approve("delay", 2, reason="good")
    made.promote("delay", 1, reason="first")
    made.promote("delay", 2, reason="better")
    return made


def change(tmp_path: Path, statement: str, *values: int | str) -> None:
    with closing(sqlite3.connect(tmp_path / "records.db")) as connection, connection:
        connection.execute(statement, values)


@pytest.mark.usefixtures("registry")
def test_nothing_is_missing_when_nobody_meddled(stores: Stores) -> None:
    assert stores.audit.list(limit=1)[0].seq == 6
    assert find_omissions(stores) == []


def test_rollback_and_removal_of_an_alias_are_followed(stores: Stores, registry: Registry) -> None:
    registry.rollback("delay", reason="worse after all")
    registry.promote("delay", 2, "shadow", reason="to watch")
    assert find_omissions(stores) == []
    registry.delete_alias("delay", "shadow", reason="seen enough")
    assert find_omissions(stores) == []


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize(
    ("last", "missing"),
    [
        (5, ["The alias delay@champion names version 2; no entry put it there."]),
        (3, ["The approval of delay@2 by ada has no entry.", "The alias delay@champion names version 2"]),
        (2, ["The model version delay@2 has no entry", "The approval of delay@2", "The alias delay@champion"]),
        (0, ["The dataset version rows@1", "The model version delay@1", "The model version delay@2"]),
    ],
)
def test_tail_that_was_cut_off_is_noticed_by_what_it_told_of(
    stores: Stores, tmp_path: Path, last: int, missing: list[str]
) -> None:
    change(tmp_path, "DELETE FROM audit_events WHERE seq > ?", last)
    assert verify_audit(stores.audit).ok  # the chain alone shows nothing
    found = find_omissions(stores)
    assert all(any(sentence.startswith(text) for sentence in found) for text in missing)


@pytest.mark.usefixtures("registry")
def test_alias_that_was_moved_behind_the_back_of_the_log_is_noticed(stores: Stores, tmp_path: Path) -> None:
    change(tmp_path, "UPDATE model_aliases SET version = 1")
    assert find_omissions(stores) == ["The alias delay@champion names version 1; no entry put it there."]


@pytest.fixture
def watched(stores: Stores) -> tuple[str, str]:
    """An alert that ada took on and closed, and a silence that she added and ended: five entries."""
    parts = {"stores": stores, "clock": ManualClock(sample.NOON), "events": EventBus(), "actor": "ada"}
    desk, silences = AlertDesk(**parts), Silences(**parts)
    finding = Finding(kind=AlertKind.DRIFT, severity=Severity.WARNING, message="m", evidence={})
    alert = desk.record(finding, endpoint="delay", report_id=None)
    assert alert is not None
    desk.acknowledge(alert.id, reason="I look at it")
    desk.resolve(alert.id, reason="mended")
    silence = silences.add(SilenceDraft(lasts=timedelta(hours=1), reason="outage"))
    silences.end(silence.id)
    return alert.id, silence.id


@pytest.mark.usefixtures("watched")
def test_alerts_and_silences_whose_changes_are_told_are_not_missing(stores: Stores) -> None:
    assert find_omissions(stores) == []


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("alert.raise", "The alert {alert} has no entry."),
        ("alert.acknowledge", "That ada took on the alert {alert} has no entry."),
        ("alert.resolve", "That ada closed the alert {alert} has no entry."),
        ("silence.add", "The silence {silence} by ada has no entry."),
        ("silence.end", "The end of the silence {silence} by ada has no entry."),
    ],
)
def test_change_of_an_alert_or_silence_that_is_not_told_is_noticed(
    stores: Stores, tmp_path: Path, watched: tuple[str, str], action: str, sentence: str
) -> None:
    change(tmp_path, "DELETE FROM audit_events WHERE action = ?", action)  # the chain shows that one, too
    alert, silence = watched
    assert find_omissions(stores) == [sentence.format(alert=alert, silence=silence)]


@pytest.mark.parametrize("action", ["monitor.check", "monitor.backfill"])
def test_report_is_told_by_its_check_or_by_a_backfill(stores: Stores, action: str) -> None:
    report = sample.report()
    stores.monitors.append_report(report)
    assert find_omissions(stores) == [f"The monitoring report {report.id} has no entry."]
    details = {"report_id": report.id}
    stores.audit.append(at=sample.NOON, actor="ada", action=action, subject="endpoint:delay", details=details)
    assert find_omissions(stores) == []


@pytest.mark.parametrize("action", ["retraining.decide", "retraining.skip"])
def test_decision_is_told_by_what_was_trained_or_by_what_was_not(stores: Stores, action: str) -> None:
    decision = sample.decision()
    stores.monitors.append_decision(decision)
    assert find_omissions(stores) == [f"The decision {decision.id} about a retraining has no entry."]
    details = {"decision_id": decision.id}
    stores.audit.append(at=sample.NOON, actor="ada", action=action, subject="retraining:delay", details=details)
    assert find_omissions(stores) == []
