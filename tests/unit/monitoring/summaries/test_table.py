from __future__ import annotations

import zlib
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
import pytest

from millwright.core.errors import IntegrityError, InvalidInputError
from millwright.models.signature import Signature
from millwright.models.task import Task
from millwright.monitoring.drift import compare_columns, compare_summaries
from millwright.monitoring.reference import ReferenceOptions, build_reference, load_reference
from millwright.monitoring.summaries import TableGrid, TableSummary, merge_all


@dataclass(frozen=True)
class Doubling:
    """Answers with twice the days."""

    signature: Signature

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame.select((pl.col("days").fill_null(0.0) * 2).alias("prediction"))


def draw(rows: int, *, seed: int, shift: float = 0.0, contact: bool = False) -> pl.DataFrame:
    generator = np.random.default_rng(seed)
    days = generator.normal(100 + shift, 20, rows)
    phases = generator.choice(["design", "build", "closeout"], rows, p=[0.2, 0.7, 0.1])
    found = pl.DataFrame({"days": days, "phase": phases})
    found = found.with_columns(pl.when(pl.col("days") > 60).then(pl.col("days")).alias("days"))
    return found.with_columns(contact=pl.lit("anna@example.org")) if contact else found


def grid_of(frame: pl.DataFrame) -> tuple[TableGrid, Doubling]:
    target = pl.Series("late", frame["days"].fill_null(0.0) * 2)
    model = Doubling(Signature.infer(frame, target, Task.REGRESSION))
    data = build_reference(frame.with_columns(target), model, options=ReferenceOptions(rows=2_000, metrics={"rmse": 0}))
    return TableGrid.of(load_reference(data), model.signature), model


def summarize(grid: TableGrid, model: Doubling, frame: pl.DataFrame) -> TableSummary:
    return grid.summarize(frame, model.predict(frame))


@pytest.mark.parametrize("shift", [0.0, 15.0])
def test_summaries_of_parts_decide_as_all_of_the_values_do(shift: float):
    reference, current = draw(2_000, seed=1), draw(3_000, seed=2, shift=shift)
    grid, model = grid_of(reference)
    parts = [summarize(grid, model, part) for part in current.iter_slices(700)]
    summed = compare_summaries(grid, merge_all(parts[::-1]))
    answers = (model.predict(reference), model.predict(current))
    values = [
        {column: (frame if not column.output else answer)[column.name] for column in grid.columns}
        for frame, answer in zip((reference, current), answers, strict=True)
    ]
    exact = compare_columns(list(grid.columns), *values)
    assert [found.record.drifted for found in summed] == [found.record.drifted for found in exact]
    assert [found.record.drifted for found in summed] == [shift > 0, False, shift > 0]
    for ours, theirs in zip(summed, exact, strict=True):
        assert ours.record.scores["psi"] == pytest.approx(theirs.record.scores["psi"], abs=1e-12)
        assert ours.record.current_rows == theirs.record.current_rows == 3_000
        assert ours.bins.labels == theirs.bins.labels


def test_summary_comes_back_from_its_bytes():
    grid, model = grid_of(draw(500, seed=1))
    summary = summarize(grid, model, draw(200, seed=2))
    again = TableSummary.from_bytes(summary.to_bytes(), grid)
    assert again.to_bytes() == summary.to_bytes()
    assert again.rows == 200


def test_summaries_of_different_references_are_not_merged():
    (one, model), (two, _) = grid_of(draw(500, seed=1)), grid_of(draw(500, seed=2))
    first, second = summarize(one, model, draw(9, seed=3)), summarize(two, model, draw(9, seed=3))
    with pytest.raises(InvalidInputError, match="one reference"):
        first.merge(second)
    with pytest.raises(InvalidInputError, match="cells of this reference"):
        TableSummary.from_bytes(first.to_bytes(), two)


def test_summary_is_refused_when_its_bytes_are_damaged_or_newer():
    grid, model = grid_of(draw(500, seed=1))
    data = summarize(grid, model, draw(9, seed=3)).to_bytes()
    with pytest.raises(IntegrityError, match="something else"):
        TableSummary.from_bytes(data[:-3], grid)
    newer = msgspec.msgpack.decode(zlib.decompress(data)) | {"format": 2}
    with pytest.raises(InvalidInputError, match="format 1, found 2"):
        TableSummary.from_bytes(zlib.compress(msgspec.msgpack.encode(newer)), grid)


def test_values_of_a_column_with_personal_data_are_not_shown():
    grid, model = grid_of(draw(500, seed=1, contact=True))
    window = draw(300, seed=2, contact=True).with_columns(contact=pl.lit("bo@example.org"))
    found = next(
        each for each in compare_summaries(grid, summarize(grid, model, window)) if each.record.column == "contact"
    )
    assert "example" not in str((found.bins.labels, found.unseen))
    assert sum(found.unseen.values()) == 300


def test_size_of_a_summary_does_not_grow_with_the_rows():
    grid, model = grid_of(draw(2_000, seed=1))
    few, many = summarize(grid, model, draw(5_000, seed=2)), summarize(grid, model, draw(200_000, seed=3))
    assert len(many.to_bytes()) < 3 * len(few.to_bytes()) < 60_000
