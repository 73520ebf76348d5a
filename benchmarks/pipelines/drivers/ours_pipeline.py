"""The pipelines, as a user of Millwright writes them."""

from __future__ import annotations

import pandas as pd
import works

import millwright as mw


@mw.step
def load(seed: int) -> pd.DataFrame:
    return works.load(seed)


@mw.step
def add(table: pd.DataFrame) -> pd.DataFrame:
    return works.add(table)


@mw.pipeline
def chain(seed: int) -> None:
    table = load(seed)
    for _ in range(works.STEPS - 1):
        table = add(table)


@mw.step
def square(number: int) -> int:
    return works.square(number)


@mw.step
def total(numbers: list[int]) -> int:
    return works.total(numbers)


@mw.pipeline(name="map")
def mapped(seed: int) -> None:
    total(square.map(list(range(seed, seed + works.ITEMS))))


@mw.step
def start(seed: int) -> int:
    return seed


@mw.step
def bump(value: int) -> int:
    return works.bump(value)


@mw.pipeline
def plan(seed: int) -> None:
    value = start(seed)
    for _ in range(works.LONG - 1):
        value = bump(value)
