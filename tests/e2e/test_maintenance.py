"""SIGKILL in the middle of `mw gc`, `mw backup` and `mw restore`: all stays whole, and a second try ends well."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from e2e.workplace import HERE, Workplace
from millwright.core.ids import ExperimentId
from millwright.core.records.experiment import Lifecycle
from millwright.testing import sample
from millwright.testing.logged_models import logged_model

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

KILL_AT = (str(HERE / "kill_at.py"),)
KILLED = -9
MODELS = 3


def fill(workplace: Workplace) -> None:
    """Models that were deleted long ago, and one that was not; each with a file."""
    long_ago = datetime.now(tz=UTC) - timedelta(days=40)
    with workplace.open() as workspace:
        stores = workspace.stores
        for number in range(MODELS + 1):
            model_id = f"m-{number}"
            location = f"mlflow-artifacts:/0/models/{model_id}/artifacts"
            stores.logged_models.create(logged_model(id=model_id, artifact_location=location))
            digest = stores.artifacts.put(model_id.encode() * 1000)
            stores.files.put(f"0/models/{model_id}/artifacts/x", digest, 3000, sample.NOON)
            if number < MODELS:
                stores.logged_models.set_lifecycle(model_id, Lifecycle.DELETED, long_ago)
    for blob in (workplace.folder / ".millwright" / "artifacts").rglob("*"):
        if blob.is_file():
            os.utime(blob, (time.time() - 2 * 86400,) * 2)


def check(workplace: Workplace, *, models: int | None = None) -> None:
    """Every record is whole: a model has its file, and a file its blob."""
    with workplace.open() as workspace:
        stores = workspace.stores
        files = list(stores.files.walk())
        owners = [record.path.split("/")[2] for record in files]
        assert sorted(owners) == sorted(stores.logged_models.list_ids(ExperimentId("1")))
        for record in files:
            assert record.digest is not None
            assert stores.artifacts.get(record.digest)
        if models is not None:
            assert len(files) == models


def kill(workplace: Workplace, event: str, name: str, number: int, *words: str) -> None:
    workplace.mw(event, name, str(number), *words, program=KILL_AT, code=KILLED)


@pytest.mark.parametrize(
    "point",
    [
        ("return", "SqlLoggedModelStore.purge", 2),
        ("call", "SqlFileStore.delete", 1),
        ("return", "SqlSnapshotStore.named_digests", 1),
        ("call", "SqlFileStore.is_named", 2),  # the blob is set aside
    ],
    ids=str,
)
def test_killed_collection_loses_nothing_and_is_ended_by_the_next(tmp_path: Path, point: tuple[str, str, int]) -> None:
    workplace = Workplace(tmp_path)
    fill(workplace)
    kill(workplace, *point, "gc", "--yes")
    check(workplace)
    workplace.mw("gc", "--yes")
    check(workplace, models=1)
    with workplace.open() as workspace:
        assert len(list(workspace.stores.artifacts.iter())) == 1
    assert workplace.mw("gc", "--json").json["blobs"] == 0


@pytest.mark.parametrize("name", ["copy", "copy.zip"])
@pytest.mark.parametrize("point", [("call", "_BackupWork.add_blobs", 1), ("call", "ArchiveWriter.finish", 1)], ids=str)
def test_backup_that_was_killed_is_not_there(tmp_path: Path, name: str, point: tuple[str, str, int]) -> None:
    (tmp_path / "home").mkdir()
    workplace = Workplace(tmp_path / "home")
    fill(workplace)
    kill(workplace, *point, "backup", str(tmp_path / name))
    assert not (tmp_path / name).exists()
    workplace.mw("backup", str(tmp_path / name))
    check(workplace, models=MODELS + 1)


@pytest.mark.parametrize("point", [("return", "_restore_blobs", 1), ("call", "_TableReader.row", 5)], ids=str)
def test_restore_that_was_killed_can_be_done_again(tmp_path: Path, point: tuple[str, str, int]) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "new").mkdir()
    home, new = Workplace(tmp_path / "home"), Workplace(tmp_path / "new")
    fill(home)
    home.mw("backup", str(tmp_path / "copy"))
    kill(new, *point, "restore", str(tmp_path / "copy"))
    with new.open() as workspace:
        assert workspace.stores.snapshots.is_empty()
    new.mw("restore", str(tmp_path / "copy"))
    check(new, models=MODELS + 1)


def test_backup_while_others_write_is_of_one_moment(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "new").mkdir()
    home, new = Workplace(tmp_path / "home"), Workplace(tmp_path / "new")
    with home.open() as workspace:
        stores = workspace.stores
        process = None
        for number in range(400):
            with stores.transactions.transaction():
                for twin in ("a", "b"):
                    digest = stores.artifacts.put(f"{twin}{number}".encode())
                    stores.files.put(f"{twin}/{number:03}", digest, 4, sample.NOON)
            if number == 50:
                process = home.start("backup", str(tmp_path / "copy.zip"))
        assert process is not None
        assert process.communicate(timeout=60)[1] == ""
    new.mw("restore", str(tmp_path / "copy.zip"))
    with new.open() as workspace:
        names = [[record.name for record in workspace.stores.files.list(twin)] for twin in ("a", "b")]
        assert names[0] == names[1]
        for record in workspace.stores.files.walk():
            assert record.digest is not None
            assert workspace.stores.artifacts.get(record.digest)
