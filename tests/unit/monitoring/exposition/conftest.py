"""One real check of a window in which a good deal went wrong, and what is told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.ids import ReportId, new_id
from millwright.core.records.monitor import MonitorReportRecord
from millwright.core.records.prediction import LabelRecord
from millwright.evaluation.interval import BootstrapOptions
from millwright.monitoring.anomaly import PastSettings
from millwright.monitoring.bias import BiasSettings
from millwright.monitoring.exposition.fact import ReportFacts
from millwright.monitoring.insight import InsightSettings
from millwright.monitoring.monitor import Monitor
from millwright.monitoring.operations import OperationsSettings, ServedCounts
from millwright.monitoring.performance import PerformanceSettings
from millwright.monitoring.quality import QualitySettings
from millwright.monitoring.quality.freshness import Freshness
from millwright.monitoring.quality.volume import Volume
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.threshold import Limits
from millwright.pipelines.annotations import Resources
from millwright.pipelines.runner.observation.price import Prices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from millwright.monitoring.exposition.metric import Family, Metric

ROWS = 600
SETTINGS = MonitorSettings(
    performance=PerformanceSettings(
        limits={"accuracy": Limits(low=0.9, high=None)}, bootstrap=BootstrapOptions(draws=200)
    ),
    bias=BiasSettings(groups=("phase",)),
    quality=QualitySettings(
        volume=Volume(min_per_hour=36.0), freshness=Freshness(max_row_age=timedelta(hours=1))
    ),
    operations=OperationsSettings(
        p95_ms=10.0, error_share=0.05, min_rows_per_second=1000.0, cost_per_thousand=3.6,
        prices=Prices(cpu_hour=1.8), resources=Resources(cpu=1),
    ),
    insight=InsightSettings(past=PastSettings(metrics=("accuracy",))),
)  # fmt: skip


@pytest.fixture(scope="session")
def checked(kept_world: Any, draw_rows: Any) -> tuple[Monitor, MonitorReportRecord]:
    """Longer rows; of the later half most labels are turned.

    Every fifth `phase` is missing, every tenth new, and every three rows have one key.
    """
    world = kept_world
    world.register()
    world.serve()
    world.stores.endpoints.put(replace(world.stores.endpoints.find("delay"), url="http://delay"))
    begun = world.clock.now()
    log(world, pl.concat([draw_rows(ROWS // 2, seed=3, days=130), draw_rows(ROWS // 2, seed=4, days=130, flip=0.6)]))
    for check in range(24):
        earlier(world, begun - timedelta(days=24 - check), 0.9 + 0.001 * (check % 3))
    world.clock.advance(timedelta(hours=2, minutes=30))
    served = ServedCounts(requests=1000, errors=100, refused=250, shed=50, totals={"requests": 1000})
    monitor = Monitor(
        stores=world.stores, registry=world, clock=world.clock, events=world.events, counters=lambda _url: served
    )
    return monitor, monitor.check("delay", settings=SETTINGS, declared={"name": "hourly", "digest": "d"})


def log(world: Any, frame: Any) -> None:
    outputs = world.model.predict(frame).to_dicts()
    records = []
    for number, (row, answer) in enumerate(zip(frame.drop("late").to_dicts(), outputs, strict=True)):
        features = {**row, "start": row["start"].isoformat(), "colour": "red"}
        features["phase"] = None if number % 5 == 0 else "Demolition" if number % 10 == 1 else row["phase"]
        features["days"] = str(row["days"]) if number % 4 == 0 else row["days"]
        records.append(world.record(features, answer, number=number, key=f"row-{number // 3 * 3}"))
    world.stores.predictions.append(records)
    now = world.clock.now()
    world.stores.predictions.append_labels(
        "delay",
        [
            LabelRecord(prediction_id=record.id, value=late, observed_at=now, recorded_at=now)
            for record, late in zip(records, frame["late"], strict=True)
        ],
    )


def earlier(world: Any, at: Any, accuracy: float) -> None:
    world.stores.monitors.append_report(
        MonitorReportRecord(
            id=ReportId(new_id(int(at.timestamp() * 1000))), endpoint="delay", model="delay", version=1,
            monitor="hourly", window_start=at - timedelta(days=1), window_end=at, created_at=at, rows=100,
            labelled_rows=100, drift=(), performance={"accuracy": accuracy, "roc_auc": accuracy},
        )
    )  # fmt: skip


@pytest.fixture(scope="session")
def facts(checked: tuple[Monitor, MonitorReportRecord]) -> ReportFacts:
    monitor, report = checked
    return ReportFacts(record=report, document=monitor.read_document(report))


@pytest.fixture(scope="session")
def told(facts: ReportFacts) -> Callable[..., Mapping[tuple[Metric, tuple[str, ...]], float | None]]:
    """What a family tells of it, or of another report; each series once, of the declared metrics alone."""

    def read(family: Family, other: ReportFacts | None = None) -> Mapping[tuple[Metric, tuple[str, ...]], float | None]:
        figures: Iterator[Any] = family.read(other or facts)
        found: dict[tuple[Metric, tuple[str, ...]], float | None] = {}
        for metric, labels, value in figures:
            assert metric in family.metrics
            assert len(metric.labels) == 2 + len(labels)
            assert (metric, labels) not in found
            found[metric, labels] = value
        return found

    return read
