from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import millwright as mw
from millwright.core.digest import digest_bytes
from millwright.core.errors import IntegrityError, InvalidInputError, NotFoundError
from millwright.pipelines.folder import Folder
from millwright.pipelines.serializers.folder import FolderSerializer

if TYPE_CHECKING:
    from millwright.storage.base import ArtifactStore
    from millwright.storage.catalog import Stores

FOLDERS = FolderSerializer()


@pytest.fixture
def artifacts(stores: Stores) -> ArtifactStore:
    return stores.artifacts


def write(root: Path, files: dict[str, bytes]) -> Folder:
    for path, data in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    return Folder(root)


def read(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FILES = {"a.txt": b"alpha", "sub/b.bin": b"\0" * 1000, "sub/deep/ü c.txt": b"alpha", "empty": b""}


def test_folder_comes_back_as_a_copy_of_its_own(artifacts: ArtifactStore, tmp_path: Path) -> None:
    data, parts = FOLDERS.store(write(tmp_path / "one", FILES), artifacts)
    assert len(parts) == 3  # two files have the same bytes
    found = FOLDERS.fetch(data, Any, artifacts)
    assert found.files == tuple(sorted(FILES))
    assert read(found.path) == FILES
    (found / "a.txt").write_bytes(b"changed")
    assert read(FOLDERS.fetch(data, Any, artifacts).path) == FILES


def test_same_files_have_the_same_bytes_wherever_and_whenever_they_were_written(
    artifacts: ArtifactStore, tmp_path: Path
) -> None:
    one = write(tmp_path / "one", FILES)
    other = write(tmp_path / "other", dict(reversed(FILES.items())))
    os.utime(other / "a.txt", (0, 0))
    (other / "a.txt").chmod(0o600)
    (other / "nothing").mkdir()
    assert FOLDERS.store(one, artifacts) == FOLDERS.store(other, artifacts)
    (other / "a.txt").rename(other / "z.txt")
    assert FOLDERS.store(one, artifacts)[0] != FOLDERS.store(other, artifacts)[0]


def test_only_files_that_changed_are_stored(artifacts: ArtifactStore, tmp_path: Path) -> None:
    folder = write(tmp_path / "one", {f"{number}.txt": str(number).encode() for number in range(20)})
    FOLDERS.store(folder, artifacts)
    before = set(artifacts.iter())
    (folder / "7.txt").write_bytes(b"new")
    _, parts = FOLDERS.store(folder, artifacts)
    assert len(set(artifacts.iter()) - before) == 1
    assert set(parts) - before == set(artifacts.iter()) - before


def test_links_share_the_stored_bytes_and_are_read_only(artifacts: ArtifactStore, tmp_path: Path) -> None:
    data, _ = FOLDERS.store(write(tmp_path / "one", FILES), artifacts)
    found = FOLDERS.fetch(data, Any, artifacts)
    assert read(found.linked) == FILES
    assert not any(path.stat().st_mode & 0o222 for path in found.linked.rglob("*") if path.is_file())
    assert read(found.path) == FILES
    assert (found / "a.txt").stat().st_mode & 0o200


def test_folder_that_is_handed_on_unseen_is_not_read(artifacts: ArtifactStore, tmp_path: Path) -> None:
    stored = FOLDERS.store(write(tmp_path / "one", FILES), artifacts)
    for digest in stored[1]:
        artifacts.delete(digest)
    found = FOLDERS.fetch(stored[0], Any, artifacts)
    assert FOLDERS.store(found, artifacts) == stored
    with pytest.raises(NotFoundError):
        _ = found.path


def test_damaged_file_is_told(artifacts: ArtifactStore, stores: Stores, tmp_path: Path) -> None:
    data, parts = FOLDERS.store(write(tmp_path / "one", {"a.txt": b"alpha"}), artifacts)
    (place,) = [path for path in (tmp_path / "store" / "artifacts").rglob("*") if path.name == parts[0][2:]]
    place.chmod(0o644)
    place.write_bytes(b"broken")
    with pytest.raises(IntegrityError, match="is damaged"):
        _ = FOLDERS.fetch(data, Any, artifacts).path


@pytest.mark.parametrize("path", ["../evil", "/etc/passwd", "a/../../b", "", "a\\b", "C:/x"])
def test_manifest_that_leaves_the_folder_is_refused(artifacts: ArtifactStore, path: str) -> None:
    data = json.dumps({"files": {path: ["0" * 64, 1]}}).encode()
    with pytest.raises(InvalidInputError, match="inside of the folder"):
        FOLDERS.fetch(data, Any, artifacts)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"files": 3}', b'{"files": {"a": 3}}'])
def test_bytes_that_are_no_manifest_are_refused(artifacts: ArtifactStore, data: bytes) -> None:
    with pytest.raises(IntegrityError, match="manifest of a folder"):
        FOLDERS.fetch(data, Any, artifacts)


def test_links_out_of_the_folder_and_missing_folders_are_refused(artifacts: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "link").symlink_to("/etc/hostname")
    with pytest.raises(InvalidInputError, match="a link out of it"):
        FOLDERS.store(Folder(tmp_path / "one"), artifacts)
    with pytest.raises(NotFoundError, match="There is no folder"):
        FOLDERS.store(Folder(tmp_path / "gone"), artifacts)


def test_only_folders_are_its_own() -> None:
    assert FOLDERS.handles(Folder)
    assert not any(FOLDERS.handles(kind) for kind in (Path, str, dict))


@mw.step
def draw(texts: list[str]) -> Folder:
    folder = Folder.new()
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    return folder


@mw.step
def extend(folder: Folder) -> Folder:
    (folder / "more.txt").write_text("more", encoding="utf-8")
    return folder


@mw.step
def total(folder: Folder, longer: Folder) -> list[int]:
    return [len(folder.files), len(longer.files)]


@mw.pipeline
def drawing(texts: list[str]) -> None:
    folder = draw(texts)
    total(folder, extend(folder))


def test_steps_hand_folders_on_and_records_name_every_file(bench: Any) -> None:
    first = bench.run(drawing, {"texts": ["a", "b"]})
    assert first.value("total") == [2, 3]
    assert set(bench.stores.artifacts.iter()) <= bench.stores.snapshots.named_digests()
    assert {record.status.value for record in bench.run(drawing, {"texts": ["a", "b"]}).steps} == {"cached"}


def test_recorded_folder_of_which_a_file_is_gone_is_no_hit(bench: Any) -> None:
    bench.run(drawing, {"texts": ["a", "b"]})
    bench.stores.artifacts.delete(digest_bytes(b"b"))
    again = bench.run(drawing, {"texts": ["a", "b"]})
    assert {record.step: record.status.value for record in again.steps} == {
        "draw": "completed", "extend": "cached", "total": "cached",
    }  # fmt: skip


names = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\:"), min_size=1, max_size=5).filter(
    lambda name: name not in {".", ".."}
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(files=st.dictionaries(names.map(lambda name: f"d/{name}") | names.map(lambda name: f"{name}.f"),
                             st.binary(max_size=20), max_size=4))  # fmt: skip
def test_any_files_come_back(artifacts: ArtifactStore, tmp_path: Path, files: dict[str, bytes]) -> None:
    root = Folder.new()
    folder = write(root.path, files)
    data, parts = FOLDERS.store(folder, artifacts)
    assert all(artifacts.exists(part) for part in parts)
    assert read(FOLDERS.fetch(data, Any, artifacts).path) == files
