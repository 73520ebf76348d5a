"""The first page: the loop with its present figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import get
from litestar.response import Template

from millwright.core.records.dataset import DatasetKind
from millwright.core.records.monitor import AlertState, Severity
from millwright.server.injection import FromApp
from millwright.server.pages.decision import alert_table, decision_table
from millwright.server.pages.element import Page, Section, Stage, Table, Tone
from millwright.server.pages.endpoint import endpoint_table
from millwright.server.pages.rendering import show
from millwright.server.pages.run import run_table
from millwright.server.pages.wording import status, version_link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.monitor import AlertRecord, MonitorReportRecord
    from millwright.server.pages.element import Cell
    from millwright.storage.catalog import Stores

_MOST = 1000  # of what is counted; beyond that a plus sign stands
_SHOWN = 5


@get("/", sync_to_thread=True, include_in_schema=False)
def show_overview(services: FromApp) -> Template:
    """Show the loop: champions, endpoints, open alerts, last runs and decisions."""
    stores = services.stores
    alerts = stores.monitors.list_alerts(open_only=True, limit=_MOST)
    sections = [
        Section(
            title="The loop",
            text=["Data becomes a model, gates decide, an endpoint answers, monitoring watches, and it begins again."],
            stages=_stages(stores, alerts),
        ),
        Section(title="Champions", tables=[_champions(stores)]),
        Section(title="Endpoints", tables=[endpoint_table(stores)]),
    ]
    if alerts:
        sections.append(Section(title="Open alerts", tables=[alert_table(alerts[:_SHOWN])]))
    runs = stores.pipelines.list_pipeline_runs(limit=_SHOWN)
    sections += [
        Section(title="Last runs", tables=[run_table(runs)]),
        Section(title="Last decisions", tables=[decision_table(stores.monitors.list_decisions(limit=_SHOWN))]),
        Section(
            title="Ask about a prediction",
            text=["Every answer of an endpoint carries an id. It leads to everything that the answer came from."],
            asks_prediction=True,
        ),
    ]
    return show(Page(title="Overview", place="/", sections=sections))


def _stages(stores: Stores, alerts: Sequence[AlertRecord]) -> list[Stage]:
    datasets = stores.datasets.list_datasets()
    runs = stores.pipelines.list_pipeline_runs(limit=1)
    models = stores.models.list_models()
    champions = [alias for alias in stores.models.list_aliases() if alias.alias == "champion"]
    reports = stores.monitors.list_reports(limit=1)
    decisions = stores.monitors.list_decisions(limit=1)
    sources = [record for record in datasets if record.kind is DatasetKind.SOURCE]
    newest = max(sources, key=lambda record: record.created_at, default=None)
    last = f"last run {runs[0].status.value}" if runs else "nothing has run"
    return [
        Stage(
            name="Data",
            figure=_counted(len(datasets), "dataset"),
            note=f"newest {newest.ref}" if newest else "none yet",
            href="/datasets",
        ),
        Stage(
            name="Training",
            figure=runs[0].pipeline if runs else "none",
            note=last,
            href="/runs",
            tone=status(runs[0].status).tone if runs else Tone.NEUTRAL,
        ),
        Stage(
            name="Models",
            figure=_counted(len(champions), "champion"),
            note=f"of {_counted(len(models), 'model')}",
            href="/models",
        ),
        _serving(stores),
        _watching(reports, alerts),
        Stage(
            name="Decisions",
            figure=decisions[0].outcome.value if decisions else "none",
            note="the last one" if decisions else "nothing had to be decided",
            href="/decisions",
            tone=status(decisions[0].outcome).tone if decisions else Tone.NEUTRAL,
        ),
    ]


def _serving(stores: Stores) -> Stage:
    endpoints = stores.endpoints.list()
    running = sum(record.serving_version is not None for record in endpoints)
    note = f"{running} answering" if endpoints else "none yet"
    tone = Tone.GOOD if running else Tone.NEUTRAL
    return Stage(name="Serving", figure=_counted(len(endpoints), "endpoint"), note=note, href="/monitoring", tone=tone)


def _watching(reports: Sequence[MonitorReportRecord], alerts: Sequence[AlertRecord]) -> Stage:
    critical = any(alert.severity is Severity.CRITICAL and alert.state is AlertState.OPEN for alert in alerts)
    tone = Tone.BAD if critical else Tone.WARN if alerts else Tone.GOOD if reports else Tone.NEUTRAL
    count = f"{_MOST}+ open alerts" if len(alerts) >= _MOST else _counted(len(alerts), "open alert")
    note = f"last check {reports[0].created_at:%Y-%m-%d %H:%M}" if reports else "nothing was checked yet"
    return Stage(name="Monitoring", figure=count, note=note, href="/monitoring", tone=tone)


def _champions(stores: Stores) -> Table:
    rows: list[list[Cell]] = []
    for alias in stores.models.list_aliases():
        if alias.alias == "champion":
            version = stores.models.get_version(alias.name, alias.version)
            rows.append(
                [version_link(version.ref), status(version.state), alias.set_at, alias.set_by, alias.reason or None]
            )
    return Table(headers=["Model", "State", "Since", "By", "Reason"], rows=rows, empty="No model is champion yet.")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
