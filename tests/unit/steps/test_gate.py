from __future__ import annotations

import pytest

from millwright.core.errors import NotFoundError
from millwright.evaluation.evaluate import EvaluationOptions
from millwright.evaluation.evaluate import evaluate as measure
from millwright.models.package import unpack
from millwright.steps.gate import check_gates, present_champion
from tiny.project import visits

GATES = "gates:\n  - gate: threshold\n    metric: roc_auc\n    min: {floor}\n  - gate: not_worse_than_champion\n"


@pytest.fixture
def package(workspace):
    champion = workspace.registry.resolve("late-visit@champion")
    return workspace.stores.artifacts.get(champion.package)


@pytest.fixture
def report(package):
    return measure(unpack(package), visits(80, seed=9), options=EvaluationOptions(repeats=1))


@pytest.fixture
def gates(workspace):
    def write(floor: float) -> str:
        path = workspace.folder / "strict.yaml"
        path.write_text(GATES.format(floor=floor), encoding="utf-8")
        return str(path)

    return write


def test_gates_compare_with_the_present_champion_on_the_same_rows(ctx, package, report, gates):
    result = check_gates(ctx, package, report, visits(80, seed=9), "late-visit", gates(0.7))
    assert result.passed
    assert [found.gate for found in result.results] == ["threshold", "not_worse_than_champion"]
    assert "late-visit@1" in result.results[1].reason
    assert ctx.facts == {"passed": True, "gates": 2, "failed": [], "champion": "late-visit@1"}


def test_gates_of_a_first_version_have_no_champion_to_meet(ctx, package, report, gates):
    result = check_gates(ctx, package, report, visits(80, seed=9), "another", gates(0.7))
    assert result.passed
    assert ctx.facts["champion"] in {None, ""}


def test_gate_that_fails_is_told_and_stops_nothing(ctx, package, report, gates):
    result = check_gates(ctx, package, report, visits(80, seed=9), "late-visit", gates(0.999))
    assert not result.passed
    assert ctx.facts["failed"] == ["threshold"]
    assert "0.999" in result.results[0].reason


def test_rows_without_the_target_do_not_count(ctx, package, report, gates):
    rows = visits(80, seed=9)
    holes = rows.with_columns(late=rows["late"].set(rows["days"] < 20, None))
    assert check_gates(ctx, package, report, holes, "late-visit", gates(0.7)).passed


def test_gates_file_that_is_missing_is_an_error(ctx, package, report):
    with pytest.raises(NotFoundError, match=r"gone\.yaml"):
        check_gates(ctx, package, report, visits(80), "late-visit", "gone.yaml")


def test_result_depends_on_who_is_champion(ctx, workspace):
    champion = workspace.registry.resolve("late-visit@champion")
    assert present_champion(ctx, {"name": "late-visit"}) == champion.package
    assert present_champion(ctx, {"name": "another"}) == ""
