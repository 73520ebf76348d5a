from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError, NotFoundError, StepFailedError
from millwright.core.ids import PipelineRunId
from millwright.pipelines.runner import PipelineRunResult, RunOptions
from millwright.pipelines.runner.resumption import resumed_params
from millwright.pipelines.source import load_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.records.pipeline import PipelineRunRecord
    from millwright.pipelines.pipeline import Pipeline

PIPELINE = """
import os
import millwright as mw

@mw.step
def plus(n: int) -> int:
    return n + 1

@mw.step(cache=False)
def double(n: int) -> int:
    return 2 * n

@mw.step(cache=False)
def square(n: int) -> int:
    return n * n

@mw.step
def gate(n: int, path: str) -> int:
    if not os.path.exists(path):
        raise OSError("closed")
    return n * 10

@mw.pipeline
def demo(path: str, n: int = 1) -> None:
    square.map([1, 2])
    gate(double(plus(n)), path)

@mw.pipeline
def other(n: int = 1) -> None:
    plus(n)
"""


class Resumed:
    """A run that has failed because its gate was closed, and the gate open."""

    def __init__(self, bench: Any, write: Callable[..., Path]) -> None:
        self.bench, self._write = bench, write
        self.gate = bench.project / "gate"
        with pytest.raises(StepFailedError, match="closed"):
            bench.run(self.pipeline(), {"path": str(self.gate)})
        self.gate.touch()
        (self.failed,) = bench.stores.pipelines.list_pipeline_runs()

    def pipeline(self, old: str = "", new: str = "", name: str = "demo") -> Pipeline:
        """The pipeline, perhaps edited."""
        return load_pipeline(f"{self._write(pipeline=PIPELINE.replace(old, new) if old else PIPELINE)}:{name}")

    def run(self, old: str = "", new: str = "", n: int = 1, **options: Any) -> PipelineRunResult:
        """Resume it, perhaps with edited code."""
        params = {"path": str(self.gate), "n": n}
        chosen = RunOptions(resumes=self.failed.id, **options)
        result: PipelineRunResult = self.bench.run(self.pipeline(old, new), params, options=chosen)
        return result

    def forecasts(self, old: str = "", new: str = "") -> dict[str, bool | None]:
        """What would become of its steps."""
        graph = self.pipeline(old, new).bind({"path": str(self.gate)}, types=self.bench.runner.types)
        chosen = RunOptions(resumes=self.failed.id)
        told = self.bench.runner.explain(graph, project_dir=self.bench.project, options=chosen)
        return {each.step: each.cached for each in told}


@pytest.fixture
def resumed(bench: Any, write: Callable[..., Path]) -> Resumed:
    return Resumed(bench, write)


def statuses(result: PipelineRunResult) -> dict[str, str]:
    return {record.step: record.status.value for record in result.steps if not record.part_of}


UNCHANGED = {"square": "cached", "plus": "cached", "double": "cached", "gate": "completed"}


def test_resumed_run_takes_what_was_finished_and_never_cached_steps_too(resumed: Resumed) -> None:
    result = resumed.run()
    assert statuses(result) == UNCHANGED
    assert (result.record.resumes, result.value("gate")) == (resumed.failed.id, 40)
    assert result.record.params == resumed.failed.params
    assert resumed.bench.progress.said == []


def test_step_whose_code_changed_is_executed_again_and_says_why(resumed: Resumed) -> None:
    assert resumed.forecasts("n + 1", "n + 1000") == {"square": True, "plus": False, "double": None, "gate": None}
    result = resumed.run("n + 1", "n + 1000")
    assert statuses(result) == {**UNCHANGED, "plus": "completed", "double": "completed"}
    assert result.value("gate") == 20020
    since = f"since run {resumed.failed.id[-8:]}"
    assert resumed.bench.progress.said == [
        f"Step 'plus' is executed again: its own code changed {since}.",
        f"Step 'double' is executed again: input 'n' changed (from step plus) {since}.",
    ]


def test_step_that_gives_the_same_after_an_edit_leaves_those_after_it_taken(resumed: Resumed) -> None:
    assert statuses(resumed.run("n + 1", "1 + n")) == {**UNCHANGED, "plus": "completed"}


def test_never_cached_step_whose_code_changed_is_executed_again(resumed: Resumed) -> None:
    edit = ("2 * n", "3 * n")
    assert resumed.forecasts(*edit) == {"square": True, "plus": True, "double": False, "gate": None}
    result = resumed.run(*edit)
    assert (statuses(result), result.value("gate")) == ({**UNCHANGED, "double": "completed"}, 60)


def test_never_cached_step_is_executed_again_when_any_item_changed(resumed: Resumed) -> None:
    assert statuses(resumed.run("[1, 2]", "[1, 3]")) == {**UNCHANGED, "square": "completed"}
    assert [text.partition(":")[2] for text in resumed.bench.progress.said] == [
        f" its items changed since run {resumed.failed.id[-8:]}."
    ]


def test_what_is_asked_for_is_executed_again_and_the_rest_is_taken(resumed: Resumed) -> None:
    assert statuses(resumed.run(force=frozenset({"plus"}))) == {**UNCHANGED, "plus": "completed"}
    assert statuses(resumed.run(use_cache=False)) == UNCHANGED


def test_forecast_of_a_resumed_run_says_what_is_taken(resumed: Resumed) -> None:
    assert resumed.forecasts() == {"square": True, "plus": True, "double": True, "gate": False}


def test_finished_step_whose_result_is_gone_is_executed_again(resumed: Resumed, bench: Any) -> None:
    steps = {step.step: step for step in bench.stores.pipelines.list_step_runs(resumed.failed.id)}
    bench.stores.artifacts.delete(steps["double"].outputs[0].digest)
    assert statuses(resumed.run()) == {**UNCHANGED, "double": "completed"}
    assert bench.progress.said == ["Step 'double' is executed again: its stored result is gone."]


def test_run_resumed_twice_still_knows_what_it_depends_on(resumed: Resumed) -> None:
    resumed.gate.unlink()
    with pytest.raises(StepFailedError):
        resumed.run()
    resumed.gate.touch()
    resumed.failed = resumed.bench.stores.pipelines.list_pipeline_runs()[0]
    assert resumed.failed.resumes is not None
    assert statuses(resumed.run()) == UNCHANGED
    assert statuses(resumed.run("2 * n", "3 * n")) == {**UNCHANGED, "double": "completed"}


def test_pinned_step_is_taken_whatever_its_key_is(resumed: Resumed, bench: Any) -> None:
    steps = {step.step: step for step in bench.stores.pipelines.list_step_runs(resumed.failed.id)}
    result = resumed.run("n + 1", "n + 1000", pinned={"plus": steps["plus"]})
    assert statuses(result) == UNCHANGED


def test_other_parameters_are_refused_with_what_to_do(resumed: Resumed, bench: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        resumed.run(n=500)
    run = resumed.failed.id[-8:]
    assert f"'n' was 1 in run '{run}', and is 500 now" in caught.value.message
    assert "run without --resume" in caught.value.hint
    assert len(bench.stores.pipelines.list_pipeline_runs()) == 1


def test_run_of_another_pipeline_or_none_is_refused(resumed: Resumed, bench: Any) -> None:
    with pytest.raises(InvalidInputError, match="is one of pipeline 'demo', and 'other' was given"):
        bench.run(resumed.pipeline(name="other"), options=RunOptions(resumes=resumed.failed.id))
    with pytest.raises(NotFoundError):
        bench.run(resumed.pipeline(name="other"), options=RunOptions(resumes=PipelineRunId("0" * 32)))


def test_parameters_are_those_of_the_failed_run_as_far_as_there_are_such(resumed: Resumed) -> None:
    failed: PipelineRunRecord = resumed.failed
    assert resumed_params(failed, "demo", {}, {"path", "n"}) == failed.params
    assert resumed_params(failed, "demo", {"more": 2}, {"n", "more"}) == {"n": 1, "more": 2}
