from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import recall_score

from millwright.core.errors import InvalidInputError
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.bias import BiasSettings, measure_bias
from millwright.monitoring.slice_performance import LabelledRows

SIGNATURE = Signature.infer(pl.DataFrame({"borough": ["a", "b"] * 50}), pl.Series("y", [0, 1] * 50), Task.BINARY)
SETTINGS = BiasSettings(groups=("borough",))


def draw(rows: int, seed: int, chosen: dict[str, float]) -> LabelledRows:
    """Answers that are positive with a probability by group; half of the labels are positive."""
    generator = np.random.default_rng(seed)
    groups = generator.choice(list(chosen), rows)
    said = generator.random(rows) < np.array([chosen[group] for group in groups])
    return LabelledRows(
        inputs=pl.DataFrame({"borough": groups}),
        outputs=pl.DataFrame({"prediction": np.where(said, "1", "0")}),
        labels=pl.Series(np.where(generator.random(rows) < 0.5, "1", "0")),
    )


EQUAL = {"Bronx": 0.4, "Queens": 0.4, "Brooklyn": 0.4}


def gap(found: Any, measure: str) -> Any:
    return next(each for each in found[0].gaps if each.measure == measure)


def test_a_gap_that_grew_is_found_with_its_size():
    rows = draw(3000, 1, {**EQUAL, "Queens": 0.7})
    found = measure_bias(rows, draw(3000, 2, EQUAL), SIGNATURE, SETTINGS)
    selection = gap(found, "selection_rate")
    said, truth = rows.outputs["prediction"].cast(pl.Int64).to_numpy(), rows.labels.cast(pl.Int64).to_numpy()
    parts = [rows.inputs["borough"].to_numpy() == group for group in EQUAL]
    assert selection.gap == pytest.approx(np.ptp([said[part].mean() for part in parts]))
    # Fairlearn's equalized_odds_difference: the larger one of the differences of true and false positive rates.
    recalls = [[recall_score(truth[part], said[part], pos_label=label) for part in parts] for label in (0, 1)]
    assert found[0].equalized_odds == pytest.approx(max(np.ptp(recalls, axis=1)))
    assert selection.high_group == "Queens"
    assert selection.grown
    assert selection.interval[0] > selection.limit == 0.1
    assert selection.growth == pytest.approx(0.3, abs=0.08)


def test_a_gap_that_was_there_before_is_not_news():
    uneven = {**EQUAL, "Queens": 0.7}
    found = measure_bias(draw(3000, 1, uneven), draw(3000, 2, uneven), SIGNATURE, SETTINGS)
    assert gap(found, "selection_rate").gap > 0.2
    assert gap(found, "selection_rate").reference > 0.2
    assert not any(each.grown for each in found[0].gaps)


def test_no_gap_grows_in_50_windows_that_are_like_the_reference():
    many = {f"group {number}": 0.4 for number in range(10)}
    known = draw(1000, 2, many)
    grown = [
        each
        for seed in range(100, 150)
        for each in measure_bias(draw(500, seed, many), known, SIGNATURE, SETTINGS)[0].gaps
        if each.grown
    ]
    assert grown == []


def test_a_group_that_is_new_has_grown_by_all_of_its_difference():
    rows, known = draw(2000, 1, {"Bronx": 0.2, "Queens": 0.8}), draw(900, 2, {"Bronx": 0.2})
    found = measure_bias(rows, known, SIGNATURE, SETTINGS)
    assert gap(found, "selection_rate").reference is None
    assert gap(found, "selection_rate").grown


def test_small_groups_are_left_out_of_gaps():
    rows = draw(400, 1, {"Bronx": 0.2})
    few = draw(10, 3, {"Queens": 1.0})
    both = LabelledRows(
        inputs=pl.concat([rows.inputs, few.inputs]),
        outputs=pl.concat([rows.outputs, few.outputs]),
        labels=pl.concat([rows.labels, few.labels]),
    )
    found = measure_bias(both, draw(400, 2, {"Bronx": 0.2}), SIGNATURE, SETTINGS)
    assert found[0].gaps == ()
    assert {rate.group for rate in found[0].groups} == {"Bronx", "Queens"}


def test_bias_of_numbers_is_held_against_the_references_mean_error():
    signature = Signature.infer(pl.DataFrame({"borough": ["a", "b"]}), pl.Series("y", [0.0, 1.5]), Task.REGRESSION)

    def numbers(seed: int, shift: float) -> LabelledRows:
        generator = np.random.default_rng(seed)
        groups = generator.choice(["a", "b"], 2000)
        truth = generator.normal(0, 1, 2000)
        said = truth + generator.normal(0, 1, 2000) + np.where(groups == "b", shift, 0.0)
        inputs, outputs = pl.DataFrame({"borough": groups}), pl.DataFrame({"prediction": said})
        return LabelledRows(inputs=inputs, outputs=outputs, labels=pl.Series(truth))

    found = measure_bias(numbers(1, 1.0), numbers(2, 0.0), signature, SETTINGS)
    error = gap(found, "mean_error")
    assert error.limit == pytest.approx(0.1 * np.sqrt(2 / np.pi), rel=0.05)  # of a normal error of 1
    assert error.grown
    assert not any(each.grown for each in measure_bias(numbers(3, 0.0), numbers(2, 0.0), signature, SETTINGS)[0].gaps)


def test_groups_are_columns_that_the_model_takes():
    rows = draw(60, 1, EQUAL)
    with pytest.raises(InvalidInputError, match="no column 'boro'"):
        measure_bias(rows, rows, SIGNATURE, BiasSettings(groups=("boro",)))
    assert measure_bias(rows, rows, SIGNATURE, BiasSettings()) == ()


def test_settings_refuse_what_cannot_be_judged():
    with pytest.raises(InvalidInputError, match="at least 2 rows of a group"):
        BiasSettings(min_rows=1)
