"""An endpoint whose nights and days differ: short jobs from midnight to noon, long ones from noon to midnight."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.core.ids import ReportId, new_id
from millwright.core.records.prediction import LabelRecord
from millwright.evaluation.interval import BootstrapOptions
from millwright.monitoring import (
    Monitor,
    MonitorSettings,
    PerformanceSettings,
    ReferenceOptions,
    Window,
    build_reference,
    load_reference,
)
from millwright.monitoring.live import LiveMonitor
from millwright.monitoring.threshold import Season, SeasonSettings
from millwright.testing import sample

if TYPE_CHECKING:
    from millwright.monitoring.monitor import MonitorView
    from millwright.monitoring.reference import Reference

HOUR = timedelta(hours=1)
SETTINGS = MonitorSettings(
    performance=PerformanceSettings(bootstrap=BootstrapOptions(draws=200)),
    season=SeasonSettings(season=Season.HOUR_OF_DAY),
    estimate=False,
)


def length_at(moment: datetime) -> float:
    """How long jobs are, on average."""
    return 80.0 if moment.hour < 12 else 120.0


@dataclass
class Plant:
    """The endpoint.

    Attributes:
        world: Its stores, clock and model.
        draw: Rows of a length.
    """

    world: Any
    draw: Callable[..., pl.DataFrame]
    seed: int = 100

    def register(self) -> None:
        """The version, with four weeks as its reference: five rows an hour."""
        self.world.register(reference=False)
        data = build_reference(
            self.weeks(seed=1), self.world.model, held_out=self.weeks(seed=2), options=ReferenceOptions(time="at")
        )
        stores = self.world.stores
        stores.models.put_documents("delay", 1, {"reference.parquet": stores.artifacts.put(data)})

    def reference(self) -> Reference:
        """The same, to be looked at."""
        frames = {"held_out": self.weeks(seed=2), "options": ReferenceOptions(time="at")}
        return load_reference(build_reference(self.weeks(seed=1), self.world.model, **frames))

    def check_hours(self, hours: int, performance: dict[str, float]) -> None:
        """Reports of the last hours, as checks would have written them."""
        for number in range(hours):
            end = self.world.clock.now() - number * HOUR
            report = sample.report("delay")
            made = {"window_start": end - HOUR, "window_end": end, "created_at": end, "performance": performance}
            record = replace(report, id=ReportId(new_id()), model="delay", version=1, **made)
            self.world.stores.monitors.append_report(record)

    @staticmethod
    def found(view: MonitorView) -> set[str]:
        """The kinds of alerts."""
        return {finding.kind.value for finding in view.findings}

    def weeks(self, *, seed: int, hours: int = 24 * 28, rows: int = 5) -> pl.DataFrame:
        first = datetime(2025, 12, 1, tzinfo=UTC)
        moments = [first + number * HOUR for number in range(hours)]
        parts = []
        for offset, length in ((0, 80.0), (50, 120.0)):
            at = [moment for moment in moments for _ in range(rows) if length_at(moment) == length]
            drawn = self.draw(len(at), seed=seed + offset, days=length)
            parts.append(drawn.with_columns(pl.Series("at", at)))
        return pl.concat(parts).sort("at", maintain_order=True)

    def pass_hours(self, hours: int, *, rows: int = 60, days: float | None = None, flip: float = 0.0) -> None:
        """Hours go by in which jobs are as long as usual then, or as given; labels are told at once."""
        stores, clock = self.world.stores, self.world.clock
        for _ in range(hours):
            self.seed += 1
            usual = length_at(clock.now())
            frame = self.draw(rows, seed=self.seed, days=usual if days is None else days, flip=flip)
            records = self.world.log(frame)
            now = clock.now()
            labels = [
                LabelRecord(prediction_id=record.id, value=late, observed_at=now, recorded_at=now)
                for record, late in zip(records, frame["late"], strict=True)
            ]
            stores.predictions.append_labels("delay", labels)
            clock.advance(HOUR)

    def fold(self) -> None:
        """The log is counted, as a worker does."""
        with LiveMonitor(self.world.stores, self.world.clock) as live:
            while any(fold.pending for fold in live.step()):
                pass

    def look(self, settings: MonitorSettings = SETTINGS, **window: Any) -> MonitorView:
        """What a check of the last hour finds."""
        world = self.world
        monitor = Monitor(stores=world.stores, registry=world, clock=world.clock, events=world.events)
        chosen = Window(**(window or {"start": world.clock.now() - HOUR}))
        return monitor.view("delay", window=chosen, settings=settings)


@pytest.fixture
def plant(world: Any, draw_rows: Any) -> Plant:
    found = Plant(world=world, draw=draw_rows)
    found.register()
    return found


@pytest.fixture
def seasonal() -> MonitorSettings:
    return SETTINGS
