"""Writes to a dataset and sends itself SIGKILL at one point of the product's code.

    python write_and_die.py FOLDER OPERATION call|return QUALIFIED_NAME NUMBER

`return write_file 2` is when that function has returned for the second time, in whichever thread.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.clock import SystemClock
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets import batch_plan, layout
from millwright.data.datasets.catalog import DatasetCatalog, WriteOptions
from millwright.storage.catalog import open_stores

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import FrameType

BEFORE = pl.DataFrame({"id": range(10), "name": [f"n{number}" for number in range(10)]})
CHANGES = pl.DataFrame({"id": [1, 8, 20, 21, 22, 23], "name": list("abcdef")})
MERGE = WriteOptions(mode="merge", key=("id",), wait_s=0)

OPERATIONS: dict[str, Callable[[DatasetCatalog], Any]] = {
    "overwrite": lambda catalog: catalog.write(
        CHANGES.with_columns(extra=1), "d", kind=DatasetKind.TABLE, options=WriteOptions(wait_s=0)
    ),
    "append": lambda catalog: catalog.write(
        CHANGES, "d", kind=DatasetKind.TABLE, options=WriteOptions(mode="append", wait_s=0)
    ),
    "evolve": lambda catalog: catalog.write(
        CHANGES.with_columns(extra=1),
        "d",
        kind=DatasetKind.TABLE,
        options=WriteOptions(mode="append", evolve=True, wait_s=0),
    ),
    "batches": lambda catalog: catalog.write(
        iter([CHANGES[:4], CHANGES[4:]]), "d", kind=DatasetKind.TABLE, options=WriteOptions(wait_s=0)
    ),
    "append batches": lambda catalog: catalog.write(
        iter([CHANGES[:4], CHANGES[4:]]), "d", kind=DatasetKind.TABLE, options=WriteOptions(mode="append", wait_s=0)
    ),
    "merge": lambda catalog: catalog.write(CHANGES, "d", kind=DatasetKind.TABLE, options=MERGE),
    "delete": lambda catalog: catalog.delete("d", "id IN (1, 2, 8)", options=WriteOptions(wait_s=0)),
    "restore": lambda catalog: catalog.restore("d@1", options=WriteOptions(wait_s=0)),
}


def open_catalog(folder: Path | str) -> DatasetCatalog:
    """A workspace's datasets."""
    stores = open_stores(
        records_url=f"sqlite:///{folder}/records.db",
        artifacts_url=f"{folder}/artifacts",
        predictions_url=f"{folder}/predictions",
    )
    return DatasetCatalog(stores=stores, root_url=f"{folder}/datasets", clock=SystemClock(), actor="ada")


def die_at(event: str, name: str, number: int) -> None:
    """Watch the calls of all threads from now on."""
    left = number

    def watch(frame: FrameType, happened: str, _: Any) -> None:
        nonlocal left
        if happened == event and frame.f_code.co_qualname == name and "millwright" in frame.f_code.co_filename:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    threading.setprofile(watch)
    sys.setprofile(watch)


def three_rows(_: pl.DataFrame) -> int:
    """How many rows a file gets here."""
    return 3


if __name__ == "__main__":
    layout.rows_per_file = layout.rows_per_file_like = three_rows
    batch_plan.WHOLE_BYTES = 0
    opened = open_catalog(sys.argv[1])
    die_at(sys.argv[3], sys.argv[4], int(sys.argv[5]))
    OPERATIONS[sys.argv[2]](opened)
