from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from millwright.core.errors import InvalidInputError
from millwright.monitoring import ReferenceOptions, build_reference, load_reference
from millwright.monitoring.seasonal.phase import Phase
from millwright.monitoring.seasonal.reference import Enough, moments, reference_season

NIGHT = Phase(name="hour of the day", start=datetime(2026, 2, 1, 3, tzinfo=UTC), length=timedelta(hours=1),
              period=timedelta(days=1))  # fmt: skip
ONE = datetime(2026, 1, 5, 1, tzinfo=UTC)
ENOUGH = Enough(rows=50, labels=50)


def test_rows_of_the_same_part_are_taken_with_their_answers_and_labels(plant: Any):
    reference = plant.reference()
    found = reference_season(reference, plant.world.model.signature, NIGHT, column="at", enough=ENOUGH)
    assert (found.rows, found.periods, found.source) == (140, 28, "reference")  # 28 nights of five rows
    assert found.reference is not None
    assert found.reference.training.inputs["days"].mean() == pytest.approx(80, abs=5)
    assert found.reference.training.inputs.height == found.reference.answers.outputs.height == 140
    assert found.performance is not None
    night = plant.weeks(seed=2).filter(pl.col("at").dt.hour() == 3)
    expected = roc_auc_score(night["late"], plant.world.model.predict(night)["probability"])
    assert found.performance.metrics["roc_auc"] == pytest.approx(expected)


def test_too_few_rows_or_periods_are_said(plant: Any):
    reference, signature = plant.reference(), plant.world.model.signature
    few = reference_season(reference, signature, NIGHT, column="at", enough=Enough(rows=141, labels=50))
    assert few.reference is None
    assert few.notes[0].startswith("Too little of the season is in the reference: 140 rows of the same hour of the day")
    short = build_reference(
        plant.weeks(seed=1, hours=48, rows=100), plant.world.model, options=ReferenceOptions(time="at")
    )
    found = reference_season(load_reference(short), signature, NIGHT, column="at", enough=ENOUGH)
    assert "from 2 periods" in found.notes[0]


@pytest.mark.parametrize("days", [3, 5])
def test_too_few_rows_of_the_evaluation_are_no_season(plant: Any, days: int):
    held_out, options = plant.weeks(seed=2, hours=24 * days), ReferenceOptions(time="at")
    data = build_reference(plant.weeks(seed=1), plant.world.model, held_out=held_out, options=options)
    found = reference_season(load_reference(data), plant.world.model.signature, NIGHT, column="at", enough=ENOUGH)
    if days == 3:
        assert found.reference is None
        assert (
            "15 rows that the version was evaluated on are of the same hour of the day; it takes 20" in found.notes[0]
        )
    else:
        assert found.reference is not None
        assert found.performance is None  # of 25 labels
        assert found.notes[1].startswith("Performance is judged without season")


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("when", ["2026-01-05T03:00:00+02:00", "no moment"]),
        pl.Series("when", [ONE, None]),
        pl.Series("when", [ONE.replace(tzinfo=None), None]),
    ],
)
def test_moments_of_any_form_are_kept_in_utc(plant: Any, draw_rows: Any, column: pl.Series):
    options = ReferenceOptions(time="when")
    reference = load_reference(build_reference(draw_rows(2).with_columns(column), plant.world.model, options=options))
    assert moments(reference.training, "when").to_list() == [ONE.replace(tzinfo=None), None]


def test_table_without_the_moments_is_refused(plant: Any, draw_rows: Any):
    with pytest.raises(InvalidInputError, match=r"column 'strat' of moments.*Did you mean 'start'"):
        build_reference(draw_rows(5), plant.world.model, options=ReferenceOptions(time="strat"))


def test_date_that_the_model_takes_tells_the_moments(plant: Any, draw_rows: Any):
    reference = load_reference(build_reference(draw_rows(5), plant.world.model))
    assert moments(reference.training, "start").dtype == pl.Datetime("us")
    with pytest.raises(InvalidInputError, match=r"no date 'days'.*It has: start"):
        moments(reference.training, "days")
