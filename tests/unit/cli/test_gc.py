from __future__ import annotations

import socket
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from millwright.core.records.experiment import Lifecycle
from millwright.core.records.rollout import RolloutState
from millwright.testing.logged_models import logged_model
from millwright.testing.queue import request
from millwright.testing.rollouts import evidence, rollout
from millwright.workspace.workspace import Workspace


def test_gc_shows_what_can_be_removed_and_removes_it_when_told(tmp_path, mw):
    with Workspace.open(tmp_path) as workspace:
        workspace.stores.logged_models.create(logged_model(id="m-1"))
        long_ago = datetime.now(tz=UTC) - timedelta(days=31)
        workspace.stores.logged_models.set_lifecycle("m-1", Lifecycle.DELETED, long_ago)
    answer = mw(tmp_path, "gc")
    assert "Can be removed: 1 logged models." in answer.out
    assert "Next: mw gc --yes" in answer.out
    kept = mw(tmp_path, "gc", "--older-than-days", "40", "--yes", "--json").json
    assert kept["logged_models"] == []
    assert mw(tmp_path, "gc", "--json").json["logged_models"] == ["m-1"]
    assert "✓ Removed 1 logged models." in mw(tmp_path, "gc", "--yes").out
    assert "There is nothing to remove" in mw(tmp_path, "gc", "--yes").out
    assert [event["action"] for event in mw(tmp_path, "audit", "list", "--json").json] == ["workspace.collect"]


def test_gc_removes_counts_of_rollouts_as_the_setting_says(tmp_path, mw):
    with Workspace.open(tmp_path) as workspace:
        record, long_ago = rollout(), workspace.clock.now() - timedelta(days=60)
        workspace.stores.rollouts.create(record)
        workspace.stores.rollouts.put_evidence([evidence(record.id, updated_at=long_ago)])
        workspace.stores.rollouts.update(replace(record, state=RolloutState.ENDED))
    assert mw(tmp_path, "gc", "--json").json["evidence"] == 0
    assert "1 counts of ended rollouts" in mw(tmp_path, "gc", "--older-than-days", "50").out
    (tmp_path / "millwright.toml").write_text("[gc]\nevidence_days = 30\n")
    assert mw(tmp_path, "gc", "--yes", "--json").json["evidence"] == 1
    assert mw(tmp_path, "gc", "--json").json["evidence"] == 0


def test_gc_says_how_many_entries_left_the_queue(tmp_path, mw):
    long_ago = datetime.now(tz=UTC) - timedelta(days=31)
    with Workspace.open(tmp_path) as workspace:
        entry = workspace.stores.queue.enqueue(request(created_at=long_ago))
        workspace.stores.queue.cancel(entry.id, by="ada", at=long_ago)
    assert "Can be removed: 1 ended entries of the queue." in mw(tmp_path, "gc").out
    assert mw(tmp_path, "gc", "--yes", "--json").json["queue_entries"] == 1
    assert mw(tmp_path, "queue", "list", "--all", "--json").json == []


def test_gc_removes_temporary_folders_that_killed_processes_left(tmp_path, mw, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / f"millwright-step~{socket.gethostname()}~999999999~1~abcdefgh"
    left.mkdir()
    assert "Temporary folders of killed processes: 1 can be removed." in mw(tmp_path, "gc").out
    assert left.exists()
    assert mw(tmp_path, "gc", "--yes", "--json").json["temporary_folders"] == 1
    assert not left.exists()
