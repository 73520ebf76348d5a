from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from millwright.demo.programme.column import UNKNOWN_AT_START
from millwright.demo.programme.generator import generate
from millwright.demo.programme.regime import LATE_AFTER_DAYS

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

CATEGORIES = ["project_type", "region", "activity_type", "contractor", "permit_status"]
DATES = ["planned_start", "planned_end", "start", "actual_end", "snapshot_date"]
KEYS = ["activity_id", "project_id"]


def _labelled(seed: int, period: int) -> pl.DataFrame:
    """Clean rows with the label, where it is known on the day of the snapshot: what a pipeline makes of it."""
    frame = generate(seed, period).with_columns(pl.col(DATES).str.to_date(strict=False))  # type: ignore[arg-type]
    wrong = (pl.col("actual_end") < pl.col("start")) | (pl.col("crew_load") > 5)
    frame = frame.unique("activity_id", keep="first", maintain_order=True)
    frame = frame.filter(pl.col("planned_end").is_not_null(), ~wrong.fill_null(value=False))
    due = pl.col("planned_end") + pl.duration(days=LATE_AFTER_DAYS)
    return frame.with_columns(
        late=(pl.col("actual_end").fill_null(pl.col("snapshot_date")) > due),
        start_delay=(pl.col("start") - pl.col("planned_start")).dt.total_days(),
        resolved=due < pl.col("snapshot_date"),
    ).filter("resolved")


def _inputs(frame: pl.DataFrame) -> np.ndarray:
    features = frame.drop(*UNKNOWN_AT_START, *KEYS, *DATES, "late", "resolved", strict=False)
    categories = features.select(pl.col(CATEGORIES).fill_null("?"))
    return np.hstack([categories.to_numpy().astype(object), features.drop(CATEGORIES).to_numpy().astype(object)])


def _fit(frame: pl.DataFrame) -> Pipeline:
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    places = list(range(len(CATEGORIES)))
    model = make_pipeline(
        make_column_transformer((codes, places), remainder="passthrough"),
        HistGradientBoostingClassifier(categorical_features=places, max_iter=80, max_leaf_nodes=15, random_state=0),
    )
    return model.fit(_inputs(frame), frame["late"].to_numpy())


def _auc(model: Pipeline, frame: pl.DataFrame) -> float:
    return float(roc_auc_score(frame["late"].to_numpy(), model.predict_proba(_inputs(frame))[:, 1]))


def _split(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Later projects are the test; no project is in both."""
    first = frame.with_columns(first=pl.col("planned_end").min().over("project_id")).sort("first", "project_id")
    cut = first["first"][int(first.height * 0.8)]
    return (
        first.filter(pl.col("first") < cut).drop("first"),
        first.filter(pl.col("first") >= cut).drop("first"),
    )


@pytest.fixture(scope="module", params=[7, 11])
def periods(request: pytest.FixtureRequest) -> tuple[pl.DataFrame, pl.DataFrame]:
    return _labelled(request.param, 1), _labelled(request.param, 2)


def test_same_seed_gives_the_same_file() -> None:
    first, again, other = (io.BytesIO() for _ in range(3))
    generate(7, 1).write_csv(first)
    generate(7, 1).write_csv(again)
    generate(8, 1).write_csv(other)
    assert first.getvalue() == again.getvalue() != other.getvalue()


def test_snapshot_has_about_6000_rows_and_takes_less_than_a_second() -> None:
    for period in (1, 2):
        started = time.perf_counter()
        height = generate(3, period).height  # type: ignore[arg-type]
        assert time.perf_counter() - started < 1.0
        assert 5_000 < height < 7_500


def test_scale_changes_the_size() -> None:
    assert 200 < generate(3, 1, scale=0.05).height < 450


@pytest.mark.parametrize(("period", "scale", "message"), [(3, 1.0, "found 3"), (1, 0.0, "scale leaves no project")])
def test_impossible_programme_is_refused(period: int, scale: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        generate(1, period, scale=scale)  # type: ignore[arg-type]


def test_quarter_to_four_in_ten_are_late(periods: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    for frame in periods:
        assert 0.25 < float(str(frame["late"].mean())) < 0.42


def test_drift_costs_the_old_model_and_retraining_repairs_it(periods: tuple[pl.DataFrame, pl.DataFrame]) -> None:
    (train, test), (train_later, test_later) = (_split(frame) for frame in periods)
    old, new = _fit(train), _fit(train_later)
    at_home, abroad, repaired = _auc(old, test), _auc(old, test_later), _auc(new, test_later)
    assert 0.80 < at_home < 0.89  # honest: neither hopeless nor leaking
    assert 0.80 < repaired < 0.89
    assert abroad < at_home - 0.06
    assert repaired > abroad + 0.06
