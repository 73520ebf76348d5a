from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.monitoring.reference import ReferenceOptions, build_reference, load_reference


def test_reference_comes_back_as_it_was_built(model: Any, draw_rows: Any):
    training, held_out = draw_rows(200, seed=1), draw_rows(100, seed=2)
    reference = load_reference(build_reference(training, model, held_out=held_out))
    assert reference.training.inputs.columns == ["days", "phase", "urgent", "start"]
    assert reference.training.inputs["days"].to_list() == training["days"].to_list()
    assert reference.held_out is not None
    assert reference.held_out.labels.to_list() == [str(label) for label in held_out["late"]]
    assert reference.held_out.outputs["probability"].to_list() == model.predict(held_out)["probability"].to_list()


def test_reference_measures_the_held_out_rows(model: Any, draw_rows: Any):
    from sklearn.metrics import roc_auc_score

    held_out = draw_rows(500, seed=2)
    reference = load_reference(build_reference(draw_rows(100), model, held_out=held_out))
    expected = roc_auc_score(held_out["late"], model.predict(held_out)["probability"])
    assert reference.metrics["roc_auc"] == pytest.approx(expected)
    assert reference.answers is reference.held_out


def test_reference_measures_all_rows_when_it_keeps_a_sample(model: Any, draw_rows: Any):
    held_out = draw_rows(900, seed=2)
    whole = load_reference(build_reference(draw_rows(100), model, held_out=held_out))
    sampled = load_reference(
        build_reference(draw_rows(100), model, held_out=held_out, options=ReferenceOptions(rows=50))
    )
    assert sampled.held_out is not None
    assert sampled.held_out.inputs.height == 50
    assert sampled.held_out.total_rows == 900
    assert sampled.metrics == whole.metrics


def test_reference_takes_given_metrics_for_what_they_are(model: Any, draw_rows: Any):
    data = build_reference(draw_rows(50), model, options=ReferenceOptions(metrics={"roc_auc": 0.5}))
    assert load_reference(data).metrics == {"roc_auc": 0.5}


def test_reference_stands_on_training_rows_when_nothing_was_held_out(model: Any, draw_rows: Any):
    reference = load_reference(build_reference(draw_rows(50), model))
    assert reference.held_out is None
    assert reference.answers is reference.training
    assert "roc_auc" in reference.metrics


def test_reference_has_no_labels_when_the_target_is_not_given(model: Any, draw_rows: Any):
    reference = load_reference(build_reference(draw_rows(50).drop("late"), model))
    assert reference.training.labels.null_count() == 50
    assert reference.metrics == {}


def test_reference_is_the_same_bytes_when_built_again(model: Any, draw_rows: Any):
    options = ReferenceOptions(rows=30)
    assert build_reference(draw_rows(80), model, options=options) == build_reference(
        draw_rows(80), model, options=options
    )


def test_build_reference_refuses_an_empty_training_table(model: Any, draw_rows: Any):
    with pytest.raises(InvalidInputError, match="found none"):
        build_reference(draw_rows(5).clear(), model)


def test_load_reference_says_what_it_expected_when_the_bytes_are_something_else(tmp_path: Any):
    with pytest.raises(InvalidInputError, match="Expected a reference in Parquet"):
        load_reference(b"not parquet")
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(InvalidInputError, match="Expected a reference in Parquet"):
        load_reference((tmp_path / "other.parquet").read_bytes())
