from __future__ import annotations

import io
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from millwright.data.contracts.file import load_contract
from millwright.data.contracts.validation import validate
from millwright.demo.programme.course import run
from millwright.demo.programme.dirt import ROWS, soil
from millwright.demo.programme.generator import generate
from millwright.demo.programme.plan import draw_plan
from millwright.demo.programme.snapshot import WINDOWS, take


@pytest.fixture(scope="module")
def clean() -> pl.DataFrame:
    plan = draw_plan(np.random.default_rng(1), scale=0.4)
    return take(np.random.default_rng(3), plan, run(np.random.default_rng(2), plan), WINDOWS[1])


@pytest.fixture(scope="module")
def soiled(clean: pl.DataFrame) -> pl.DataFrame:
    return soil(np.random.default_rng(4), clean)


def test_soil_makes_as_many_mistakes_of_each_kind_as_it_says(clean: pl.DataFrame, soiled: pl.DataFrame) -> None:
    assert soiled["planned_end"].str.to_date(strict=False).null_count() == ROWS["planned end is no date"]
    assert soiled.filter(pl.col("actual_end") < pl.col("start")).height == ROWS["actual end before start"]
    assert soiled.filter(pl.col("crew_load") > 5).height == ROWS["crew load in percent"]
    assert soiled.height - clean.height == ROWS["row entered twice"]
    assert soiled["activity_id"].n_unique() == clean.height


def test_soil_leaves_the_other_rows_alone(clean: pl.DataFrame, soiled: pl.DataFrame) -> None:
    untouched = soiled.join(clean, on=clean.columns, how="semi", nulls_equal=True)
    assert untouched.height == clean.height - sum(ROWS.values()) + ROWS["row entered twice"]


@pytest.mark.parametrize("period", [1, 2])
def test_contract_of_the_project_sets_the_mistakes_aside_and_nothing_else(period: Literal[1, 2]) -> None:
    project = Path(str(files("millwright.demo"))) / "projects" / "programme"
    text = pl.read_csv(io.BytesIO(generate(7, period).write_csv().encode()), infer_schema=False)
    found = validate(text, load_contract(project / "contract.yaml"))
    assert dict(found.reasons) == {
        "planned_end: not a date": ROWS["planned end is no date"],
        "what has ended has started before: The actual end lies before the start.": ROWS["actual end before start"],
        "crew_load: above 3": ROWS["crew load in percent"],
        "key (activity_id): repeats": ROWS["row entered twice"],
    }
    assert found.valid.height == text.height - sum(ROWS.values())


def test_soil_leaves_a_small_table_clean(clean: pl.DataFrame) -> None:
    assert_frame_equal(soil(np.random.default_rng(4), clean.head(999)), clean.head(999))
