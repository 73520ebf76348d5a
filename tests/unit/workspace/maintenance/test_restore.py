from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import ConflictError, IntegrityError, InvalidInputError, NotFoundError, StoreVersionError
from millwright.governance.audit import verify_audit
from millwright.testing import sample
from millwright.workspace.maintenance.backup import back_up
from millwright.workspace.maintenance.restore import restore
from millwright.workspace.workspace import Workspace


@pytest.fixture
def made(tmp_path):
    """A backup as a folder."""
    (tmp_path / "from").mkdir()
    with Workspace.open(tmp_path / "from") as opened:
        stores = opened.stores
        for number in range(3):
            data = bytes([number]) * (2 << 20)
            stores.files.put(f"a/{number}", stores.artifacts.put(data), len(data), sample.NOON)
        stores.audit.append(at=sample.NOON, actor="ada", action="x", subject="y", details={})
        (opened.folder / ".millwright" / "predictions" / "p").mkdir(parents=True)
        (opened.folder / ".millwright" / "predictions" / "p" / "segment").write_bytes(b"rows")
        back_up(opened, tmp_path / "backup")
        back_up(opened, tmp_path / "backup.zip")
    return tmp_path / "backup"


@pytest.fixture
def empty(tmp_path):
    (tmp_path / "to").mkdir()
    with Workspace.open(tmp_path / "to") as opened:
        yield opened


@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_workspace_comes_back_whole(made, empty, suffix):
    restored = restore(empty, made.with_name(made.name + suffix))
    assert (restored.blobs, restored.files) == (3, 1)
    for number in range(3):
        assert empty.stores.artifacts.get(empty.stores.files.find(f"a/{number}").digest)[:1] == bytes([number])
    assert (empty.folder / ".millwright" / "predictions" / "p" / "segment").read_bytes() == b"rows"
    assert verify_audit(empty.stores.audit).ok
    assert [event.action for event in empty.stores.audit.list()] == ["workspace.restore", "x"]


def test_workspace_with_records_is_left_as_it_is(made, empty):
    empty.stores.files.put("mine", sample.digest(), 1, sample.NOON)
    with pytest.raises(ConflictError, match="to be empty"):
        restore(empty, made)
    assert [record.path for record in empty.stores.files.walk()] == ["mine"]


def test_damaged_backup_is_refused_before_anything_is_written(made, empty):
    blob = next(path for path in (made / "blobs").iterdir())
    blob.write_bytes(b"other")
    with pytest.raises(IntegrityError, match="is damaged"):
        restore(empty, made)
    blob.unlink()
    with pytest.raises(IntegrityError, match="is damaged"):
        restore(empty, made)
    assert list(empty.stores.artifacts.iter()) == []
    assert empty.stores.snapshots.is_empty()


def test_blob_under_a_wrong_name_is_refused(made, empty):
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["entries"]["blobs/" + "a" * 64] = {"size_bytes": 1, "sha256": digest_bytes(b"x")}
    (made / "blobs" / ("a" * 64)).write_bytes(b"x")
    (made / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(IntegrityError, match="other bytes than its name"):
        restore(empty, made)
    assert empty.stores.snapshots.is_empty()


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "datasets/../../evil", "datasets/..\\..\\evil", "C:/evil"])
def test_names_that_lead_out_are_refused(made, empty, tmp_path, name):
    manifest = json.loads((made / "manifest.json").read_text())
    manifest["entries"][name] = {"size_bytes": 1, "sha256": digest_bytes(b"x")}
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr("manifest.json", json.dumps(manifest))
        archive.writestr(name, b"x")
    with pytest.raises(InvalidInputError, match="Expected a backup"):
        restore(empty, tmp_path / "evil.zip")
    assert not list(tmp_path.rglob("evil"))


def test_links_in_a_backup_are_not_followed(made, empty, tmp_path):
    (tmp_path / "secret").write_bytes(b"rows")
    segment = made / "predictions" / "p" / "segment"
    segment.unlink()
    segment.symlink_to(tmp_path / "secret")
    with pytest.raises(IntegrityError, match="is damaged"):
        restore(empty, made)


def test_what_is_no_backup_is_refused(made, empty, tmp_path):
    with pytest.raises(NotFoundError, match="no backup"):
        restore(empty, tmp_path / "nowhere")
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    for path in (tmp_path / "x.zip", tmp_path / "to"):
        with pytest.raises(InvalidInputError, match="Expected a backup"):
            restore(empty, path)
    manifest = json.loads((made / "manifest.json").read_text())
    for key, value, error in (("format", 99, InvalidInputError), ("revision", "9999", StoreVersionError)):
        copy = tmp_path / key
        shutil.copytree(made, copy)
        (copy / "manifest.json").write_text(json.dumps({**manifest, key: value}))
        with pytest.raises(error):
            restore(empty, copy)
