"""SIGKILL while a folder of files is added or checked out: no version is half there, the next try ends well."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import HERE, Workplace
from millwright.data.files import check_out

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

KILL_AT = (str(HERE / "kill_at.py"),)
KILLED = -9
ADD = ("data", "add", "photos", "--files")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def versions(workplace: Workplace) -> list[dict[str, bytes]]:
    """What each version's files hold, oldest first."""
    found = []
    with workplace.open() as workspace:
        for version in reversed(workspace.datasets.versions("photos")):
            out = workplace.folder / "out" / version.record.ref
            shutil.rmtree(out, ignore_errors=True)
            check_out(version, out, artifacts=workspace.stores.artifacts)
            found.append(content(out))
    return found


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """`photos@1` is recorded, and its folder has changed since."""
    found = Workplace(tmp_path)
    (tmp_path / "photos" / "sub").mkdir(parents=True)
    for number in range(5):
        (tmp_path / "photos" / "sub" / f"{number}.txt").write_text(f"first {number}", encoding="utf-8")
    found.mw(*ADD)
    for number in range(3, 8):
        (tmp_path / "photos" / "sub" / f"{number}.txt").write_text(f"second {number}", encoding="utf-8")
    return found


@pytest.mark.parametrize(
    "point",
    [
        ("call", "SqlFileStore.put", 2),  # some names are written, not committed
        ("call", "VersionWriter._record", 1),  # the manifest is in the table, no version names it
        ("return", "SqlDatasetStore.create_version", 1),
        ("call", "StatCache.keep", 1),
    ],
    ids=str,
)
def test_killed_addition_leaves_the_former_version_and_is_ended_by_the_next(
    workplace: Workplace, point: tuple[str, str, int]
) -> None:
    first = {f"sub/{number}.txt": f"first {number}".encode() for number in range(5)}
    second = content(workplace.folder / "photos")
    event, name, number = point
    workplace.mw(event, name, str(number), *ADD, program=KILL_AT, code=KILLED)
    assert versions(workplace) == ([first, second] if name == "StatCache.keep" else [first])
    workplace.mw(*ADD)
    assert versions(workplace) == [first, second]


def test_killed_checkout_leaves_no_folder_and_is_done_by_the_next(workplace: Workplace) -> None:
    checkout = ("data", "checkout", "photos@1", "target")
    workplace.mw("call", "_put", "3", *checkout, program=KILL_AT, code=KILLED)
    assert not (workplace.folder / "target").exists()
    workplace.mw(*checkout)
    assert len(content(workplace.folder / "target")) == 5


def test_collection_spares_blobs_of_every_manifest_that_is_there(workplace: Workplace) -> None:
    workplace.mw(*ADD)
    workplace.mw("gc", "--yes", "--older-than-days", "0")
    assert [len(files) for files in versions(workplace)] == [5, 8]
