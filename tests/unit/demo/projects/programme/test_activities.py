from __future__ import annotations

import importlib.util
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from millwright.demo.programme.column import NAMES, UNKNOWN_AT_START
from millwright.demo.programme.regime import LATE_AFTER_DAYS

if TYPE_CHECKING:
    from types import ModuleType

SNAPSHOT = date(2025, 1, 1)


@pytest.fixture(scope="module")
def activities() -> ModuleType:
    path = Path(str(files("millwright.demo"))) / "projects" / "programme" / "activities.py"
    spec = importlib.util.spec_from_file_location("activities", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _frame(**columns: Any) -> pl.DataFrame:
    row = {
        "activity_id": "P0001-SIT-1",
        "planned_start": date(2024, 5, 1),
        "start": date(2024, 5, 4),
        "planned_end": date(2024, 6, 1),
        "actual_end": date(2024, 6, 1),
        "snapshot_date": SNAPSHOT,
    }
    return pl.DataFrame([row | columns], schema_overrides={"actual_end": pl.Date})


@pytest.mark.parametrize(
    ("planned_end", "actual_end", "late"),
    [
        (date(2024, 6, 1), date(2024, 6, 11), False),  # ten days over is not late
        (date(2024, 6, 1), date(2024, 6, 12), True),
        (date(2024, 6, 1), date(2024, 5, 20), False),
        (date(2024, 6, 1), None, True),  # in progress, and its ten days are over
        (date(2024, 12, 28), None, None),  # in progress, and they are not
        (date(2024, 12, 28), date(2024, 12, 20), None),  # punctual ones alone would be known: not a fair sample
    ],
)
def test_label_is_known_once_the_ten_days_are_over(
    activities: ModuleType, planned_end: date, actual_end: date | None, late: bool | None
) -> None:
    frame = _frame(planned_end=planned_end, actual_end=actual_end)
    assert activities.label_activities(frame)["late"].to_list() == [late]


def test_features_say_how_late_and_when_the_activity_started(activities: ModuleType) -> None:
    row = activities.label_activities(_frame()).row(0, named=True)
    assert (row["start_delay_days"], row["start_month"]) == (3, 5)


def test_project_and_generator_agree_on_what_is_known_and_what_is_late(activities: ModuleType) -> None:
    assert dict(activities.NOT_KNOWN_AT_START) == dict(UNKNOWN_AT_START)
    assert activities.LATE_AFTER_DAYS == LATE_AFTER_DAYS
    derived = {"start_delay_days", "start_month"}
    assert set(activities.FEATURES) - derived <= set(NAMES) - UNKNOWN_AT_START.keys()
