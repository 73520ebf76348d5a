"""SIGKILL at any moment of a replay: no row is lost, and the next replay goes on."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from e2e.workplace import HERE, Workplace

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

KILL_AT = str(HERE / "kill_at.py")
CONTRACT = "name: costs\nmax_quarantined: 100%\nkey: id\ncolumns: {id: integer, cost: {type: number, min: 0}}\n"
REPLAY = ("data", "quarantine", "replay", "costs", "--contract", "contract.yaml")
# In the order in which a replay comes by them.
POINTS = (
    ("call", "QuarantineCatalog._accept", 1),
    ("return", "overwrite", 1),  # the dataset's rows are in its table, no version names them
    ("return", "SqlDatasetStore.create_version", 1),  # the dataset's version is written, not committed
    ("return", "QuarantineCatalog._accept", 1),  # the dataset has the rows, the quarantine has them still
    ("return", "SqlDatasetStore.create_version", 1),  # the quarantine's version is written, not committed
    ("return", "QuarantineCatalog._write", 1),
)


def test_replay_killed_at_each_point_loses_no_row_and_goes_on(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    (tmp_path / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "costs.csv").write_text("id,cost\n1,5\n2,$7\n3,x\n4,9\n", encoding="utf-8")
    workplace.mw("data", "add", "costs.csv")
    workplace.mw("data", "validate", "costs", "--contract", "contract.yaml", "--quarantine")
    workplace.mw("data", "quarantine", "repair", "costs", "--set", "cost=REPLACE(cost, '$', '')")
    for event, name, number in POINTS:
        workplace.mw(*REPLAY, program=(KILL_AT, event, name, str(number)), code=-signal.SIGKILL)
        check(workplace)
    workplace.mw(*REPLAY)
    table, left = check(workplace)
    assert table == {"1": "5", "2": "7", "3": "x", "4": "9"}
    assert left == [3]


def check(workplace: Workplace) -> tuple[dict[str, str], list[int]]:
    """Every row is in the dataset, and what breaks the contract is in the quarantine; both as they are now."""
    with workplace.open() as workspace:
        table = workspace.datasets.get("costs").read()
        left = workspace.quarantine.get("costs").version.read()
    assert table["id"].to_list() == ["1", "2", "3", "4"]
    broken = table["cost"].cast(pl.Float64, strict=False).is_null().arg_true() + 1
    assert set(broken) <= set(left["_row"])
    return dict(table.iter_rows()), left["_row"].to_list()
