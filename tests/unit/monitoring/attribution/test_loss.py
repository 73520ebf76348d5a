from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from millwright.core.ids import PredictionId
from millwright.models.column import ColumnType
from millwright.monitoring.attribution import AttributionSettings, LossSide, attribute_loss
from millwright.monitoring.monitored_column import MonitoredColumn
from millwright.monitoring.row_loss import RowLosses

ERROR = "absolute error"
COLUMNS = (
    MonitoredColumn("days", ColumnType.NUMBER),
    MonitoredColumn("phase", ColumnType.CATEGORY),
    MonitoredColumn("noise", ColumnType.NUMBER),
)


def side(
    rows: int,
    *,
    seed: int,
    close: float = 0.2,
    worse: float = 0.0,
    everywhere: float = 0.0,
    name: str = "absolute error",
) -> LossSide:
    """Losses that are larger in the phase of closing; there `worse` by so much, with that share of rows `close`."""
    generator = np.random.default_rng(seed)
    phase = generator.choice(["design", "close"], rows, p=[1 - close, close])
    losses = generator.exponential(1.0, rows) * np.where(phase == "close", 2.0, 1.0) + everywhere
    losses += worse * (phase == "close")
    inputs = pl.DataFrame({"days": generator.normal(0, 1, rows), "phase": phase, "noise": generator.random(rows)})
    known = np.arange(0, rows, 2)  # every other row is labelled
    found = RowLosses(rows=known, values=losses[known], errors=losses[known], name=name)
    return LossSide(inputs=inputs, losses=found, ids=[PredictionId(f"p{number}") for number in range(rows)])


REFERENCE = side(4_000, seed=1)


def test_part_that_fared_worse_is_named_with_its_worst_rows():
    current = side(1_000, seed=2, worse=1.5)
    found = attribute_loss(COLUMNS, REFERENCE, current)
    assert found is not None
    first = found.features[0]
    assert (first.column, [part.label for part in first.worse]) == ("phase", ["close"])
    (part,) = first.worse
    assert (part.before, part.now) == (pytest.approx(2, abs=0.2), pytest.approx(3.5, abs=0.5))
    assert part.contribution == pytest.approx(found.change, abs=0.1)
    inside = current.inputs["phase"].to_numpy()[::2] == "close"
    values = np.where(inside, current.losses.values, 0)
    assert part.examples == tuple(f"p{2 * row}" for row in np.argsort(-values)[:5])
    assert [each.worse for each in found.features[1:]] == [(), ()]


def test_mix_is_what_more_rows_of_a_hard_part_cost():
    found = attribute_loss(COLUMNS, REFERENCE, side(2_000, seed=3, close=0.6))
    assert found is not None
    assert found.features[0].column == "phase"
    assert found.features[0].worse == ()
    assert found.features[0].mix == pytest.approx(0.4, abs=0.1)
    assert found.features[0].mix == pytest.approx(found.change, abs=0.1)
    assert all(abs(each.mix) < 0.05 for each in found.features[1:])


def test_mix_and_parts_add_up_to_the_change():
    before, now = REFERENCE.losses, side(1_000, seed=4, close=0.5, worse=2.0)
    found = attribute_loss(COLUMNS, REFERENCE, now)
    assert found is not None
    phases = [REFERENCE.inputs["phase"].to_numpy()[::2], now.inputs["phase"].to_numpy()[::2]]
    fared = sum(
        (phases[1] == name).mean()
        * (now.losses.values[phases[1] == name].mean() - before.values[phases[0] == name].mean())
        for name in ("design", "close")
    )
    mix = next(each.mix for each in found.features if each.column == "phase")
    assert mix + fared == pytest.approx(found.change)


def test_nothing_stands_out_when_all_rows_fare_worse_or_none():
    for everywhere in (0.0, 3.0):
        reports = [attribute_loss(COLUMNS, REFERENCE, side(600, seed=s, everywhere=everywhere)) for s in range(10, 30)]
        named = [each for report in reports if report for each in report.features if each.worse]
        assert len(named) <= 2  # 0.05 of 20 windows, and some chance


@pytest.mark.parametrize(
    ("current", "settings"),
    [
        (side(100, seed=5), AttributionSettings()),
        (side(1_000, seed=5), AttributionSettings(enabled=False)),
        (side(1_000, seed=5, name="Brier score"), AttributionSettings()),
    ],
    ids=["few", "off", "another loss"],
)
def test_nothing_is_explained_when_there_is_nothing_to_go_by(current: LossSide, settings: AttributionSettings):
    assert attribute_loss(COLUMNS, REFERENCE, current, settings) is None
