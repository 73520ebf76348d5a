"""A writer that is killed at any point leaves the former version, and the next write goes on from it."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets import batch_plan, layout
from millwright.data.datasets.catalog import WriteOptions
from tiny import forking
from unit.data.datasets import write_and_die
from unit.data.datasets.write_and_die import BEFORE, OPERATIONS, open_catalog, three_rows

SCRIPT = Path(write_and_die.__file__)
LOG = [("call", "_write", 1), ("return", "_write", 1)]
RECORDS = [("call", "SqlAuditStore.append", 1)]  # within the transaction
POINTS = {
    "overwrite": [("return", "write_file", 1), *LOG, *RECORDS],
    "append": [("return", "write_file", 2), *LOG, *RECORDS],
    "evolve": LOG,  # the column is in the table already, or all is
    "batches": [("return", "write_file", 1), *LOG, *RECORDS],
    "append batches": [("return", "write_file", 2), ("return", "stage", 1), *LOG, *RECORDS],
    "merge": [("return", "write_file", 1), ("return", "write_file", 3), *LOG, *RECORDS],
    "delete": [("return", "write_file", 1), *LOG, *RECORDS],
    "restore": [("return", "restore", 1), *RECORDS],
}


@pytest.fixture(autouse=True)
def _three_rows_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "rows_per_file", three_rows)
    monkeypatch.setattr(layout, "rows_per_file_like", three_rows)
    monkeypatch.setattr(batch_plan, "WHOLE_BYTES", 0)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, to copy; the second is of other rows."""
    folder = tmp_path_factory.mktemp("prepared")
    patch = pytest.MonkeyPatch()
    patch.setattr(layout, "rows_per_file", three_rows)
    catalog = open_catalog(folder)
    catalog.write(BEFORE[:4], "d", kind=DatasetKind.TABLE)
    catalog.write(BEFORE, "d", kind=DatasetKind.TABLE, options=WriteOptions(key=("id",)))
    patch.undo()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "point"), [(operation, point) for operation, points in POINTS.items() for point in points], ids=str
)
def test_writer_that_is_killed_leaves_the_former_version(
    operation: str, point: tuple[str, str, int], prepared: Path, tmp_path: Path
) -> None:
    killed_in, spared_in = tmp_path / "killed", tmp_path / "spared"
    shutil.copytree(prepared, killed_in)
    shutil.copytree(prepared, spared_in)
    killed = forking.run([str(SCRIPT), str(killed_in), operation, *map(str, point)], cwd=tmp_path)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    catalog = open_catalog(killed_in)
    assert catalog.get("d").record.version == 2
    assert catalog.get("d").verify().equals(BEFORE)
    assert catalog.get("d@1").verify().equals(BEFORE[:4])
    # The same again, by a writer that is spared, gives what it gives where nobody was killed.
    again, expected = OPERATIONS[operation](catalog), OPERATIONS[operation](open_catalog(spared_in))
    assert again.record.version == 3
    assert again.verify().equals(expected.verify())
    assert again.record.digest == expected.record.digest
    assert catalog.get("d@2").verify().equals(BEFORE)


def test_other_write_than_the_killed_one_goes_on_from_the_former_version(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared, tmp_path / "w")
    killed = forking.run([str(SCRIPT), str(tmp_path / "w"), "evolve", "return", "_write", "1"], cwd=tmp_path)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    catalog = open_catalog(tmp_path / "w")
    shorter = catalog.delete("d", "id < 5")
    assert shorter.verify().equals(BEFORE[5:])
    assert shorter.record.parent == 2
