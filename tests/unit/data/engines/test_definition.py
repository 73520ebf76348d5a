from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from millwright.core.errors import InvalidInputError
from millwright.data.engines.definition import Transformation
from millwright.data.engines.transformation import run

PHASES = pl.DataFrame({"building": ["a", "a", "b"], "late": [1, 3, 5]})
BUILDINGS = pl.DataFrame({"building": ["a", "b"], "floors": [4, 9]})


def test_sql_runs_over_inputs_by_their_names() -> None:
    sql = "SELECT p.building, floors + late AS x FROM phases p JOIN buildings b ON p.building = b.building ORDER BY x"
    assert run(sql, {"phases": PHASES, "buildings": BUILDINGS})["x"].to_list() == [5, 7, 14]


def test_a_function_takes_its_inputs_by_name() -> None:
    def joined(buildings: Any, phases: Any) -> Any:
        return phases.join(buildings, on="building").sort("late")

    assert run(joined, {"phases": PHASES.lazy(), "buildings": BUILDINGS})["floors"].to_list() == [4, 4, 9]


def test_a_function_of_one_input_may_call_it_as_it_likes() -> None:
    assert run(lambda frame: frame.head(1), {"phases": PHASES}).height == 1


def test_a_function_with_any_keywords_takes_all_inputs() -> None:
    assert run(lambda **frames: frames["phases"], {"phases": PHASES, "buildings": BUILDINGS}).equals(PHASES)


def test_expressions_are_added_to_the_single_input() -> None:
    expected = PHASES.with_columns(twice=pl.col("late") * 2)
    assert run([(pl.col("late") * 2).alias("twice")], {"phases": PHASES}).equals(expected)
    assert run((pl.col("late") * 2).alias("twice"), {"phases": PHASES}).equals(expected)


def test_expressions_over_two_inputs_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="Expected one input"):
        run([pl.col("late")], {"phases": PHASES, "buildings": BUILDINGS})


@pytest.mark.parametrize("code", ["", "  \n", 3, [], ["late"], None])
def test_what_is_no_transformation_is_refused(code: Any) -> None:
    with pytest.raises(InvalidInputError, match="transformation"):
        Transformation(code)


def test_a_function_that_asks_for_another_input_is_told_the_nearest_one() -> None:
    with pytest.raises(InvalidInputError, match=r"asks for an input 'phase'.*Did you mean 'phases'"):
        run(lambda phase, buildings: phase.join(buildings), {"phases": PHASES, "buildings": BUILDINGS})


def test_a_function_that_leaves_an_input_out_is_told_so() -> None:
    with pytest.raises(InvalidInputError, match="no parameter for the input 'buildings'"):
        run(lambda phases: phases, {"phases": PHASES, "buildings": BUILDINGS})


def test_a_function_that_collects_is_told_so() -> None:
    with pytest.raises(InvalidInputError, match="to return a lazy frame, found DataFrame"):
        run(lambda frame: frame.collect(), {"phases": PHASES})


@pytest.mark.parametrize(
    ("code", "kind"),
    [("SELECT 1", "sql"), (pl.col("a"), "expressions"), ([pl.col("a")], "expressions"), (len, "function")],
)
def test_the_kind_is_told(code: Any, kind: str) -> None:
    assert Transformation(code).kind == kind
