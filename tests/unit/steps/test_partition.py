from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.steps.partition import split
from tiny.project import visits


@pytest.fixture
def phases():
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(100)]
    return pl.DataFrame({"end": days, "project": [f"p{n // 4}" for n in range(100)], "x": range(100)})


def test_random_split_keeps_every_row_once_and_the_shares(ctx):
    table = visits()
    train, test = split(ctx, table, test_size=0.25, stratify="late")
    assert abs(test.height - 75) <= 1  # each class is rounded on its own
    assert pl.concat([train, test]).sort("load", "days").equals(table.sort("load", "days"))
    share = (table["late"] == "yes").mean()
    assert (test["late"] == "yes").mean() == pytest.approx(share, abs=0.01)
    note = "split at random with seed 0, shares of 'late' kept"
    assert ctx.facts == {"train": train.height, "test": test.height, "dropped": 0, "note": note}


def test_random_split_depends_on_the_seed_only(ctx):
    first, again, other = (split(ctx, visits(), seed=seed)[1] for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)


def test_split_by_time_tests_on_the_later_rows(ctx, phases):
    train, test = split(ctx, phases.sample(fraction=1.0, shuffle=True, seed=3), by_time="end", test_size=0.2)
    assert train["end"].max() < test["end"].min()
    assert test.height == 20
    assert "test rows lie at or after 2024-03-21" in ctx.facts["note"]


def test_split_by_time_keeps_a_project_on_one_side(ctx, phases):
    train, test = split(ctx, phases, by_time="end", group="project", test_size=0.23)
    assert not set(train["project"]) & set(test["project"])
    assert train.height + test.height + ctx.facts["dropped"] == 100


def test_split_by_a_column_that_is_not_there_is_refused(ctx, phases):
    with pytest.raises(InvalidInputError, match="'ende'"):
        split(ctx, phases, by_time="ende")


def test_split_by_time_that_should_keep_shares_is_refused(ctx, phases):
    with pytest.raises(InvalidInputError, match=r"'end'.*shares of 'project'"):
        split(ctx, phases, by_time="end", stratify="project")
