from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from millwright.models.conform import conform
from millwright.monitoring import Reference, ReferenceOptions, build_reference, load_reference
from millwright.monitoring.anomaly import AnomalySettings
from millwright.monitoring.attribution import AttributionSettings, Importances
from millwright.monitoring.concept import ConceptSettings
from millwright.monitoring.document import json_values
from millwright.monitoring.drift import compare_columns
from millwright.monitoring.insight import Insights, InsightSettings, InsightSubject, find_insights
from millwright.monitoring.labelled import label_series
from millwright.monitoring.monitored_column import monitored_columns, output_frame
from millwright.monitoring.slice_performance import LabelledRows

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING = InsightSettings(
    anomalies=AnomalySettings(enabled=False),
    concept=ConceptSettings(enabled=False),
    attribution=AttributionSettings(enabled=False),
)


@pytest.fixture
def reference(model: Any, draw_rows: Any) -> Reference:
    training, held_out = draw_rows(1_500, seed=1), draw_rows(1_000, seed=2)
    return load_reference(build_reference(training, model, held_out=held_out, options=ReferenceOptions(rows=1_500)))


@pytest.fixture
def look(model: Any, reference: Reference) -> Callable[..., Insights]:
    def found(frame: pl.DataFrame, settings: InsightSettings, **more: Any) -> Insights:
        signature = model.signature
        window = LabelledRows(
            inputs=conform(frame, signature),
            outputs=output_frame(model.predict(frame).to_dicts(), signature),
            labels=label_series(frame["late"], signature),
        )
        part = reference.answers
        columns = [column for column in monitored_columns(signature) if not column.output]
        before = {column: reference.training.inputs[column.name] for column in columns}
        start = datetime(2026, 1, 15, tzinfo=UTC)
        subject = InsightSubject(
            window=window,
            ids=pl.Series([f"p{number:05}" for number in range(frame.height)]),
            at=pl.Series([start + timedelta(minutes=number) for number in range(frame.height)]),
            earlier=LabelledRows(inputs=part.inputs, outputs=part.outputs, labels=part.labels),
            drift=compare_columns(columns, before, {column: window.inputs[column.name] for column in columns}),
            has_joint_drift=True,
        )
        return find_insights(subject, (reference, signature), settings, **more)

    return found


def test_drift_is_explained_by_the_importances_that_are_asked_for(look: Callable[..., Insights], draw_rows: Any):
    given = Importances(shares={"days": 1.0}, metric="roc_auc", source="evaluation")
    found = look(draw_rows(400, seed=3, days=150), InsightSettings(), importances=lambda: given)
    (share,) = found.drift
    assert (share.column, share.importance, share.weight) == ("days", 1.0, 1.0)
    assert share.where.startswith("> ")
    assert len(share.examples) == 5
    assert found.importances == given


def test_importances_are_not_asked_for_when_no_feature_drifted(look: Callable[..., Insights], draw_rows: Any):
    def fail() -> Importances:
        raise AssertionError

    assert look(draw_rows(400, seed=3), InsightSettings(), importances=fail).drift == ()


def test_unknown_importances_are_told(look: Callable[..., Insights], draw_rows: Any):
    found = look(draw_rows(400, seed=3, days=150), InsightSettings(), importances=lambda: "There are none.")
    assert (found.note, found.drift[0].importance) == ("There are none.", None)


def test_labels_that_turn_round_within_a_window_are_concept_drift(look: Callable[..., Insights], draw_rows: Any):
    frame = draw_rows(800, seed=3)
    turned = frame.with_columns(late=pl.when(pl.int_range(pl.len()) >= 400).then(1 - pl.col("late")).otherwise("late"))
    found = look(turned, InsightSettings())
    assert found.concept is not None
    assert int((found.concept.worse[-1].changed.prediction_id or "")[1:]) == pytest.approx(400, abs=40)
    assert found.loss is not None
    assert found.loss.change > 0
    assert found.novelty is not None


def test_part_whose_labels_turn_round_explains_the_loss(look: Callable[..., Insights], draw_rows: Any):
    frame = draw_rows(900, seed=5)
    turned = frame.with_columns(
        late=pl.when(pl.col("phase") == "Design").then(1 - pl.col("late")).otherwise(pl.col("late"))
    )
    found = look(turned, InsightSettings())
    assert found.loss is not None
    assert (found.loss.features[0].column, found.loss.features[0].worse[0].label) == ("phase", "Design")
    rows = [int(name[1:]) for name in found.loss.features[0].worse[0].examples]
    assert set(frame["phase"].gather(rows)) == {"Design"}


def test_nothing_is_looked_for_when_all_is_off(look: Callable[..., Insights], draw_rows: Any):
    assert look(draw_rows(400, seed=3, days=150), NOTHING) == Insights()


def test_insights_are_json_values(look: Callable[..., Insights], draw_rows: Any):
    frame = draw_rows(400, seed=3, days=150)
    found = json_values(look(frame.with_columns(late=1 - pl.col("late")), InsightSettings()).to_json())
    assert set(found) == {"anomalies", "concept", "attribution"}
    assert found["concept"]["drifts"][0]["changed_at"].startswith("2026-01-15T")
    assert found["attribution"]["loss"]["change"] > 0
    assert np.isfinite(found["anomalies"]["share"])
