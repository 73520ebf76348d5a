from __future__ import annotations

import os
import queue
import signal
import sys
import textwrap
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import polars as pl
import pytest

import millwright as mw
from millwright.core.clock import SystemClock
from millwright.core.errors import (
    IntegrityError,
    InvalidInputError,
    NotFoundError,
    PipelineDefinitionError,
    StepFailedError,
)
from millwright.core.ids import RunId
from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.pipeline import PipelineRunStatus, StepStatus
from millwright.pipelines.runner import PipelineRunner, RunOptions, mark_interrupted
from millwright.pipelines.serializers import Adapter, ValueTypes
from millwright.pipelines.source import load_pipeline
from tiny import forking

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from millwright.core.records.pipeline import StepRunRecord
    from millwright.pipelines.pipeline import Pipeline
    from millwright.pipelines.runner import PipelineRunResult
    from millwright.storage.catalog import Stores

# What the steps of these tests did. A queue, since a counter that steps change would be part of their code.
CALLS: queue.SimpleQueue[str] = queue.SimpleQueue()
COUNTS: Counter[str] = Counter()


def seen(step: str) -> None:
    CALLS.put(step)


def calls() -> Counter[str]:
    while not CALLS.empty():
        COUNTS[CALLS.get()] += 1
    return COUNTS


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    calls().clear()


def statuses(result: PipelineRunResult) -> dict[str, str]:
    return {record.step: record.status.value for record in result.steps}


@dataclass(frozen=True)
class Point:
    x: int
    y: float = 0.5


@mw.step
def number(n: int) -> int:
    seen("number")
    return n


@mw.step
def double(n: int) -> int:
    seen("double")
    return 2 * n


@mw.step
def parity(n: int) -> bool:
    seen("parity")
    return n % 2 == 0


@mw.step
def halves(n: int) -> tuple[int, float]:
    return n // 2, n / 2


@mw.step
def total(numbers: list[float]) -> float:
    return sum(numbers)


@mw.pipeline
def chain(n: int = 3) -> None:
    parity(double(number(n)))


def test_run_gives_values_records_and_events(bench: Any) -> None:
    told: list[StepRunRecord] = []
    result = bench.run(chain, {"n": 4}, RunOptions(trigger="user:ada", on_step=told.append))
    assert result.value("double") == 8
    assert result.value("parity") is True
    assert result.record.status is PipelineRunStatus.COMPLETED
    assert result.record.params == {"n": 4}
    assert result.record.trigger == "user:ada"
    stored = bench.stores.pipelines.list_step_runs(result.record.id)
    assert tuple(stored) == result.steps
    assert [record.step for record in stored] == ["number", "double", "parity"]
    assert stored[1].inputs["n"] == stored[0].outputs[0]
    assert stored[0].params == {"n": 4}
    assert [(record.step, record.status.value) for record in told][:2] == [
        ("number", "running"),
        ("number", "completed"),
    ]
    assert [event.type for event in bench.heard] == [
        "pipeline.started",
        *("step.started", "step.completed") * 3,
        "pipeline.completed",
    ]


def test_second_run_takes_everything_from_the_first(bench: Any) -> None:
    first = bench.run(chain)
    second = bench.run(chain)
    assert calls() == {"number": 1, "double": 1, "parity": 1}
    assert set(statuses(second).values()) == {"cached"}
    assert second.steps[0].cached_from == first.steps[0].id
    assert second.value("double") == 6
    assert tuple(bench.stores.pipelines.list_step_runs(second.record.id)) == second.steps
    third = bench.run(chain)
    assert third.steps[0].cached_from == first.steps[0].id


def test_change_that_gives_the_same_content_leaves_what_follows_cached(bench: Any) -> None:
    bench.run(chain, {"n": 3})
    result = bench.run(chain, {"n": 5})
    assert statuses(result) == {"number": "completed", "double": "completed", "parity": "completed"}
    forced = bench.run(chain, {"n": 5}, RunOptions(force=frozenset({"double"})))
    assert statuses(forced) == {"number": "cached", "double": "completed", "parity": "cached"}


def test_step_called_twice_with_equal_input_is_executed_once(bench: Any) -> None:
    @mw.pipeline
    def twice() -> None:
        total([double(2), double(2)])

    result = bench.run(twice)
    assert statuses(result) == {"double": "completed", "double-2": "cached", "total": "completed"}
    assert result.value("total") == 8.0


def test_tuple_gives_several_outputs(bench: Any) -> None:
    @mw.pipeline
    def split() -> None:
        whole, exact = halves(7)
        double(whole)
        total([exact, whole])

    result = bench.run(split)
    assert (result.value("halves", 0), result.value("halves", 1)) == (3, 3.5)
    assert result.value("double") == 6
    assert result.value("total") == 6.5
    with pytest.raises(InvalidInputError, match="2 outputs"):
        result.value("halves", 2)
    with pytest.raises(InvalidInputError, match="Did you mean 'halves'"):
        result.value("halfs")


def test_no_cache_executes_everything_and_keeps_the_results(bench: Any) -> None:
    bench.run(chain)
    assert set(statuses(bench.run(chain, {}, RunOptions(use_cache=False))).values()) == {"completed"}
    assert set(statuses(bench.run(chain)).values()) == {"cached"}
    assert calls()["number"] == 2


def test_until_runs_a_step_and_what_it_needs(bench: Any) -> None:
    result = bench.run(chain, {}, RunOptions(until="double"))
    assert list(statuses(result)) == ["number", "double"]
    assert result.record.status is PipelineRunStatus.COMPLETED


@pytest.mark.parametrize(
    "options", [RunOptions(until="doubl"), RunOptions(force=frozenset({"doubl"})), RunOptions(pinned={"doubl": None})]
)
def test_unknown_step_in_the_options_is_refused_before_anything_is_recorded(bench: Any, options: RunOptions) -> None:
    with pytest.raises(InvalidInputError, match="Did you mean 'double'"):
        bench.run(chain, {}, options)
    assert bench.stores.pipelines.list_pipeline_runs() == []


def test_pinned_step_gives_its_recorded_outputs_whatever_its_key(bench: Any) -> None:
    recorded = bench.run(chain, {"n": 10}).step("number")
    result = bench.run(chain, {"n": 1}, RunOptions(use_cache=False, pinned={"number": recorded}))
    assert statuses(result) == {"number": "cached", "double": "completed", "parity": "completed"}
    assert result.value("double") == 20
    bench.stores.artifacts.delete(recorded.outputs[0].digest)
    with pytest.raises(IntegrityError, match="not in the artifact store"):
        bench.run(chain, {"n": 1}, RunOptions(pinned={"number": recorded}))


def test_hit_whose_artifact_is_gone_is_no_hit(bench: Any) -> None:
    first = bench.run(chain, {"n": 21})
    bench.stores.artifacts.delete(first.step("double").outputs[0].digest)
    second = bench.run(chain, {"n": 21})
    assert statuses(second) == {"number": "cached", "double": "completed", "parity": "cached"}
    assert second.value("double") == 42


def test_step_that_is_never_cached_is_executed_each_time_and_what_follows_is_not(bench: Any) -> None:
    @mw.step(cache=False)
    def fresh() -> int:
        seen("fresh")
        return 1

    @mw.pipeline
    def mixed() -> None:
        double(fresh())

    bench.run(mixed)
    result = bench.run(mixed)
    assert statuses(result) == {"fresh": "completed", "double": "cached"}
    assert result.step("fresh").cache_key is None


def test_parameter_and_extras_and_state_are_part_of_the_key(bench: Any) -> None:
    outside = ["a"]

    def state(ctx: mw.StepContext, params: Any) -> str:
        assert ctx.step == "watched"
        return outside[0] + str(params["n"])

    def build(extras: int) -> Pipeline:
        @mw.step(state=state, extras={"version": extras})
        def watched(n: int = 1) -> int:
            seen("watched")
            return n

        @mw.pipeline
        def watching() -> None:
            watched()

        return watching

    for _ in range(2):
        bench.run(build(1))
    assert calls()["watched"] == 1
    outside[0] = "b"
    bench.run(build(1))
    assert calls()["watched"] == 2
    bench.run(build(2))
    assert calls()["watched"] == 3


def test_names_of_steps_and_pipelines_are_no_part_of_the_key(bench: Any) -> None:
    @mw.pipeline(name="another")
    def another() -> None:
        parity.with_options(name="odd")(double.with_options(name="twice", retries=2)(number(3)))

    bench.run(chain)
    result = bench.run(another)
    assert statuses(result) == {"number": "cached", "twice": "cached", "odd": "cached"}
    assert result.record.pipeline == "another"


def test_external_file_counts_by_content_and_suffix_not_by_path(bench: Any) -> None:
    @mw.step
    def read(source: Annotated[str, mw.External()]) -> str:
        seen("read")
        with open(source) as file:  # noqa: PTH123 - as users write it
            return file.read()

    @mw.pipeline
    def reading(source: str) -> None:
        read(source)

    (bench.project / "a.txt").write_text("one")
    (bench.project / "deep").mkdir()
    (bench.project / "deep" / "b.txt").write_text("one")
    (bench.project / "a.csv").write_text("one")
    assert bench.run(reading, {"source": "a.txt"}).value("read") == "one"
    bench.run(reading, {"source": "deep/b.txt"})
    assert calls()["read"] == 1
    bench.run(reading, {"source": "a.csv"})
    assert calls()["read"] == 2
    (bench.project / "a.txt").write_text("two")
    result = bench.run(reading, {"source": "a.txt"})
    assert result.value("read") == "two"
    assert result.step("read").params == {"source": "a.txt"}
    edges = bench.stores.lineage.upstream(NodeKind.STEP_RUN, result.step("read").id)
    assert [edge.source_id.partition("#")[0] for edge in edges] == ["a.txt"]


def test_missing_external_file_is_told_before_anything_runs(bench: Any) -> None:
    @mw.step
    def read(source: Annotated[str, mw.External()], after: int) -> str:
        return source

    @mw.pipeline
    def reading(source: str) -> None:
        read(source, number(1))

    (bench.project / "schedule.csv").write_text("")
    with pytest.raises(NotFoundError, match=r"Did you mean 'schedule\.csv'"):
        bench.run(reading, {"source": "schedul.csv"})
    assert calls() == {}
    assert bench.stores.pipelines.list_pipeline_runs() == []


def test_context_offers_services_and_keeps_notes_and_lineage(bench: Any, stores: Stores) -> None:
    class Service:
        answer = 42

    @mw.step
    def telling(ctx: mw.StepContext, n: int) -> int:
        edge = LineageEdge(
            source_kind=NodeKind.DATASET,
            source_id="table@1",
            relation="read",
            target_kind=NodeKind.STEP_RUN,
            target_id=ctx.step_run_id,
            at=ctx.clock.now(),
        )
        ctx.lineage(edge)
        ctx.note(rows=3, score=np.float64(0.5), where=ctx.project_dir.name)
        assert (ctx.pipeline, ctx.step, ctx.trigger, ctx.params) == ("telling-all", "telling", "test", {"n": 2})
        assert ctx.tracking_run_id == "run"
        return ctx.service(Service).answer + n

    @mw.pipeline
    def telling_all(n: int) -> None:
        telling(n)

    runner = PipelineRunner(
        stores=stores,
        clock=SystemClock(),
        events=bench.runner._events,
        services={Service: Service()},
        progress=bench.progress,
    )
    bench.runner = runner
    result = bench.run(telling_all, {"n": 2}, RunOptions(trigger="test", tracking_run_id=RunId("run")))
    record = result.step("telling")
    assert result.value("telling") == 44
    assert record.summary == {"rows": 3, "score": 0.5, "where": "project"}
    upstream = stores.lineage.upstream(NodeKind.STEP_RUN, record.id)
    assert "table@1" in [edge.source_id for edge in upstream]
    assert [edge.relation for edge in stores.lineage.upstream(NodeKind.VALUE, record.outputs[0].digest)] == ["wrote"]
    assert bench.run(telling_all, {"n": 2}).step("telling").summary == record.summary


def test_adapter_converts_what_a_step_asks_for_in_another_type(bench: Any) -> None:
    @mw.step
    def point(x: int) -> Point:
        return Point(x)

    @mw.step
    def use(frame: pl.DataFrame) -> int:
        return int(frame["x"][0])

    @mw.step
    def same(p: Point) -> float:
        return p.x + p.y

    @mw.pipeline
    def adapting() -> None:
        p = point(3)
        use(p)
        same(p)

    with pytest.raises(PipelineDefinitionError, match=r"expects polars.DataFrame for 'frame'"):
        bench.run(adapting)
    adapter = Adapter(Point, pl.DataFrame, lambda p: pl.DataFrame({"x": [p.x]}))
    bench.runner.types = ValueTypes(adapters=[adapter])
    assert bench.run(adapting).value("use") == 3
    assert bench.run(adapting, {}, RunOptions(force=frozenset({"use", "same"}))).value("same") == 3.5


def test_what_a_step_changes_in_place_no_other_step_sees(bench: Any) -> None:
    @mw.step
    def make() -> tuple[pl.DataFrame, np.ndarray, list[int], Any]:
        import pandas as pd

        return pl.DataFrame({"a": [1, 2]}), np.arange(3), [1], pd.DataFrame({"a": [1, 2]})

    @mw.step
    def spoil(frame: pl.DataFrame, array: np.ndarray, items: list[int], pandas: Any) -> int:
        frame[0, "a"] = 99
        frame.insert_column(0, pl.Series("b", [0, 0]))
        array[:] = 7
        items.append(2)
        pandas["a"] = 0
        return 0

    @mw.step
    def look(frame: pl.DataFrame, array: np.ndarray, items: list[int], pandas: Any, after: int) -> bool:
        return (
            frame.equals(pl.DataFrame({"a": [1, 2]}))
            and array.tolist() == [0, 1, 2]
            and items == [1]
            and pandas["a"].tolist() == [1, 2]
        )

    @mw.pipeline
    def spoiling() -> None:
        parts = make()
        look(*parts, spoil(*parts))

    assert bench.run(spoiling).value("look") is True
    assert bench.run(spoiling, {}, RunOptions(force=frozenset({"spoil", "look"}))).value("look") is True


def test_failure_keeps_the_finished_steps_and_running_again_continues(bench: Any) -> None:
    broken = [True]

    @mw.step(extras="fragile")
    def fragile(n: int) -> int:
        seen("fragile")
        if broken[0]:
            raise ValueError("no luck")
        return n

    @mw.pipeline
    def risky() -> None:
        parity(fragile(double(5)))

    with pytest.raises(StepFailedError, match=r"Step 'fragile' failed: ValueError: no luck") as caught:
        bench.run(risky)
    assert isinstance(caught.value.__cause__, ValueError)
    assert caught.value.details["step"] == "fragile"
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    assert (run.status, run.error) == (PipelineRunStatus.FAILED, "Step 'fragile': ValueError: no luck")
    steps = bench.stores.pipelines.list_step_runs(run.id)
    assert [(step.step, step.status) for step in steps] == [
        ("double", StepStatus.COMPLETED),
        ("fragile", StepStatus.FAILED),
    ]
    assert steps[1].error == "ValueError: no luck"
    assert bench.heard[-1].type == "pipeline.failed"
    broken[0] = False
    result = bench.run(risky)
    assert statuses(result) == {"double": "cached", "fragile": "completed", "parity": "completed"}
    assert calls() == {"double": 1, "fragile": 2, "parity": 1}


def test_error_of_ours_reaches_the_user_as_it_is_and_names_the_step(bench: Any) -> None:
    @mw.step(retries=3)
    def refuse() -> int:
        seen("refuse")
        raise InvalidInputError("The file is empty.", hint="Give another.")

    @mw.pipeline
    def refusing() -> None:
        refuse()

    with pytest.raises(InvalidInputError, match="The file is empty") as caught:
        bench.run(refusing)
    assert caught.value.details == {"step": "refuse"}
    assert caught.value.hint == "Give another."
    assert calls()["refuse"] == 1
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    assert run.error == "Step 'refuse': The file is empty."


def test_line_of_the_project_that_raised_is_told(bench: Any, write: Callable[..., Path]) -> None:
    path = write(
        pipeline="import millwright as mw\nfrom helper import f\n\n@mw.step\ndef work() -> int:\n    return f()\n\n"
        "@mw.pipeline\ndef demo():\n    work()\n",
        helper="def f():\n    return 1 / 0\n",
    )
    with pytest.raises(StepFailedError, match=r"ZeroDivisionError: division by zero \(helper.py:2\)"):
        bench.run(load_pipeline(path))


def test_exit_in_a_step_is_a_failure(bench: Any) -> None:
    @mw.step
    def leave() -> int:
        sys.exit(3)

    @mw.pipeline
    def leaving() -> None:
        leave()

    with pytest.raises(StepFailedError, match="SystemExit: 3"):
        bench.run(leaving)


def test_interrupt_by_the_user_cancels_the_run(bench: Any) -> None:
    stopped_before = threading.Event()

    @mw.step
    def slow(n: int) -> int:
        if not stopped_before.is_set():
            stopped_before.set()
            raise KeyboardInterrupt
        return n

    @mw.pipeline
    def stopped() -> None:
        slow(number(1))

    with pytest.raises(KeyboardInterrupt):
        bench.run(stopped)
    (run,) = bench.stores.pipelines.list_pipeline_runs()
    assert run.status is PipelineRunStatus.CANCELLED
    assert [step.status for step in bench.stores.pipelines.list_step_runs(run.id)] == [
        StepStatus.COMPLETED,
        StepStatus.INTERRUPTED,
    ]
    assert statuses(bench.run(stopped)) == {"number": "cached", "slow": "completed"}


@pytest.mark.parametrize(
    ("annotation", "value", "message"),
    [
        (int, "x", "annotated to return int, and returned str"),
        (tuple[int, int], (1,), "a tuple of 2, and returned a tuple of 1"),
        (tuple[int, int], 1, "a tuple of 2, and returned int"),
        (None, 1, "annotated to return None, and returned int"),
        (Any, object(), "returned object, which cannot be stored"),
        (dict, {"a": object()}, "cannot be stored: object has no JSON form"),
        (pl.DataFrame, pl.DataFrame({"a": [object()]}), "cannot be stored"),
        (np.ndarray, np.array([object()]), "array of Python objects"),
    ],
)
def test_value_that_is_not_what_was_promised_or_cannot_be_stored_is_an_error(
    bench: Any, annotation: Any, value: Any, message: str
) -> None:
    def give(key: int) -> Any:
        return VALUES[key]

    VALUES = [value]  # noqa: N806 - reads as the global it stands for
    give.__annotations__["return"] = annotation
    given = mw.step(cache=False)(give)

    @mw.pipeline
    def giving() -> None:
        given(0)

    with pytest.raises(InvalidInputError, match=message):
        bench.run(giving)


def test_explain_tells_what_would_run_and_why_without_running(bench: Any) -> None:
    def told(params: dict[str, Any], **options: Any) -> list[tuple[bool | None, str]]:
        graph = chain.bind(params)
        found = bench.runner.explain(graph, project_dir=bench.project, options=RunOptions(**options))
        return [(each.cached, each.reason) for each in found]

    new = "no result with this code and input, and it has not run before"
    depends = "depends on what number will give"
    assert told({"n": 1}) == [(False, new), (None, depends), (None, "depends on what double will give")]
    first = bench.run(chain, {"n": 1})
    assert [cached for cached, _ in told({"n": 1})] == [True, True, True]
    assert told({"n": 1}, force=frozenset({"double"}))[1] == (False, "asked for")
    bench.stores.artifacts.delete(first.step("double").outputs[0].digest)
    assert told({"n": 1})[1] == (False, "its stored result is gone")
    assert calls()["number"] == 1
    assert len(bench.stores.pipelines.list_pipeline_runs()) == 1


def test_what_a_step_read_behind_its_key_is_recorded_and_no_strict_run_takes_its_result(bench: Any) -> None:
    @mw.step
    def read(folder: str) -> str:
        with open(f"{folder}/behind.txt") as file:  # noqa: PTH123 - as users write it
            return file.read()

    @mw.pipeline
    def reading(folder: str) -> None:
        read(folder)

    given = {"folder": str(bench.project)}

    (bench.project / "behind.txt").write_text("one")
    os.utime(bench.project / "behind.txt", (1, 1))
    first = bench.run(reading, given)
    assert first.step("read").summary == {"not_seen": ["read behind.txt"]}
    again = bench.run(reading, given)
    assert (again.step("read").status.value, again.step("read").summary) == ("cached", first.step("read").summary)
    strict = RunOptions(strict=True)
    (told,) = bench.runner.explain(reading.bind(given), project_dir=bench.project, options=strict)
    assert (told.cached, told.reason) == (
        False,
        "its result depends on what its key does not see, and the run is strict",
    )
    with pytest.raises(InvalidInputError, match=r"depends on what its cache key does not see: it read behind\.txt"):
        bench.run(reading, given, strict)


def test_what_an_item_read_behind_its_key_is_recorded_of_the_whole_and_no_strict_run_takes_it(bench: Any) -> None:
    @mw.step
    def read(name: str, folder: str) -> str:
        if name == "none":
            return name
        with open(f"{folder}/{name}.txt") as file:  # noqa: PTH123 - as users write it
            return file.read()

    @mw.pipeline
    def reading(folder: str, names: list[str]) -> None:
        read.map(names, folder=folder)

    for name in ("one", "two"):
        (bench.project / f"{name}.txt").write_text(name)
        os.utime(bench.project / f"{name}.txt", (1, 1))
    given = {"folder": str(bench.project), "names": ["none", "one"]}
    first = bench.run(reading, given)
    assert first.step("read").summary == {"items": 2, "cached": 0, "not_seen": ["read one.txt"]}
    more = bench.run(reading, {**given, "names": ["none", "one", "two"]})
    assert more.step("read").summary == {"items": 3, "cached": 2, "not_seen": ["read one.txt", "read two.txt"]}
    strict = RunOptions(strict=True)
    (told,) = bench.runner.explain(reading.bind(given), project_dir=bench.project, options=strict)
    assert (told.cached, told.reason) == (
        False,
        "its result depends on what its key does not see, and the run is strict",
    )
    with pytest.raises(InvalidInputError, match=r"depends on what its cache key does not see: it read one\.txt"):
        bench.run(reading, given, strict)
    kept = {**given, "names": ["none"]}
    assert bench.run(reading, kept, strict).step("read").summary == {"items": 1, "cached": 1}


def test_warning_of_what_the_cache_cannot_see_is_said(bench: Any, write: Callable[..., Path]) -> None:
    path = write(
        pipeline="import helper\nimport millwright as mw\n\n@mw.step\ndef work() -> int:\n"
        "    return getattr(helper, 'f')()\n\n"
        "@mw.pipeline\ndef demo():\n    work()\n",
        helper="def f():\n    return 1\n",
    )
    bench.run(load_pipeline(path))
    assert any("Not seen by the cache (step 'work')" in line and "helper" in line for line in bench.progress.said)


SLOW = """
import sys, time
from pathlib import Path
import millwright as mw

def mark(folder, name):
    with open(Path(folder) / "calls.txt", "a") as file:
        file.write(name + "\\n")

@mw.step
def first(folder: str, n: int) -> int:
    mark(folder, "first")
    return n

@mw.step
def second(folder: str, n: int) -> int:
    mark(folder, "second")
    while (Path(folder) / "block").exists():
        time.sleep(0.01)
    return n + 1

@mw.step
def third(folder: str, n: int) -> int:
    mark(folder, "third")
    return n + 1

@mw.pipeline
def demo(folder: str, n: int = 1):
    third(folder, second(folder, first(folder, n)))
"""
MAIN = textwrap.dedent("""
    import sys
    from pathlib import Path
    from millwright.core.clock import SystemClock
    from millwright.core.digest import digest_bytes
    from millwright.core.events import EventBus
    from millwright.core.progress import SilentProgress
    from millwright.core.records.code import CodeRecord
    from millwright.pipelines.runner import PipelineRunner
    from millwright.pipelines.source import load_pipeline
    from millwright.storage.catalog import open_stores
    root = Path(sys.argv[1])
    class Progress(SilentProgress):
        def say(self, message):
            (root / "project" / "said.txt").write_text(message)
    stores = open_stores(records_url=f"sqlite:///{root}/store/records.db", artifacts_url=f"{root}/store/artifacts",
                         predictions_url=f"{root}/store/predictions")
    runner = PipelineRunner(stores=stores, clock=SystemClock(), events=EventBus(), services={}, progress=Progress())
    graph = load_pipeline(root / "project" / "pipeline.py").bind({"folder": str(root / "project")})
    result = runner.run(graph, code=CodeRecord(entrypoint="x", snapshot=None, source_digest=digest_bytes(b"")),
                        project_dir=root / "project")
    print(*(step.status.value for step in result.steps), result.value("third"))
""")


def start(root: Path) -> subprocess.Popen[str]:
    return forking.start(["-c", MAIN, str(root)], cwd=root, stderr=None)


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def called(root: Path) -> list[str]:
    path = root / "project" / "calls.txt"
    return path.read_text().split() if path.exists() else []


def test_killed_run_is_marked_and_running_again_executes_only_unfinished_steps(
    tmp_path: Path, stores: Stores, write: Callable[..., Path]
) -> None:
    write(pipeline=SLOW)
    block = tmp_path / "project" / "block"
    block.touch()
    with start(tmp_path) as process:
        wait_for(lambda: "second" in called(tmp_path))
        process.send_signal(signal.SIGKILL)
    (run,) = stores.pipelines.list_pipeline_runs(running_only=True)
    marked = mark_interrupted(stores.pipelines, SystemClock())
    assert [record.id for record in marked] == [run.id]
    assert mark_interrupted(stores.pipelines, SystemClock()) == []
    assert stores.pipelines.get_pipeline_run(run.id).status is PipelineRunStatus.INTERRUPTED
    assert [step.status for step in stores.pipelines.list_step_runs(run.id)] == [
        StepStatus.COMPLETED,
        StepStatus.INTERRUPTED,
    ]
    block.unlink()
    began = time.monotonic()
    with start(tmp_path) as process:
        assert process.communicate()[0].split() == ["cached", "completed", "completed", "3"]
    assert time.monotonic() - began < 20, "the lease of a dead process of this machine was waited for"
    assert Counter(called(tmp_path)) == {"first": 1, "second": 2, "third": 1}


def test_two_processes_that_need_the_same_result_compute_it_once(
    tmp_path: Path, stores: Stores, write: Callable[..., Path]
) -> None:
    write(pipeline=SLOW)
    block = tmp_path / "project" / "block"
    block.touch()
    with start(tmp_path) as one:
        wait_for(lambda: "second" in called(tmp_path))
        with start(tmp_path) as other:
            wait_for((tmp_path / "project" / "said.txt").exists)
            block.unlink()
            outputs = sorted([one.communicate()[0].split(), other.communicate()[0].split()])
    assert Counter(called(tmp_path)) == {"first": 1, "second": 1, "third": 1}
    statuses_of_second = sorted(output[1] for output in outputs)
    assert statuses_of_second == ["cached", "completed"]
    assert {output[-1] for output in outputs} == {"3"}
    completed = [
        step
        for run in stores.pipelines.list_pipeline_runs()
        for step in stores.pipelines.list_step_runs(run.id)
        if step.status is StepStatus.COMPLETED
    ]
    assert Counter(step.step for step in completed) == {"first": 1, "second": 1, "third": 1}


def test_waiter_takes_over_when_the_process_that_computes_dies(
    tmp_path: Path, stores: Stores, write: Callable[..., Path]
) -> None:
    write(pipeline=SLOW)
    block = tmp_path / "project" / "block"
    block.touch()
    with start(tmp_path) as one:
        wait_for(lambda: "second" in called(tmp_path))
        with start(tmp_path) as other:
            wait_for((tmp_path / "project" / "said.txt").exists)
            one.send_signal(signal.SIGKILL)
            one.wait()
            block.unlink()
            assert other.communicate()[0].split() == ["cached", "completed", "completed", "3"]
    assert Counter(called(tmp_path)) == {"first": 1, "second": 2, "third": 1}
    assert [run.status.value for run in stores.pipelines.list_pipeline_runs()] == ["completed", "running"]


@pytest.mark.parametrize("delay", [0.0, 0.004, 0.008, 0.012, 0.016, 0.024])
def test_kill_at_any_moment_leaves_nothing_half_done(
    tmp_path: Path, stores: Stores, write: Callable[..., Path], delay: float
) -> None:
    write(pipeline=SLOW)
    with start(tmp_path) as process:
        wait_for(lambda: "first" in called(tmp_path))
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    for run in stores.pipelines.list_pipeline_runs():
        for step in stores.pipelines.list_step_runs(run.id):
            assert step.status in {StepStatus.RUNNING, StepStatus.COMPLETED}
            for ref in step.outputs:
                assert len(stores.artifacts.get(ref.digest)) == ref.size_bytes
            if step.status is StepStatus.COMPLETED:
                wrote = stores.lineage.upstream(NodeKind.VALUE, step.outputs[0].digest)
                assert step.id in [edge.source_id for edge in wrote]
    done = [step for run in stores.pipelines.list_pipeline_runs() for step in stores.pipelines.list_step_runs(run.id)]
    finished = Counter(step.step for step in done if step.status is StepStatus.COMPLETED)
    with start(tmp_path) as process:
        words = process.communicate()[0].split()
    assert words[-1] == "3"
    assert [word == "cached" for word in words[:3]] == [name in finished for name in ("first", "second", "third")]


def test_run_in_a_forked_child_has_an_owner_of_its_own(bench: Any) -> None:
    owner = bench.run(chain).record.owner
    assert f":{os.getpid()}:" in owner
