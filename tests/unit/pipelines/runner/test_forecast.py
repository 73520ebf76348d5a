# ruff: noqa: E501 - a table of edits reads best with a line each
from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import millwright as mw
from millwright.pipelines.runner import RunOptions

if TYPE_CHECKING:
    from pathlib import Path


@mw.step
def name() -> str:
    return "a.txt"


@mw.step(cache=False)
def stamp() -> int:
    return 1


@mw.step
def read(source: Annotated[str, mw.External()]) -> str:
    from pathlib import Path

    return Path(source).read_text(encoding="utf-8")


@mw.step
def use(text: str, n: int) -> str:
    return text * n


@mw.step
def lengths(text: str, n: int) -> tuple[int, str]:
    return len(text) * n, text


@mw.step
def total(numbers: list[int]) -> int:
    return sum(numbers)


@mw.pipeline
def mapping(n: int = 1) -> None:
    found, _ = lengths.map(["a", "bc"], n=n)
    total(found)


@mw.step
def is_good(n: int) -> bool:
    return n > 0


@mw.pipeline
def parted(n: int = 1) -> None:
    good = is_good(n)
    with mw.when(good):
        shipped = use("good", n)
    with mw.when(good, equals=False):
        kept = use("bad", n)
        lengths(kept, n)
    use(mw.first(shipped, kept), n)


@mw.pipeline
def demo(url: str = "") -> None:
    use(read(url or name()), stamp())


def told(bench: Any, **options: Any) -> dict[str, tuple[bool | None, str]]:
    graph = demo.bind({}, types=bench.runner.types)
    found = bench.runner.explain(graph, project_dir=bench.project, options=RunOptions(**options))
    return {each.step: (each.cached, each.reason) for each in found}


def test_mapped_step_of_which_nothing_has_changed_is_cached_and_so_is_what_follows(bench: Any) -> None:
    bench.run(mapping)

    def forecasts(**params: Any) -> list[bool | None]:
        graph = mapping.bind(params, types=bench.runner.types)
        return [each.cached for each in bench.runner.explain(graph, project_dir=bench.project)]

    assert forecasts() == [True, True]
    assert forecasts(n=2) == [False, None]


def test_step_whose_condition_is_known_is_told_to_be_skipped_or_not(bench: Any) -> None:
    bench.run(parted)

    def forecasts(n: int) -> dict[str, tuple[bool | None, bool, str]]:
        found = bench.runner.explain(parted.bind({"n": n}, types=bench.runner.types), project_dir=bench.project)
        return {each.step: (each.cached, each.skipped, each.reason) for each in found}

    told = forecasts(1)
    assert told.pop("use-2") == (None, True, "the condition does not hold: is_good is False")
    assert told.pop("lengths")[:2] == (None, True)
    assert {cached_and_skipped[:2] for cached_and_skipped in told.values()} == {(True, False)}
    unknown = forecasts(-1)
    assert unknown["is_good"][:2] == (False, False)
    assert unknown["use"] == (None, False, "depends on what is_good will give")
    assert unknown["use-2"][:2] == (None, False)


def test_file_that_a_cached_step_names_is_looked_into(bench: Any) -> None:
    file: Path = bench.project / "a.txt"
    file.write_text("x")
    bench.run(demo)
    assert told(bench)["read"][0] is True
    file.write_text("y")
    cached, reason = told(bench)["read"]
    assert cached is False
    assert reason.startswith("file a.txt changed since run ")


def test_step_that_is_never_cached_and_what_depends_on_it_are_told(bench: Any) -> None:
    (bench.project / "a.txt").write_text("x")
    bench.run(demo)
    found = told(bench)
    assert found["stamp"] == (False, "it is never cached")
    assert found["use"] == (None, "depends on what stamp will give")


def test_pinned_and_forced_steps_and_an_uncached_run_are_told(bench: Any) -> None:
    (bench.project / "a.txt").write_text("x")
    pinned = bench.run(demo).step("stamp")
    found = told(bench, pinned={"stamp": pinned}, force=frozenset({"read"}))
    assert found["stamp"] == (True, "its recorded result is pinned")
    assert found["read"] == (False, "asked for")
    assert {cached for cached, _ in told(bench, use_cache=False).values()} == {False}


def test_step_that_reads_a_url_of_which_nothing_is_told_is_executed(bench: Any) -> None:
    graph = demo.bind({"url": "nosuch://example.com/a.txt"})
    (found, *_) = [each for each in bench.runner.explain(graph, project_dir=bench.project) if each.step == "read"]
    assert found.cached is False
    assert "nosuch://example.com/a.txt cannot be asked whether it has changed" in found.reason


PROJECT = {
    "pipeline": """
        import millwright as mw
        from helper import scale

        LIMIT = 10

        @mw.step
        def table(n: int) -> list[int]:
            return list(range(n))

        @mw.step(cache_ttl="1h")
        def scaled(numbers: list[int], by: int = 2) -> list[int]:
            return [scale(number) * by + LIMIT for number in numbers]

        @mw.pipeline
        def demo(n: int = 3, by: int = 2):
            scaled(table(n), by=by)
    """,
    "helper": """
        def scale(x):
            return x * 3
    """,
}


@pytest.mark.parametrize(
    ("module", "old", "new", "params", "step", "reason"),
    [
        ("helper", "x * 3", "x * 4", {}, "scaled", "helper helper.scale changed since run "),
        ("pipeline", "LIMIT = 10", "LIMIT = 11", {}, "scaled", "constant pipeline.LIMIT: 10 → 11 since run "),
        ("pipeline", "+ LIMIT", "- LIMIT", {}, "scaled", "its own code changed since run "),
        ("helper", "x * 3", "x * 3", {"by": 5}, "scaled", "parameter 'by': 2 → 5 since run "),
        ("pipeline", "range(n)", "range(n + 1)", {}, "table", "its own code changed since run "),
        ("helper", "x * 3", "x * 4", {"by": 5}, "scaled", "helper helper.scale changed, parameter 'by': 2 → 5 since run "),
    ],
)  # fmt: skip
def test_reason_says_what_changed_since_which_run(
    bench: Any, load: Any, module: str, old: str, new: str, params: Any, step: str, reason: str
) -> None:
    run = bench.run(load(**PROJECT)).record.id
    assert old in PROJECT[module]
    graph = load(**{**PROJECT, module: PROJECT[module].replace(old, new)}).bind(params)
    found = {each.step: each for each in bench.runner.explain(graph, project_dir=bench.project)}
    assert found[step].cached is False
    assert found[step].reason == f"{reason}{run[-8:]}"


def test_input_that_changed_is_told_with_the_step_that_gave_it(bench: Any, load: Any) -> None:
    bench.run(load(**PROJECT))
    changed = PROJECT["pipeline"].replace("list(range(n))", "list(range(n + 1))")
    again = load(**{**PROJECT, "pipeline": changed})
    bench.run(again, {"by": 2}, RunOptions(until="table"))
    found = {each.step: each.reason for each in bench.runner.explain(again.bind({}), project_dir=bench.project)}
    assert found["scaled"].startswith("input 'numbers' changed (from step table) since run ")


def test_step_that_never_ran_is_told_to(bench: Any, load: Any) -> None:
    (first, second) = bench.runner.explain(load(**PROJECT).bind({}), project_dir=bench.project)
    assert first.reason == "no result with this code and input, and it has not run before"
    assert second.reason == "depends on what table will give"


def test_result_that_is_too_old_is_told_with_its_age(bench: Any, load: Any) -> None:
    pipeline = load(**PROJECT)
    old = bench.run(pipeline).step("scaled")
    ended = old.ended_at - timedelta(hours=3)
    bench.stores.pipelines.put_step_run(replace(old, started_at=ended, ended_at=ended))
    (_, found) = bench.runner.explain(pipeline.bind({}), project_dir=bench.project)
    assert found.cached is False
    assert found.reason.startswith("its result is 3 h old, and counts for 60 min (cache_ttl)")


def test_result_whose_artifact_is_gone_is_told(bench: Any, load: Any) -> None:
    pipeline = load(**PROJECT)
    run = bench.run(pipeline)
    bench.stores.artifacts.delete(run.step("scaled").outputs[0].digest)
    (_, found) = bench.runner.explain(pipeline.bind({}), project_dir=bench.project)
    assert (found.cached, found.reason) == (False, "its stored result is gone")
