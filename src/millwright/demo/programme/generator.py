"""The construction programme's snapshots: what `mw demo` starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from millwright.demo.programme.course import run
from millwright.demo.programme.dirt import soil
from millwright.demo.programme.plan import draw_plan
from millwright.demo.programme.snapshot import WINDOWS, take

if TYPE_CHECKING:
    import polars as pl


def generate(seed: int, period: Literal[1, 2] = 1, *, scale: float = 1.0) -> pl.DataFrame:
    """One snapshot of a made-up construction programme.

    The first shows two years of activities. The second, a year and a half later, shows what became of those that were
    open, and everything that has started since, in a world that has changed: new region and contractors, longer
    material lead times that now matter, a permit reform. A model of the first loses on it; see `regime`.

    Args:
        seed: The same seed gives the same programme, to the byte.
        period: Which snapshot, 1 or 2.
        scale: Size of the programme; 1 is about 6,000 activities a snapshot.

    Returns:
        One row per activity with the columns of `column.COLUMNS`. Dates are text, some values are missing, and a few
        rows are wrong on purpose (`dirt.ROWS`), as in a file that people keep. An activity that ended more than
        `regime.LATE_AFTER_DAYS` after its planned end was late: 25 to 40 in 100 are.

    Raises:
        ValueError: Another period, or a scale that leaves no project.

    Example:
        >>> from millwright.demo.programme.generator import generate
        >>> first = generate(seed=7)
        >>> first.filter(activity_id="P0150-STR-1").select("region", "planned_end", "actual_end").row(0)
        ('North', '2023-08-25', '2023-11-28')
    """
    if period not in WINDOWS:
        raise ValueError(f"period is 1 or 2; found {period!r}")
    planning, working, forgetting, typing = (np.random.default_rng([seed, part]) for part in range(4))
    plan = draw_plan(planning, scale=scale)
    course = run(working, plan)
    frame = take(forgetting, plan, course, WINDOWS[period])
    return soil(typing.spawn(2)[period - 1], frame)
