"""`mw monitor status`, `backfill` and `watch`: endpoints as predictions come in."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from millwright.cli.monitor_report import read_moment
from millwright.cli.option import AsJson, start
from millwright.core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from millwright.automation.monitors import Declaration
    from millwright.cli.console import Output
    from millwright.core.records.monitor import MonitorReportRecord
    from millwright.monitoring.live import FoldResult, LiveQuery, LiveStatus
    from millwright.workspace.live import WatchedWindow
    from millwright.workspace.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the commands to the group."""
    for command in (status, backfill, watch):
        app.command(command.__name__)(command)


def status(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name; all when left out.")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Tell how far the prediction log is folded into summaries, and the traffic of the last 24 hours."""
    from millwright.workspace.live import known_endpoint, open_live

    workspace, out = start(as_json=as_json)
    with workspace, open_live(workspace) as live:
        logged = [known_endpoint(workspace, endpoint)] if endpoint else workspace.stores.predictions.list_endpoints()
        found = [live.status(name) for name in logged]
        _print_status(out, found)
        if endpoint:
            hours = [[h.start, h.rows, h.p50_ms, h.p95_ms, h.p99_ms] for h in found[0].hours]
            if hours:
                out.table(["hour", "rows", "p50 ms", "p95 ms", "p99 ms"], hours)
        warn_of_columns(workspace, out, endpoint)
        waiting = next((each.endpoint for each in found if each.pending), "")
        out.next(f"mw monitor backfill {waiting}" if waiting else "mw monitor watch")
        out.json(found)


def warn_of_columns(workspace: Workspace, out: Output, endpoint: str) -> None:
    """Say which columns declared monitors name that their model does not have."""
    from millwright.workspace.closed_loop import declarations
    from millwright.workspace.monitor_columns import columns_problem

    for declared in declarations(workspace.settings):
        if declared.enabled and endpoint in {"", declared.endpoint}:
            problem = columns_problem(workspace, declared)
            if problem is not None:
                out.warn(str(problem))


def _print_status(out: Output, found: Sequence[LiveStatus]) -> None:
    if not found:
        out.line("No prediction was logged yet.")
        return
    rows = [
        [each.endpoint, each.rows, each.last_at, each.folded_until, each.pending, each.lag_s,
         sum(hour.rows for hour in each.hours)]
        for each in found
    ]  # fmt: skip
    out.table(["endpoint", "rows", "last row", "folded until", "segments left", "lag s", "rows of 24 h"], rows)


def backfill(
    endpoint: Annotated[str, typer.Argument(help="The endpoint's name.")],
    *,
    since: Annotated[str, typer.Option("--from", help="The first moment, such as 2026-11-01; the log's first.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last one, exclusive; now when left out.")] = "",
    every: Annotated[str, typer.Option(help="Also write a report for each chunk so long, such as 1h, 1d.")] = "",
    monitor: Annotated[
        str, typer.Option(help="The declared monitor that reports are judged by; the endpoint's only one by default.")
    ] = "",
    drift_only: Annotated[
        bool, typer.Option("--drift-only", help="Reports of drift alone, from summaries: quick however many rows.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Forget what is folded first, and fold the whole log.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fold a past range of the prediction log into summaries; what is folded already is not folded again.

    Times without a zone are of this machine's. Reports of past chunks hold what a check of each would find, with the
    labels that are known now, judged as the endpoint's declared monitor says if it has one; they raise no alert. With
    --again the rows of versions that have got their reference since are counted by column; what has left the log is
    lost.
    """
    from millwright.evaluation.wording import counted
    from millwright.monitoring.live.chunk import require_hours
    from millwright.workspace.closed_loop import judging_monitor
    from millwright.workspace.live import known_endpoint, open_live

    workspace, out = start(as_json=as_json)
    length = _duration(every, "--every") if every else None
    if length is not None:
        require_hours(length)  # before the log is folded, which may take long
    begin, end = read_moment(since, "--from"), read_moment(until, "--to")
    if again and (begin or end):
        raise InvalidInputError("--again folds the whole log.", hint="Leave out --from and --to.")
    with workspace, open_live(workspace) as live:
        known_endpoint(workspace, endpoint)
        declared = judging_monitor(workspace.settings, endpoint, monitor) if length is not None else None
        if again:
            live.forget(endpoint)
        segments = rows = 0
        problems: dict[str, None] = {}
        with out.progress.task(f"folding {endpoint}") as task:
            for result in live.backfill(endpoint, start=begin, end=end):
                segments, rows = segments + result.segments, rows + result.rows
                problems |= dict.fromkeys(result.problems)
                task.advance(result.segments, note=f"{result.pending:,} segments left")
        out.done(f"{counted(rows, 'row')} of {counted(segments, 'segment')} folded.")
        for problem in problems:
            out.warn(problem)
        reports: list[MonitorReportRecord] = []
        if length is not None:
            pieces = _pieces(workspace, endpoint, (begin, end), length)
            with out.progress.task(f"checking {endpoint}") as task:
                query = live.query if drift_only else None
                if declared is not None:
                    out.line(f"Judged as the monitor '{declared.name}' declares.")
                for report in _reports(workspace, endpoint, pieces, (query, declared), warn=out.warn):
                    reports.append(report)
                    task.advance(1, note=f"{report.window_start:%Y-%m-%d %H:%M}")
            drawn = [
                [r.window_start, r.window_end, r.version, r.rows, r.labelled_rows, _drifted(r.drift)] for r in reports
            ]
            out.table(["from", "to", "version", "rows", "labelled", "drifted"], drawn)
        out.next(f"mw monitor reports {endpoint}" if reports else f"mw monitor status {endpoint}")
        out.json({"segments": segments, "rows": rows, "problems": list(problems), "reports": reports})


def _pieces(
    workspace: Workspace, endpoint: str, bounds: tuple[datetime | None, datetime | None], length: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    from millwright.core.records.summary import SummarySpan
    from millwright.monitoring.live.chunk import chunks

    days = workspace.stores.summaries.list_summaries(endpoint, SummarySpan.DAY)
    if not days:
        return iter(())
    end = bounds[1] or max(day.last_at for day in days) + timedelta(microseconds=1)
    return chunks(bounds[0] or days[0].start, end, length)


def _reports(
    workspace: Workspace,
    endpoint: str,
    pieces: Iterator[tuple[datetime, datetime]],
    how: tuple[LiveQuery | None, Declaration | None],
    *,
    warn: Callable[[str], None],
) -> Iterator[MonitorReportRecord]:
    """Full ones, or of drift alone by a query of summaries; judged as a monitor declares, or as the project does."""
    from millwright.monitoring.judging import Judging
    from millwright.monitoring.live.chunk import report_chunks
    from millwright.monitoring.past import report_past
    from millwright.workspace.closed_loop import References
    from millwright.workspace.live import other_reference
    from millwright.workspace.wiring import monitor_settings

    (query, declared), stores = how, workspace.stores
    settings = monitor_settings(workspace.settings.monitor, workspace.settings.prices)
    settings = declared.settings if declared is not None else settings
    if query is not None:
        if settings.season.enabled:
            warn("Held against all of the reference: the season takes rows, which backfill without --drift-only reads.")
        for caveat in other_reference(declared):
            warn(caveat)
        clock, actor = workspace.clock, workspace.actor
        judged = Judging(settings=settings, declared=declared.asking if declared is not None else None)
        return report_chunks(
            endpoint, query=query, stores=stores, clock=clock, pieces=pieces, actor=actor, judged=judged
        )
    judged = Judging(settings=settings)
    if declared is not None:
        judged = Judging(
            settings=settings,
            reference=partial(References(workspace).of_version, declared),
            declared=declared.asking,
            last=declared.rows,
            version=declared.version,
        )
    return report_past(endpoint, pieces, monitor=workspace.monitor, stores=stores, judged=judged, problem=warn)


def watch(
    endpoints: Annotated[list[str] | None, typer.Argument(help="Names of endpoints; all when left out.")] = None,
    *,
    every: Annotated[str, typer.Option(help="How often to look.")] = "60s",
    window: Annotated[str, typer.Option(help="The window of endpoints that no monitor is declared for.")] = "24h",
    once: Annotated[bool, typer.Option("--once", help="Look once and end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Follow the prediction log, fold what is new, and tell which windows drifted; Ctrl-C ends it.

    The windows are those of the monitors that the project file declares. It tells; alerts are raised by mw monitor
    check and by workers. With --json it prints a document for each look.
    """
    from millwright.workspace.live import Watch, known_endpoint, open_live

    workspace, out = start(as_json=as_json)
    pause, length = _duration(every, "--every"), _duration(window, "--window")
    with workspace, open_live(workspace) as live, _stopping() as stop:
        names = [known_endpoint(workspace, name) for name in endpoints or ()]
        watched = Watch(workspace, live, endpoints=names, length=length)
        told: set[str] = set()
        while True:
            folds, windows = watched.round()
            _print_round(out, folds, windows, told)
            out.json({"folded": folds, "windows": [_plain(each) for each in windows]})
            is_behind = any(fold.pending for fold in folds)
            if once or stop.wait(0.0 if is_behind else pause.total_seconds()):
                break
        if once and not folds:
            out.line("No prediction was logged yet.")


def _print_round(out: Output, folds: Sequence[FoldResult], windows: Sequence[WatchedWindow], told: set[str]) -> None:
    from millwright.evaluation.wording import counted

    at = datetime.now().astimezone().strftime("%H:%M:%S")
    for fold in folds:
        if fold.segments:
            left = f", {fold.pending:,} left" if fold.pending else ""
            said = f"{counted(fold.rows, 'row')} of {counted(fold.segments, 'segment')} folded{left}"
            out.line(f"{at}  {fold.endpoint}: {said}.")
        for problem in (*fold.problems, *([f"{fold.endpoint} is followed by {fold.held_by}."] if fold.held_by else [])):
            if problem not in told:  # once, not each minute
                told.add(problem)
                out.warn(problem)
    for each in windows:
        name = f"{each.endpoint} [{each.name}]" if each.name else each.endpoint
        if each.drift is None:
            if each.problem not in told:
                told.add(each.problem)
                out.warn(each.problem)
        elif each.drift.rows:
            found = each.drift
            says = f"drifted: {', '.join(found.drifted)}" if found.drifted else "nothing drifted"
            says = " ".join((*(found.notes or (f"{says}.",)), *found.caveats))
            out.line(f"{at}  {name}: {counted(found.rows, 'row')} of {found.model}@{found.version}; {says}")


def _plain(window: WatchedWindow) -> Mapping[str, Any]:
    drift = window.drift.document() if window.drift is not None else None
    return {"name": window.name, "endpoint": window.endpoint, "drift": drift, "problem": window.problem}


def _drifted(columns: Sequence[Any]) -> str:
    return ", ".join(column.column for column in columns if column.drifted) or "-"


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set by Ctrl-C or SIGTERM while the context lasts: what is being folded is folded to its end."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop  # signals are the main thread's
        return
    before = {each: signal.signal(each, lambda *_: stop.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _duration(text: str, option: str) -> timedelta:
    from millwright.pipelines.annotations import parse_duration

    return timedelta(seconds=parse_duration(text, what=option))
