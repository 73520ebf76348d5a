from __future__ import annotations

from typing import Any

from millwright.automation.limits.cost import run_cost, spent, usual_cost
from tiny.priced_run import priced_run


def test_cost_of_a_run_is_that_of_its_executed_steps(project: Any) -> None:
    run_id = priced_run(project, 1.5, None, 0.25)
    assert run_cost(project.stores, run_id) == 1.75
    assert run_cost(project.stores, priced_run(project, None)) is None
    assert spent(project.stores, [run_id, run_id, priced_run(project, None)]) == 3.5


def test_usual_cost_is_the_median_of_the_runs_that_made_versions(project: Any) -> None:
    assert usual_cost(project.stores, "delay") is None
    for number, cost in enumerate((1.0, 9.0, 2.0)):
        project.register(f"package {number}".encode(), passed=True, run_id=priced_run(project, cost))
    project.register(b"no price", passed=True, run_id=priced_run(project, None))
    found = usual_cost(project.stores, "delay")
    assert found is not None
    assert (found.median, found.runs) == (2.0, 3)
