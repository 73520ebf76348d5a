"""Graphs to be drawn: a small one with everything in it, and any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import strategies as st

import millwright as mw
from millwright.pipelines.graph.drawing import Line, Shape, Sketch

if TYPE_CHECKING:
    from millwright.pipelines.graph import Graph


@dataclass
class Report:
    score: float
    passed: bool


@mw.step
def load(source: str) -> list[int]:
    return [len(source)]


@mw.step
def split(rows: list[int], share: float = 0.2) -> tuple[list[int], list[int]]:
    return rows, rows if share else []


@mw.step
def fit(depot: int, rows: list[int]) -> float:
    return depot / len(rows)


@mw.step
def judge(models: list[float], test: list[int]) -> Report:
    return Report(models[0], bool(test))


@mw.step
def publish(models: list[float]) -> str:
    return str(models)


@mw.step
def tell(version: str) -> None:
    del version


@mw.step
def ask() -> None:
    pass


@mw.step
def alarm() -> None:
    pass


@mw.step
def clean_up() -> None:
    pass


@mw.pipeline(on_failure=[clean_up, alarm])
def everything(source: str = "a.csv") -> None:
    train, test = split(load(source))
    models = fit.map(mw.each(train), rows=train)
    report = judge(models, test)
    with mw.when(report.passed):
        tell(publish(models))
    with mw.when(report.passed, differs_from=True):
        ask()
    ask.with_options(after=[report])()


@pytest.fixture
def graph() -> Graph:
    return everything.build()


def drawing(count: int, *pairs: tuple[int, int], dashed: tuple[tuple[int, int], ...] = ()) -> Sketch:
    """Shapes `s0`, `s1`, … and lines between them."""
    return Sketch(
        title="drawing",
        params={},
        shapes=tuple(Shape(key=f"s{index}", text=f"s{index}") for index in range(count)),
        lines=tuple(
            Line(source=f"s{source}", target=f"s{target}", is_dashed=(source, target) in dashed)
            for source, target in (*pairs, *dashed)
        ),
    )


@st.composite
def drawings(draw: st.DrawFn, most: int = 12) -> Sketch:
    """Any drawing of a few shapes, in an order in which each comes after those before it."""
    count = draw(st.integers(1, most))
    kinds = st.sampled_from(["step", "step", "step", "mapped", "condition"])
    texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=14)
    shapes = []
    for index in range(count):
        kind = draw(kinds)
        shapes.append(
            Shape(
                key=f"s{index}",
                text=draw(texts),
                kind="condition" if kind == "condition" else "step",
                is_mapped=kind == "mapped",
            )
        )
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=2 * count))
    lines = tuple(
        Line(source=f"s{low}", target=f"s{high}", text="rows" if dash else "", is_dashed=not dash)
        for low, high in sorted(pairs)
        if low < high
        for dash in (draw(st.booleans()),)
    )
    return Sketch(title="any", params={"n": 1}, shapes=tuple(shapes), lines=lines, failures=tuple(shapes[:2]))
