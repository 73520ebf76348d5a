from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError, NotFoundError
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.dataset import DatasetKind, DatasetState
from millwright.data.datasets.catalog import WriteOptions
from millwright.data.versions.retention import RetentionRule, plan_retention, vacuum
from millwright.data.versions.tag import set_tag

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.core.clock import ManualClock
    from millwright.data.datasets.catalog import DatasetCatalog
    from millwright.data.versions.retention import Vacuumed
    from millwright.storage.catalog import Stores

LAST = RetentionRule(versions=1)


def write(catalog: DatasetCatalog, clock: ManualClock, count: int = 5, *, dataset: str = "a") -> None:
    """Versions a day apart, of one row each."""
    for number in range(count):
        catalog.write(pl.DataFrame({"n": [number]}), dataset, kind=DatasetKind.TABLE)
        clock.advance(timedelta(days=1))


def files(root: Path, dataset: str = "a") -> set[str]:
    return {path.name for path in (root / dataset).glob("*.parquet")}


@pytest.fixture
def clean(stores: Stores, root: Path, clock: ManualClock):
    def run(rule: RetentionRule = LAST, dataset: str = "a", *, dry_run: bool = False) -> Vacuumed:
        return vacuum(stores, str(root), dataset, rule, clock=clock, actor="ada", dry_run=dry_run)

    return run


@pytest.mark.parametrize(
    ("rule", "expired"),
    [
        (RetentionRule(), ()),
        (RetentionRule(versions=2), (1, 2, 3)),
        (RetentionRule(days=2.5), (1, 2, 3)),
        (RetentionRule(versions=3, days=1), (1, 2)),
        (RetentionRule(versions=9), ()),
        (RetentionRule(days=0.1), (1, 2, 3, 4)),
    ],
)
def test_version_stays_when_either_rule_keeps_it(
    stores: Stores, catalog: DatasetCatalog, clock: ManualClock, rule: RetentionRule, expired: tuple[int, ...]
) -> None:
    write(catalog, clock)
    plan = plan_retention(stores, "a", rule, now=clock.now())
    assert plan.expired == expired
    assert plan.kept[5] == "latest"
    assert sorted([*plan.expired, *plan.kept]) == [1, 2, 3, 4, 5]


def test_expired_rows_are_gone_and_the_others_are_as_they_were(
    stores: Stores, catalog: DatasetCatalog, root: Path, clock: ManualClock, clean
) -> None:
    write(catalog, clock)
    done = clean(RetentionRule(versions=2))
    assert (done.expired, done.swept.files) == ((1, 2, 3), 3)
    assert done.swept.size_bytes > 0
    assert len(files(root)) == 2
    assert [catalog.get(f"a@{n}").verify().item() for n in (4, 5)] == [3, 4]
    assert stores.datasets.get_version("a", 1).state is DatasetState.EXPIRED
    for read in (catalog.get("a@1").read, catalog.get("a@1").scan, catalog.get("a@1").files):
        with pytest.raises(NotFoundError, match=r"a@1 were removed.*mw data history a"):
            read()
    event = stores.audit.list()[0]
    assert (event.action, event.subject, event.details["versions"]) == ("dataset.expire", "a", [1, 2, 3])
    assert catalog.write(pl.DataFrame({"n": [9]}), "a", kind=DatasetKind.TABLE).read().item() == 9


def test_dry_run_says_the_same_and_changes_nothing(
    stores: Stores, catalog: DatasetCatalog, root: Path, clock: ManualClock, clean
) -> None:
    write(catalog, clock)
    before = files(root)
    planned = clean(dry_run=True)
    assert files(root) == before
    assert all(record.state is DatasetState.AVAILABLE for record in stores.datasets.list_versions("a"))
    assert clean() == planned


def test_files_that_a_kept_version_shares_stay(catalog: DatasetCatalog, root: Path, clock: ManualClock, clean) -> None:
    options = WriteOptions(mode="append")
    for number in range(4):
        catalog.write(pl.DataFrame({"n": [number]}), "a", kind=DatasetKind.TABLE, options=options)
    before = files(root)
    done = clean()
    assert (done.expired, done.swept.files) == ((1, 2, 3), 0)
    assert files(root) == before
    assert catalog.get("a").verify()["n"].to_list() == [0, 1, 2, 3]


def test_trained_and_tagged_versions_stay(stores: Stores, catalog: DatasetCatalog, clock: ManualClock, clean) -> None:
    write(catalog, clock)
    set_tag(stores, "a@2", "golden", clock=clock, actor="ada")
    stores.lineage.add(
        [
            LineageEdge(
                source_kind=NodeKind.DATASET, source_id="a@3", relation="trained_on",
                target_kind=NodeKind.MODEL_VERSION, target_id="delay@1", at=clock.now(),
            )
        ]
    )  # fmt: skip
    done = clean()
    assert done.expired == (1, 4)
    assert done.kept == {2: "tagged golden", 3: "trained delay@1", 5: "latest"}
    assert [catalog.get(ref).verify().item() for ref in ("a@golden", "a@3", "a")] == [1, 2, 4]


def test_second_run_finds_nothing(catalog: DatasetCatalog, clock: ManualClock, clean) -> None:
    write(catalog, clock)
    clean()
    again = clean()
    assert (again.expired, again.swept.files, list(again.kept)) == ((), 0, [5])


def test_file_that_no_log_names_stays_for_a_day(catalog: DatasetCatalog, root: Path, clock: ManualClock, clean) -> None:
    write(catalog, clock)
    stray = root / "a" / "rows-of-a-writer.parquet"
    stray.write_bytes(b"x")
    stamp = clock.now().timestamp()
    os.utime(stray, (stamp, stamp))
    assert clean(RetentionRule()).swept.files == 0
    clock.advance(timedelta(days=2))
    assert clean(RetentionRule()).swept.files == 1
    assert not stray.exists()


def test_unknown_dataset_and_negative_rule_are_refused(clean) -> None:
    with pytest.raises(NotFoundError):
        clean(dataset="nothing")
    with pytest.raises(InvalidInputError, match="-1"):
        RetentionRule(versions=-1)


VACUUM_AND_DIE = """
import os, signal, sys
from millwright.core.clock import SystemClock
from millwright.data.versions import retention
from millwright.data.versions.retention import RetentionRule, vacuum
from millwright.storage.catalog import open_stores
from millwright.storage.local_folder import LocalFolder

root, left = sys.argv[1], int(sys.argv[2])
delete = LocalFolder.delete

def counted(self, name):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    delete(self, name)

LocalFolder.delete = counted
stores = open_stores(
    records_url=f"sqlite:///{root}/records.db", artifacts_url=f"{root}/artifacts", predictions_url=f"{root}/predictions"
)
vacuum(stores, f"{root}/tables", "a", RetentionRule(versions=1), clock=SystemClock(), actor="ada")
"""


@pytest.mark.parametrize("left", [0, 2])
def test_killed_vacuum_leaves_only_garbage_which_the_next_removes(
    stores: Stores, catalog: DatasetCatalog, tmp_path: Path, root: Path, clock: ManualClock, clean, left: int
) -> None:
    write(catalog, clock)
    killed = subprocess.run([sys.executable, "-c", VACUUM_AND_DIE, str(tmp_path), str(left)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(files(root)) == 5 - left
    assert {r.version for r in stores.datasets.list_versions("a") if r.state is DatasetState.AVAILABLE} == {5}
    assert catalog.get("a").verify().item() == 4
    done = clean()
    assert (done.expired, done.swept.files) == ((), 4 - left)
    assert len(files(root)) == 1
    assert catalog.get("a").verify().item() == 4
