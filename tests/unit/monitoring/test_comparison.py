from __future__ import annotations

from typing import Any

import pytest

from millwright.monitoring.comparison import compare_window
from millwright.monitoring.reference import build_reference, load_reference
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.window import Window, read_window


@pytest.fixture
def known(model: Any, draw_rows: Any) -> Any:
    data = build_reference(draw_rows(2000, seed=1), model, held_out=draw_rows(1000, seed=2))
    return load_reference(data), model.signature


def read(world: Any) -> Any:
    return read_window(world.stores.predictions, "delay", Window(), now=world.clock.now())


def test_comparison_finds_nothing_when_the_window_is_like_the_reference(world: Any, draw_rows: Any, known: Any):
    world.log(draw_rows(300, seed=3))
    found = compare_window(read(world), {}, known, MonitorSettings())
    assert found.rows == 300
    assert [drift.record.column for drift in found.drift] == [
        "days", "phase", "urgent", "start", "prediction", "probability",
    ]  # fmt: skip
    assert not any(drift.record.drifted for drift in found.drift)
    assert not any(share.risen for share in found.missing)


def test_comparison_finds_the_shifted_feature_and_the_answers_that_follow(world: Any, draw_rows: Any, known: Any):
    world.log(draw_rows(300, seed=3, days=130))
    found = compare_window(read(world), {}, known, MonitorSettings())
    drifted = {drift.record.column for drift in found.drift if drift.record.drifted}
    assert drifted == {"days", "prediction", "probability"}


def test_comparison_joins_labels_by_prediction_id(world: Any, draw_rows: Any, known: Any):
    frame = draw_rows(100, seed=3)
    records = world.log(frame)
    labels = {record.id: late for record, late in zip(records[:70], frame["late"], strict=False)}
    found = compare_window(read(world), labels, known, MonitorSettings())
    assert found.performance is not None
    assert found.performance.labelled_rows == 70


def test_comparison_is_empty_when_the_window_has_no_rows(world: Any, known: Any):
    found = compare_window(read(world), {}, known, MonitorSettings(), ("quiet night",))
    assert (found.rows, found.drift, found.performance, found.notes) == (0, (), None, ("quiet night",))
