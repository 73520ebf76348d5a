from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

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


@mw.pipeline
def demo(url: str = "") -> None:
    use(read(url or name()), stamp())


def told(bench: Any, **options: Any) -> dict[str, tuple[bool | None, str]]:
    graph = demo.bind({}, types=bench.runner.types)
    found = bench.runner.explain(graph, project_dir=bench.project, options=RunOptions(**options))
    return {each.step: (each.cached, each.reason) for each in found}


def test_file_that_a_cached_step_names_is_looked_into(bench: Any) -> None:
    file: Path = bench.project / "a.txt"
    file.write_text("x")
    bench.run(demo)
    assert told(bench)["read"][0] is True
    file.write_text("y")
    assert told(bench)["read"] == (False, "no result with this code and input")


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


def test_step_that_reads_a_url_is_executed(bench: Any) -> None:
    graph = demo.bind({"url": "https://example.com/a.txt"})
    (found, *_) = [each for each in bench.runner.explain(graph, project_dir=bench.project) if each.step == "read"]
    assert found.cached is False
    assert "URL" in found.reason
