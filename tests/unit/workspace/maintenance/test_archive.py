from __future__ import annotations

import pytest

from millwright.core.errors import IntegrityError
from millwright.workspace.maintenance.archive import ArchiveReader, ArchiveWriter, check_target


@pytest.mark.parametrize("name", ["x", "x.zip"])
def test_entries_come_back_as_they_were_added(tmp_path, name):
    writer = ArchiveWriter(tmp_path / name)
    writer.add("a/b", [b"1", b"2" * 3_000_000])
    writer.add("c", [])
    assert not (tmp_path / name).exists()
    writer.finish({"made_at": "now"})
    reader = ArchiveReader(tmp_path / name)
    assert reader.manifest["made_at"] == "now"
    assert reader.names("a/") == ["a/b"]
    assert b"".join(reader.chunks("a/b")) == b"1" + b"2" * 3_000_000
    reader.check()
    reader.close()


@pytest.mark.parametrize("name", ["x", "x.zip"])
def test_abandoned_archive_leaves_nothing(tmp_path, name):
    writer = ArchiveWriter(tmp_path / name)
    writer.add("a", [b"1"])
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


def test_missing_entry_is_damage(tmp_path):
    writer = ArchiveWriter(tmp_path / "x")
    writer.add("a", [b"1"])
    writer.finish({})
    (tmp_path / "x" / "a").unlink()
    with pytest.raises(IntegrityError, match="'a' is not what was backed up"):
        ArchiveReader(tmp_path / "x").check()


def test_empty_folder_may_be_the_target(tmp_path):
    (tmp_path / "x").mkdir()
    check_target(tmp_path / "x")
    assert not (tmp_path / "x").exists()
