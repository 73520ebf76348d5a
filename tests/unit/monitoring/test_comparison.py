from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from millwright.evaluation.interval import BootstrapOptions
from millwright.models.column import ColumnType, SignatureColumn
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.anomaly import AnomalySettings
from millwright.monitoring.attribution import AttributionSettings
from millwright.monitoring.bias import BiasSettings
from millwright.monitoring.comparison import Circumstances, compare_window
from millwright.monitoring.concept import ConceptSettings
from millwright.monitoring.estimation import window_estimator
from millwright.monitoring.finding import AlertKind
from millwright.monitoring.insight import InsightSettings
from millwright.monitoring.joint import JointSettings
from millwright.monitoring.operations import OperationsSettings, ServedCounts
from millwright.monitoring.performance import PerformanceSettings
from millwright.monitoring.reference import build_reference, load_reference
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.window import Window, WindowRows, read_window


@pytest.fixture
def known(model: Any, draw_rows: Any) -> Any:
    data = build_reference(draw_rows(2000, seed=1), model, held_out=draw_rows(1000, seed=2))
    return load_reference(data), model.signature


def read(world: Any) -> Any:
    return read_window(world.stores.predictions, "delay", Window(), now=world.clock.now())


def labels_of(values: dict[Any, Any]) -> pl.DataFrame:
    texts = {"prediction_id": list(values), "value": [json.dumps(value) for value in values.values()]}
    return pl.DataFrame(texts, schema={"prediction_id": pl.String, "value": pl.String})


def test_comparison_finds_nothing_when_the_window_is_like_the_reference(world: Any, draw_rows: Any, known: Any):
    world.log(draw_rows(300, seed=3))
    found = compare_window(read(world), labels_of({}), known, MonitorSettings())
    assert found.rows == 300
    assert [drift.record.column for drift in found.drift] == [
        "days", "phase", "urgent", "start", "prediction", "probability",
    ]  # fmt: skip
    assert not any(drift.record.drifted for drift in found.drift)
    assert not any(share.risen for share in found.missing)


def test_comparison_finds_the_shifted_feature_and_the_answers_that_follow(world: Any, draw_rows: Any, known: Any):
    world.log(draw_rows(300, seed=3, days=130))
    found = compare_window(read(world), labels_of({}), known, MonitorSettings())
    drifted = {drift.record.column for drift in found.drift if drift.record.drifted}
    assert drifted == {"days", "prediction", "probability"}


def test_comparison_joins_labels_by_prediction_id(world: Any, draw_rows: Any, known: Any):
    frame = draw_rows(100, seed=3)
    records = world.log(frame)
    labels = {record.id: late for record, late in zip(records[:70], frame["late"], strict=False)}
    found = compare_window(read(world), labels_of(labels), known, MonitorSettings())
    assert found.performance is not None
    assert found.performance.labelled_rows == 70


def test_comparison_is_empty_when_the_window_has_no_rows(world: Any, known: Any):
    found = compare_window(read(world), labels_of({}), known, MonitorSettings(), ("quiet night",))
    assert (found.rows, found.drift, found.performance, found.notes) == (0, (), None, ("quiet night",))


def test_refused_requests_are_told_where_no_row_came_through(world: Any, known: Any):
    served = Circumstances(served=ServedCounts(requests=300, errors=0, refused=300))
    settings = MonitorSettings(operations=OperationsSettings(refused_share=0.2))
    found = compare_window(read(world), labels_of({}), known, settings, circumstances=served)
    assert found.operations is not None
    assert (found.operations.requests, found.operations.refused_share) == (0, 1.0)
    (alarm,) = find_alarms(found, settings)
    assert (alarm.kind, alarm.message) == (AlertKind.OPERATIONS, "Over 300 requests, refused_share is 1, limit 0.2.")


NUMBER = SignatureColumn(name="days", type=ColumnType.NUMBER)
VECTOR = SignatureColumn(name="embedding", type=ColumnType.TENSOR, dtype="float32", shape=(16,))


@dataclass(frozen=True)
class ArrayModel:
    """Takes an embedding, and answers a number or an array."""

    signature: Signature

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.signature.task is Task.TENSOR:
            return pl.DataFrame({"vector": np.ones((frame.height, 4), dtype=np.float32)})
        return pl.DataFrame({"prediction": np.ones(frame.height)})


def array_rows(rows: int, *, seed: int, shift: float = 0.0) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    values = (generator.normal(0, 1, (rows, 16)) + shift).astype(np.float32)
    return pl.DataFrame({"embedding": values, "days": generator.random(rows), "cost": generator.random(rows)})


@pytest.mark.parametrize("inputs", [(VECTOR,), (VECTOR, NUMBER)], ids=["alone", "with a number"])
@pytest.mark.parametrize("task", [Task.REGRESSION, Task.TENSOR])
def test_comparison_looks_at_tensors_by_their_vectors_and_at_the_rest_as_ever(
    inputs: tuple[SignatureColumn, ...], task: Task
):
    answer = SignatureColumn(name="prediction", type=ColumnType.NUMBER)
    array = SignatureColumn(name="vector", type=ColumnType.TENSOR, dtype="float32", shape=(4,))
    outputs = (answer,) if task is Task.REGRESSION else (array,)
    signature = Signature(inputs=inputs, outputs=outputs, task=task, target="cost")
    model = ArrayModel(signature)
    reference = load_reference(build_reference(array_rows(300, seed=1), model, held_out=array_rows(300, seed=2)))
    frame = array_rows(100, seed=3, shift=1.0)
    ids = [f"{number:032}" for number in range(100)]
    at = pl.Series([datetime(2026, 1, 15, tzinfo=UTC)] * 100)
    rows = WindowRows(
        model="m",
        version=1,
        rows=pl.DataFrame({"id": ids, "at": at, "latency_ms": [1.0] * 100, "request_id": ids, "key": ids}),
        features=frame.select([column.name for column in inputs]),
        outputs=model.predict(frame),
        start=at[0],
        end=at[0],
        left_out={},
    )
    labels = labels_of(dict(zip(ids, frame["cost"], strict=True)))
    estimator, _ = window_estimator(reference, signature)
    found = compare_window(rows, labels, (reference, signature), MonitorSettings(), estimator=estimator)
    drifted = {each.record.column: each.record.kind for each in found.drift if each.record.drifted}
    assert drifted == {"embedding": "tensor"}
    assert (found.performance is None) == (task is Task.TENSOR)
    assert [finding.kind for finding in find_alarms(found, MonitorSettings())] == [AlertKind.DRIFT]


def test_50_windows_that_are_like_the_reference_raise_nothing(world: Any, draw_rows: Any, known: Any):
    """With labels, by all that compares columns, rows and slices; the joint comparison has a test of its own."""
    settings = MonitorSettings(
        joint=JointSettings(enabled=False),
        performance=PerformanceSettings(bootstrap=BootstrapOptions(draws=200)),
        bias=BiasSettings(groups=("phase",)),
        insight=InsightSettings(
            anomalies=AnomalySettings(enabled=False),
            concept=ConceptSettings(enabled=False),
            attribution=AttributionSettings(enabled=False),
        ),
    )
    raised = []
    for seed in range(100, 150):
        frame = draw_rows(200, seed=seed)
        records = world.log(frame)
        labels = labels_of({record.id: late for record, late in zip(records, frame["late"], strict=True)})
        window = Window(start=records[0].at)
        rows = read_window(world.stores.predictions, "delay", window, now=world.clock.now())
        found = find_alarms(compare_window(rows, labels, known, settings), settings)
        raised += [(seed, finding.message) for finding in found]
        world.clock.advance(timedelta(hours=2))
    assert raised == []
