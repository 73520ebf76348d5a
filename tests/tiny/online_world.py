"""A workspace's stores with an embedded online store, at a moment that tests move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from millwright.core.clock import ManualClock
from millwright.core.progress import SilentProgress
from millwright.core.records.dataset import DatasetKind
from millwright.data.datasets.catalog import DatasetCatalog
from millwright.data.datasets.write_options import WriteOptions
from millwright.data.features.definition_lookup import DefinitionLookup
from millwright.data.features.entity import Entity, Feature
from millwright.data.features.online.features import OnlineFeatures
from millwright.data.features.view import FeatureView
from millwright.storage.catalog import Stores, open_online, open_stores

if TYPE_CHECKING:
    from pathlib import Path

    from millwright.data.datasets.dataset import Dataset

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)
MOMENT = pl.Datetime("us", "UTC")
SCHEMA = {"site": pl.Int64, "at": MOMENT, "created": MOMENT, "late": pl.Float64, "who": pl.String, "day": pl.Date}


@dataclass(kw_only=True, slots=True)
class World:
    """What tests work with."""

    stores: Stores
    datasets: DatasetCatalog
    online: OnlineFeatures
    clock: ManualClock

    def write(self, rows: list[dict[str, Any]] | pl.DataFrame, *, mode: Any = "overwrite", **options: Any) -> Dataset:
        """Rows as a version of `phases`."""
        frame = rows if isinstance(rows, pl.DataFrame) else table(rows)
        return self.datasets.write(
            frame, "phases", kind=DatasetKind.TABLE, options=WriteOptions(mode=mode, **options)
        )  # fmt: skip

    def values(self, view: Any, *sites: Any, **options: Any) -> list[Any]:
        """The feature `late` of some sites."""
        found = self.online.read([view], [{"site": site} for site in sites], **options)
        return found.columns["late"]


def moment(hours: float) -> datetime:
    """So many hours after noon."""
    return NOON + timedelta(hours=hours)


def row(site: int | None, at: float, late: float | None = None, *, created: float | None = None) -> dict[str, Any]:
    """A row of `phases`, recorded when it happened unless said otherwise."""
    made = moment(at if created is None else created)
    value = float(at) if late is None else late
    return {"site": site, "at": moment(at), "created": made, "late": value, "who": f"w{at}", "day": moment(at).date()}


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows of `phases`."""
    return pl.DataFrame(rows, schema=SCHEMA)


def phases(**changes: Any) -> FeatureView:
    """A view of `phases`."""
    options: dict[str, Any] = {
        "entities": [Entity("site")],
        "source": "phases",
        "timestamp": "at",
        "features": [Feature("late", "Float64"), Feature("who", "String"), Feature("day", "Date")],
    }
    return FeatureView("history", **(options | changes))


def open_world(folder: Path, *, now: datetime = NOON, online_at: Path | str | None = None) -> World:
    """The stores of a folder."""
    stores = open_stores(
        records_url=f"sqlite:///{folder / 'records.db'}",
        artifacts_url=str(folder / "artifacts"),
        predictions_url=str(folder / "predictions"),
    )
    clock = ManualClock(now)
    datasets = DatasetCatalog(stores=stores, root_url=str(folder / "datasets"), clock=clock, actor="ann")
    online = OnlineFeatures(
        stores=stores,
        store=open_online(str(online_at or folder / "online")),
        datasets=datasets,
        lookup=DefinitionLookup(stores.features),
        clock=clock,
        progress=SilentProgress(),
        actor="ann",
    )
    return World(stores=stores, datasets=datasets, online=online, clock=clock)
