from __future__ import annotations

from datetime import UTC, datetime, timedelta

from millwright.core.records.experiment import Lifecycle
from millwright.testing.logged_models import logged_model
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
