"""Tracked runs in a table: which columns it has, how it is sorted, and what leads on from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from millwright.core.filter import RUNS, parse_order
from millwright.core.ids import ExperimentId
from millwright.core.records.search import Kind
from millwright.server.pages.element import Link, SortLink, Table
from millwright.server.pages.part import Box, Choice, Menu, Pager, PickTable, SearchForm, Ticks
from millwright.server.pages.wording import asked, route, seconds, shortened, status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.records.run import RunRecord
    from millwright.core.records.search import Order, Page
    from millwright.server.pages.element import Cell

SYSTEM = "system/"  # what metrics of machines begin with
HIDDEN = ("mlflow.", "millwright.")  # what tags begin with that clients set by themselves
_DEFAULT = 5  # metrics, and as many parameters, that are shown when none were chosen
_MOST = 60  # columns
_OFFERED = 300
_CELL = 40  # characters of a value; longer ones would make rows high
_VIEWS = (("active", "in use"), ("deleted", "deleted"), ("all", "all"))
_FIXED = {"Run": "run_name", "Status": "status", "Started": "start_time", "User": "user_id"}
_FIRST_DOWN = frozenset({"start_time"})
_EXAMPLE = "metrics.auc > 0.8 and (params.model = 'rf' or tags.team = 'a')"


@dataclass(frozen=True, kw_only=True, slots=True)
class RunsAsked:
    """What of an experiment's runs is asked for.

    Attributes:
        filter: As it was typed.
        order: One key with its direction, or empty for the latest first.
        view: `active`, `deleted` or `all`.
        columns: `metrics.auc`, `params.lr`, `tags.team`; empty for the most frequent ones.
    """

    experiment_id: ExperimentId
    filter: str = ""
    order: str = ""
    view: str = "active"
    columns: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The page's path."""
        return route("experiments", self.experiment_id)

    def address(self, *, order: str | None = None, page_token: str = "") -> str:
        """The page with the same questions, in another order or further on."""
        return asked(
            self.path,
            ("filter", self.filter),
            ("order", self.order if order is None else order),
            ("view", "" if self.view == "active" else self.view),
            *(("column", column) for column in self.columns),
            ("page_token", page_token),
        )


def columns_of(wanted: RunsAsked, runs: Sequence[RunRecord]) -> list[str]:
    """The columns to show: those that were chosen, or the most frequent metrics and parameters of these runs."""
    if wanted.columns:
        return [column for column in dict.fromkeys(wanted.columns) if _is_column(column)][:_MOST]
    metrics = Counter(key for run in runs for key in run.metrics if not key.startswith(SYSTEM))
    params = Counter(key for run in runs for key in run.params)
    return [*(f"metrics.{key}" for key in _frequent(metrics)), *(f"params.{key}" for key in _frequent(params))]


def search_form(wanted: RunsAsked, runs: Sequence[RunRecord], error: tuple[str, str] = ("", "")) -> SearchForm:
    """The form above the table, with what is wrong beside the box."""
    shown = columns_of(wanted, runs)
    offered = dict.fromkeys([*shown, *_offered(runs)])
    views = [Choice(value=value, label=label, chosen=wanted.view == value) for value, label in _VIEWS]
    orders = [Choice(value="", label="the latest first", chosen=not wanted.order)]
    now = _order_now(wanted)
    for column, label in [*((field, head) for head, field in _FIXED.items()), *((c, _key(c)) for c in shown)]:
        for direction, sign in (("DESC", "↓"), ("ASC", "↑")):
            order = f"{_written(column)} {direction}"
            chosen = now is not None and now == parse_order(order, RUNS)
            orders.append(Choice(value=order, label=f"{shortened(label, 30)} {sign}", chosen=chosen))
    return SearchForm(
        action=wanted.path,
        boxes=[Box(name="filter", label="Filter", value=wanted.filter, example=_EXAMPLE, wide=True)],
        menus=[Menu(name="order", label="Order", choices=orders), Menu(name="view", label="Runs", choices=views)],
        ticks=Ticks(
            name="column",
            label="Columns",
            choices=[Choice(value=column, label=column, chosen=column in shown) for column in offered],
            note="What the runs on this page have; none for the most frequent.",
        ),
        error=error[0],
        hint=error[1],
    )


def run_table(wanted: RunsAsked, runs: Sequence[RunRecord]) -> PickTable:
    """Runs in a table, each to be picked for a comparison."""
    columns = columns_of(wanted, runs)
    now = _order_now(wanted)
    heads: list[str | Link | SortLink] = [_head(wanted, now, field, text) for text, field in _FIXED.items()]
    heads.insert(3, "Seconds")
    heads += [_head(wanted, now, column, _key(column)) for column in columns]
    rows: list[list[Cell]] = [[*_fixed_cells(run), *(_value(run, column) for column in columns)] for run in runs]
    empty = "No run fits." if wanted.filter or wanted.view != "active" else "No run was logged yet."
    return PickTable(
        action="/compare",
        name="run",
        values=[run.id for run in runs],
        table=Table(headers=heads, rows=rows, empty=empty),
        button="Compare the picked runs",
    )


def pager(wanted: RunsAsked, page: Page[RunRecord], *, begun: bool) -> list[Pager]:
    """Links to the first page and the next one, as far as there are any."""
    links = [Link("First page", wanted.address())] if begun else []
    if page.next_token:
        links.append(Link("Next page", wanted.address(page_token=page.next_token)))
    return [Pager(links=links)] if links else []


def _frequent(counts: Counter[str]) -> list[str]:
    return [key for key, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_DEFAULT]]


def _offered(runs: Sequence[RunRecord]) -> list[str]:
    found = {f"metrics.{key}" for run in runs for key in run.metrics}
    found |= {f"params.{key}" for run in runs for key in run.params}
    found |= {f"tags.{key}" for run in runs for key in run.tags if not key.startswith(HIDDEN)}
    return sorted(found)[:_OFFERED]


def _is_column(column: str) -> bool:
    kind, dot, key = column.partition(".")
    return kind in {"metrics", "params", "tags"} and bool(dot and key)


def _key(column: str) -> str:
    return column.partition(".")[2]


def _written(column: str) -> str:
    """A column as orders write it; keys of any characters stand in back-ticks."""
    kind, dot, key = column.partition(".")
    return f"{kind}.`{key}`" if dot else column


def _order_now(wanted: RunsAsked) -> Order | None:
    return parse_order(wanted.order, RUNS) if wanted.order.strip() else None


def _head(wanted: RunsAsked, now: Order | None, column: str, text: str) -> SortLink:
    written = _written(column)
    mine = now is not None and now.field == parse_order(written, RUNS).field
    down_first = column in _FIRST_DOWN or column.startswith("metrics.")
    down = not now.ascending if mine and now else None
    turn = (not down) if down is not None else down_first
    return SortLink(
        text=text,
        href=wanted.address(order=f"{written} {'DESC' if turn else 'ASC'}"),
        sign="" if down is None else "↓" if down else "↑",
        sort="" if down is None else "descending" if down else "ascending",
    )


def _fixed_cells(run: RunRecord) -> list[Cell]:
    name = shortened(run.name, 50) or f"…{run.id[-8:]}"
    link = Link(f"↳ {name}" if run.parent_id else name, route("tracked", run.id))
    return [link, status(run.status), run.started_at, seconds(run.started_at, run.ended_at), run.user or None]


def _value(run: RunRecord, column: str) -> Cell:
    kind, _, key = column.partition(".")
    if kind == Kind.METRIC.value + "s":
        return run.metrics.get(key)
    found = (run.params if kind == "params" else run.tags).get(key)
    return None if found is None else shortened(found, _CELL)
