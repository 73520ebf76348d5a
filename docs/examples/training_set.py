"""A training set without a look ahead, from the features of `building_features.py`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import building_features
import polars as pl

import millwright as mw
from millwright.core.records.dataset import DatasetKind
from millwright.data.features.entity_rows import intervals

workspace = mw.Workspace.open()

phases = pl.DataFrame(
    {
        "building": ["K1", "K1", "K1", "M7"],
        "ended": [date(2026, 1, 10), date(2026, 3, 1), date(2026, 5, 20), date(2026, 2, 2)],
        "recorded": [date(2026, 1, 12), date(2026, 6, 1), date(2026, 5, 21), date(2026, 2, 2)],
        "late": [4, 30, 2, 0],
    }
)
workspace.datasets.write(phases, "phases", kind=DatasetKind.TABLE)

# --8<-- [start:apply]
for change in workspace.features.apply([building_features.delay]):
    print(change.kind, change.record.ref)
# --8<-- [end:apply]

# --8<-- [start:training]
starts = pl.DataFrame(
    {
        "building": ["K1", "K1", "M7", "Q3"],
        "start": [date(2026, 4, 1), date(2026, 6, 2), date(2026, 2, 1), date(2026, 4, 1)],
        "planned_days": [40, 40, 10, 25],
    }
)
made = workspace.features.training_set(starts, features="schedule_delay", timestamp="start")
print(made.frame.select("building", "start", "late_so_far", "late_share"))
print(made.record.definitions, made.record.datasets)
kept = workspace.features.save(made, "schedule_delay.training")
# --8<-- [end:training]

# --8<-- [start:everyone]
moments = intervals(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC), timedelta(days=30))
everyone = workspace.features.entity_rows(["building_history"], at=moments)
print(workspace.features.training_set(everyone, ["building_history:mean_late"]).frame)
# --8<-- [end:everyone]
workspace.close()
