"""A run's metrics: their figures in tables, and their histories as charts; those of the machine apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.server.api.history import CHART
from millwright.server.pages.element import Section, Table
from millwright.server.pages.part import Chart, Charts
from millwright.server.pages.run_listing import SYSTEM
from millwright.server.pages.wording import asked, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.records.run import MetricSummary, RunRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

_MOST = 500  # charts on a page; each is asked for when it comes into view


def metric_sections(stores: Stores, run: RunRecord) -> list[Section]:
    """The sections on a run's metrics."""
    summaries = stores.metrics.summaries(run.id)
    own = [each for each in summaries if not each.key.startswith(SYSTEM)]
    system = [each for each in summaries if each.key.startswith(SYSTEM)]
    sections = [_section("Metrics", run, own)]
    return [*sections, _section("The machine", run, system)] if system else sections


def chart_of(key: str, runs: Iterable[tuple[str, str]]) -> Chart:
    """The chart of a metric in some runs, by their ids and names."""
    known = [(run_id, shortened(name, 60)) for run_id, name in runs]
    given = [("run", run_id) for run_id, _ in known]
    return Chart(key=key, runs=known, source=asked("/api/v1/histories", ("key", key), ("points", str(CHART)), *given))


def _section(title: str, run: RunRecord, summaries: Sequence[MetricSummary]) -> Section:
    rows: list[list[Cell]] = [
        [each.key, each.last.value, each.last.step, each.minimum, each.maximum, each.count] for each in summaries
    ]
    headers = ["Metric", "Last", "Step", "Lowest", "Highest", "Points"]
    # A metric of one point has no history to draw.
    drawn = [chart_of(each.key, [(run.id, run.name)]) for each in summaries if each.count > 1][:_MOST]
    return Section(
        title=title,
        tables=[Table(headers=headers, rows=rows, empty="None was logged.")],
        parts=[Charts(charts=drawn)] if drawn else [],
    )
