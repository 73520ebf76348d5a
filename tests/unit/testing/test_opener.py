from __future__ import annotations

import pickle
from dataclasses import replace
from typing import TYPE_CHECKING

from millwright.storage.base.runs import RunStore
from millwright.storage.catalog import Stores
from millwright.testing.opener import StoreOpener

if TYPE_CHECKING:
    from pathlib import Path


def test_opener_gives_one_store_or_all_also_after_a_journey_through_bytes(tmp_path: Path) -> None:
    opener = StoreOpener(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=str(tmp_path), predictions_url=str(tmp_path)
    )
    for travelled in (opener, pickle.loads(pickle.dumps(opener))):  # noqa: S301 - our own bytes
        with travelled() as stores:
            assert isinstance(stores, Stores)
        with replace(travelled, family="runs")() as runs:
            assert isinstance(runs, RunStore)
