from __future__ import annotations

import json

import pytest

from millwright.core.errors import AlreadyExistsError, NotFoundError
from millwright.testing import sample
from millwright.workspace.maintenance.archive import MANIFEST
from millwright.workspace.maintenance.backup import back_up, local_folder
from millwright.workspace.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "from").mkdir()
    with Workspace.open(tmp_path / "from") as opened:
        stores = opened.stores
        stores.files.put("a/b", stores.artifacts.put(b"named"), 5, sample.NOON)
        stores.artifacts.put(b"nameless")
        table = opened.folder / ".millwright" / "datasets" / "t"
        (table / "_delta_log").mkdir(parents=True)
        (table / "_delta_log" / "0.json").write_text("{}")
        (table / "part.parquet").write_bytes(b"rows")
        yield opened


@pytest.mark.parametrize("name", ["backup", "backup.zip"])
def test_backup_has_the_records_the_blobs_they_name_and_the_tables(workspace, tmp_path, name):
    made = back_up(workspace, tmp_path / name)
    assert (made.blobs, made.files, made.left_out) == (1, 2, ())
    assert made.rows > 1
    assert made.target.is_dir() == (name == "backup")
    if name == "backup":
        manifest = json.loads((made.target / MANIFEST).read_text())
        assert set(manifest["entries"]) >= {"records.jsonl", "datasets/t/_delta_log/0.json", "datasets/t/part.parquet"}
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


def test_backup_never_replaces_anything(workspace, tmp_path):
    (tmp_path / "there.zip").write_bytes(b"x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    for name in ("there.zip", "full"):
        with pytest.raises(AlreadyExistsError, match=name):
            back_up(workspace, tmp_path / name)
    with pytest.raises(NotFoundError, match="nowhere"):
        back_up(workspace, tmp_path / "nowhere" / "x")
    back_up(workspace, tmp_path / "empty")
    assert (tmp_path / "there.zip").read_bytes() == b"x"


def test_failed_backup_leaves_nothing(workspace, tmp_path):
    digest = workspace.stores.files.find("a/b").digest
    (workspace.folder / ".millwright" / "artifacts" / digest[:2] / digest[2:]).write_bytes(b"damaged")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(Exception, match="damaged"):
        back_up(workspace, tmp_path / "x.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_places_that_are_not_local_are_told_of():
    assert local_folder("s3://bucket/x") is None
    assert str(local_folder("file:///a/b")) == str(local_folder("/a/b")) == "/a/b"
