from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import (
    ConfigurationError,
    IntegrityError,
    InvalidInputError,
    MissingExtraError,
    StorageError,
)
from millwright.storage.folder import Folder, LocalFolder, RemoteFolder, open_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["local", "memory"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return open_folder(str(tmp_path / "new" / "root") if request.param == "local" else f"memory://{uuid4().hex}")


def test_folder_gives_back_what_was_written(folder: Folder) -> None:
    folder.write("a/b/größe 1", b"data")
    assert folder.read("a/b/größe 1") == b"data"
    assert folder.size("a/b/größe 1") == 4


def test_folder_replaces_a_file_when_written_again(folder: Folder) -> None:
    folder.write("a", b"old, and longer")
    folder.write("a", b"new")
    assert folder.read("a") == b"new"


def test_folder_copies_a_file_in(folder: Folder, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * (3 << 20))
    folder.copy_in("a/b", source, digest_bytes(source.read_bytes()))
    assert folder.read("a/b") == source.read_bytes()


def test_folder_keeps_nothing_when_the_copied_file_has_another_digest(folder: Folder, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"changed")
    with pytest.raises(IntegrityError, match="changed while it was stored"):
        folder.copy_in("a/b", source, digest_bytes(b"before"))
    assert folder.read("a/b") is None
    assert folder.list("a") == []


def test_folder_gives_a_local_file_or_none(folder: Folder) -> None:
    folder.write("a", b"data")
    with folder.local_file("a") as path:
        assert path is not None
        assert path.read_bytes() == b"data"
    with folder.local_file("b") as path:
        assert path is None


def test_folder_says_none_of_what_is_not_there(folder: Folder) -> None:
    assert folder.read("a/b") is None
    assert folder.size("a/b") is None
    assert folder.list("a") == folder.list("") == []
    folder.delete("a/b")


def test_folder_deletes(folder: Folder) -> None:
    folder.write("a", b"")
    folder.delete("a")
    assert folder.read("a") is None


def test_folder_lists_files_and_folders_sorted(folder: Folder) -> None:
    for name in ("b/1", "a/2", "a/1", "c"):
        folder.write(name, b"")
    assert folder.list("") == ["a", "b", "c"]
    assert folder.list("a") == ["1", "2"]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "a//b", ".", "a/.", "a\\b", "a\0b"])
def test_folder_refuses_a_name_that_leads_out(folder: Folder, name: str) -> None:
    for call in (folder.read, folder.size, folder.delete, folder.list, lambda name: folder.write(name, b"")):
        with pytest.raises(InvalidInputError, match="inside the folder"):
            call(name)


def test_local_folder_hides_files_that_are_being_written(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    folder.write("a/1", b"")
    (tmp_path / "a" / ".partial-xyz").write_bytes(b"half")
    assert folder.list("a") == ["1"]


def test_local_folder_keeps_the_old_bytes_when_killed_while_writing(tmp_path: Path) -> None:
    LocalFolder(tmp_path).write("a/file", b"old")
    script = (
        "import sys; from pathlib import Path; from millwright.storage.folder import LocalFolder\n"
        "folder = LocalFolder(Path(sys.argv[1]))\n"
        "while True: folder.write('a/file', b'new' * 10_000_000)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)])
    while not any(path.name.startswith(".partial-") and path.stat().st_size for path in tmp_path.iterdir()):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "a" / "file").read_bytes() in {b"old", b"new" * 10_000_000}
    assert LocalFolder(tmp_path).list("a") == ["file"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_local_file_is_readable_by_others(tmp_path: Path) -> None:
    LocalFolder(tmp_path).write("a", b"")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o644


def test_local_folder_names_the_path_when_it_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="file"):
        LocalFolder(tmp_path / "file" / "below").write("a", b"")
    with pytest.raises(StorageError, match="file"):
        LocalFolder(tmp_path).list("file")


def test_remote_folder_names_the_url_when_it_cannot_be_used() -> None:
    class Broken:
        def __getattr__(self, name: str) -> object:
            def fail(*_arguments: object, **_options: object) -> None:
                raise ConnectionError("no route")

            return fail

    folder = RemoteFolder(Broken(), "bucket/prefix")
    for call in (folder.read, folder.size, folder.delete, folder.list, lambda name: folder.write(name, b"")):
        with pytest.raises(StorageError, match=r"bucket/prefix.*no route"):
            call("a")


@pytest.mark.parametrize("url", ["file://{}/x", "local://{}/x", "{}/x"])
def test_open_folder_takes_local_paths_and_urls(tmp_path: Path, url: str) -> None:
    open_folder(url.format(tmp_path)).write("a", b"1")
    assert (tmp_path / "x" / "a").read_bytes() == b"1"


def test_open_folder_refuses_a_url_of_an_unknown_kind() -> None:
    with pytest.raises(ConfigurationError, match="gopher"):
        open_folder("gopher://x")


@pytest.mark.parametrize(("url", "extra"), [("gs://bucket/x", "gcs"), ("abfs://container/x", "azure")])
def test_open_folder_names_what_to_install_when_a_library_is_missing(url: str, extra: str) -> None:
    with pytest.raises(MissingExtraError) as caught:
        open_folder(url)
    assert f"millwright[{extra}]" in caught.value.hint


def test_open_folder_gives_no_extra_that_is_not_there() -> None:
    with pytest.raises(ConfigurationError, match="file system for dropbox://") as caught:
        open_folder("dropbox://x")
    assert "dropbox" in caught.value.hint.lower()
    assert "millwright[" not in caught.value.hint


def test_local_folder_removes_what_killed_writers_left(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    folder.write("a/1", b"kept")
    (tmp_path / ".partial-old").write_bytes(b"half")
    os.utime(tmp_path / ".partial-old", (0, 0))
    (tmp_path / ".partial-new").write_bytes(b"half")
    (tmp_path / "a" / "1").rename(tmp_path / "a" / ".aside-1")  # killed while it was about to be discarded
    assert folder.tidy(before=datetime.now(tz=UTC) - timedelta(hours=1)) == 1
    assert folder.read("a/1") == b"kept"
    assert (tmp_path / ".partial-new").exists()


def test_local_folder_spares_a_file_that_is_renewed_while_it_is_discarded(tmp_path: Path) -> None:
    folder = LocalFolder(tmp_path)
    folder.write("a", b"x")
    os.utime(tmp_path / "a", (0, 0))
    seen: list[bool] = []

    def wanted() -> bool:
        seen.append(folder.renew("a"))  # set aside already, so that a writer writes it again
        return False

    assert folder.discard("a", before=datetime.now(tz=UTC), wanted=wanted)
    assert seen == [False]
    folder.write("a", b"x")
    assert folder.renew("a")
    assert not folder.discard("a", before=datetime.now(tz=UTC) - timedelta(minutes=1), wanted=lambda: False)
