from __future__ import annotations

import shlex

from millwright.testing import sample
from millwright.workspace.workspace import Workspace


def test_workspace_is_backed_up_and_restored(tmp_path, mw):
    home, new = tmp_path / "home", tmp_path / "new"
    home.mkdir()
    new.mkdir()
    with Workspace.open(home) as workspace:
        workspace.stores.files.put("a", workspace.stores.artifacts.put(b"x"), 1, sample.NOON)
    answer = mw(home, "backup", str(tmp_path / "b.zip"))
    assert "✓ Backed up" in answer.out
    assert f"restore {tmp_path / 'b.zip'}" in answer.out
    assert mw(home, "backup", str(tmp_path / "b"), "--json").json["blobs"] == 1
    assert mw(home, "backup", str(tmp_path / "b"), "--json").code == 1
    assert "1 blobs" in mw(new, "restore", str(tmp_path / "b.zip")).out
    with Workspace.open(new) as workspace:
        found = workspace.stores.files.find("a")
        assert found is not None
        assert workspace.stores.artifacts.get(found.digest) == b"x"
    again = mw(new, "restore", str(tmp_path / "b"))
    assert again.code == 1
    assert "to be empty" in again.err


def test_hints_name_the_workspace_that_was_named(tmp_path, mw):
    home, new, elsewhere = (tmp_path / name for name in ("home", "a new one", "elsewhere"))
    for folder in (home, new, elsewhere):
        folder.mkdir()
    with Workspace.open(home) as workspace:
        workspace.stores.files.put("a", workspace.stores.artifacts.put(b"x"), 1, sample.NOON)
    archive = str(tmp_path / "b 1.zip")
    assert f"Next: mw --workspace NEW_FOLDER restore '{archive}'" in mw(home, "backup", archive).out
    answer = mw(elsewhere, "--workspace", str(new), "restore", archive)
    hints = [line.removeprefix("Next:").strip() for line in answer.out.splitlines()[1:]]
    assert hints == [f"mw --workspace '{new}' {words}" for words in ("audit verify", "runs list")]
    for hint in hints:
        found = mw(elsewhere, *shlex.split(hint)[1:])
        assert (found.code, found.err) == (0, "")
    (event,) = mw(elsewhere, "--workspace", str(new), "audit", "list", "--json").json
    assert event["action"] == "workspace.restore"
