"""A profile as one HTML file that opens anywhere: no scripts, nothing loaded, every text escaped.

The page's own content security policy lets only its stylesheet in (by digest), so that not even a mistake in escaping
makes a user's column name into a program.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING, Any

from millwright.data.profiles.record import HIDDEN, ProfileKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.data.profiles.record import ColumnProfile, Histogram, TableProfile

_CORRELATIONS = 30
_WIDTH, _HEIGHT = 400, 80
_STYLE = """
:root { --page: #f5f7fa; --card: #fff; --ink: #1e293b; --faint: #566274; --line: #dde3ea; --bar: #2563a8;
  --warn: #8a5200; --warn-back: #fdefd5; }
@media screen and (prefers-color-scheme: dark) { :root { --page: #10151c; --card: #19212b; --ink: #e2e8f0;
  --faint: #9aa7b8; --line: #33404f; --bar: #7db4ec; --warn: #f3bf6b; --warn-back: #402f12; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1100px; padding: 24px; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 22px;
  margin: 18px 0; }
h1, h2 { line-height: 1.25; margin: 0 0 8px; }
h2 { font-size: 1.15rem; }
p { margin: 0 0 10px; color: var(--faint); }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.badge { color: var(--warn); background: var(--warn-back); border-radius: 99px; padding: 1px 9px; font-size: 0.85rem; }
.parts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(300px, 100%), 1fr)); gap: 20px; }
svg { width: 100%; height: auto; display: block; }
svg rect { fill: var(--bar); }
.wide { overflow-x: auto; }
a { color: var(--bar); }
"""


def profile_page(profile: TableProfile, *, title: str, subtitle: str = "") -> str:
    """A profile as a page.

    Args:
        profile: Any; suspected personal data is marked, and its values are not in it.
        title: The heading: what was profiled.
        subtitle: A line below it.

    Returns:
        HTML text of some kilobytes a column; the same text for the same arguments.
    """
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'"
    body = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(subtitle)}</p>" if subtitle else "",
        _overview(profile),
        *(_column(index, column) for index, column in enumerate(profile.columns)),
        _correlations(profile),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(part for part in body if part)
        + "\n</body></html>\n"
    )


def accuracy(profile: TableProfile) -> str:
    """How exact a profile is, in a sentence."""
    if profile.is_exact:
        return "All counts and quantiles are exact."
    return (
        "Made of merged summaries: rows, missing values, lowest, highest and mean values are exact; "
        f"ranks of quantiles are off by at most {profile.rank_error:.1%} of the rows, "
        f"numbers of distinct values by {profile.distinct_error:.1%}, counts of frequent values by "
        f"{profile.count_error:.1%} of the rows."
    )


def _overview(profile: TableProfile) -> str:
    rows = [
        [
            f'<a href="#column-{index}">{escape(column.name)}</a>{_mark(column)}',
            escape(column.kind.value),
            escape(_words(column.semantic)),
            _count(column.nulls),
            _count(column.distinct),
            escape(column.summary()),
        ]
        for index, column in enumerate(profile.columns)
    ]
    table = _table(["Column", "Kind", "Stands for", "Missing", "Distinct", "Values"], rows, numbers={3, 4})
    told = f"{profile.rows:,} rows, {len(profile.columns):,} columns. {accuracy(profile)}"
    return f"<section><h2>Columns</h2><p>{escape(told)}</p>{table}</section>"


def _column(index: int, column: ColumnProfile) -> str:
    parts = [_facts(column)]
    if column.histogram is not None:
        parts.append(_histogram(column.histogram, column.kind))
    if column.top:
        parts.append(_top(column))
    if column.quantiles:
        parts.append(_quantiles(column.quantiles.items()))
    inside = "".join(f"<div>{part}</div>" for part in parts)
    heading = f"<h2>{escape(column.name)}{_mark(column)}</h2>"
    return f'<section id="column-{index}">{heading}<div class="parts">{inside}</div></section>'


def _facts(column: ColumnProfile) -> str:
    facts: list[tuple[str, Any]] = [
        ("Kind", column.kind.value),
        ("Stands for", _words(column.semantic)),
        ("Missing", f"{column.nulls:,} of {column.rows:,}"),
        ("Distinct", f"{column.distinct:,}"),
    ]
    if column.personal is not None:
        facts.append(("Values", HIDDEN))
    for name, value in (("Lowest", column.minimum), ("Highest", column.maximum), ("Mean", column.mean),
                        ("Deviation", column.deviation)):  # fmt: skip
        if value is not None:
            facts.append((name, _number(value)))
    if column.lengths is not None:
        facts.append(
            ("Characters", f"{column.lengths.minimum:,} to {column.lengths.maximum:,}, mean {column.lengths.mean:,.4g}")
        )
    flags = [name for name, holds in (("constant", column.constant), ("like an identifier", column.id_like),
                                      ("many different texts", column.high_cardinality)) if holds]  # fmt: skip
    if flags:
        facts.append(("Note", ", ".join(flags)))
    return _table([], [[escape(name), escape(str(value))] for name, value in facts], numbers=set())


def _histogram(histogram: Histogram, kind: ProfileKind) -> str:
    most = max(*histogram.counts, 1)
    step = _WIDTH / len(histogram.counts)
    bars = []
    for index, count in enumerate(histogram.counts):
        height = max(count / most * _HEIGHT, 1.0 if count else 0.0)
        low, high = (_edge(histogram.edges[index + shift], kind) for shift in (0, 1))
        bars.append(
            f'<rect x="{index * step:.2f}" y="{_HEIGHT - height:.2f}" width="{step - 1:.2f}" height="{height:.2f}">'
            f"<title>{escape(low)} to {escape(high)}: {count:,}</title></rect>"
        )
    ends = f"{_edge(histogram.edges[0], kind)} to {_edge(histogram.edges[-1], kind)}"
    label = f'role="img" aria-label="Histogram, {escape(ends)}"'
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" {label}>{"".join(bars)}</svg><p>{escape(ends)}</p>'


def _top(column: ColumnProfile) -> str:
    most = max(one.count for one in column.top)
    rows = [[escape(str(one.value)), _count(one.count), _bar(one.count / most)] for one in column.top]
    return _table(["Most frequent", "Rows", ""], rows, numbers={1})


def _quantiles(quantiles: Iterable[tuple[str, float]]) -> str:
    rows = [[f"{float(share):.0%}", escape(_number(value))] for share, value in quantiles]
    return _table(["Quantile", "Value"], rows, numbers={1})


def _correlations(profile: TableProfile) -> str:
    if not profile.correlations:
        return ""
    shown = profile.correlations[:_CORRELATIONS]
    rows = [
        [
            escape(one.first),
            escape(one.second),
            escape(one.measure.replace("_", " ")),
            f"{one.value:.3f}",
            _bar(abs(one.value)),
        ]
        for one in shown
    ]
    told = f"The strongest {len(shown)} of {len(profile.correlations):,}, of {profile.correlated_rows:,} rows."
    table = _table(["Column", "Column", "Measure", "Value", ""], rows, numbers={3})
    return f"<section><h2>Correlations</h2><p>{told}</p>{table}</section>"


def _bar(share: float) -> str:
    return f'<svg viewBox="0 0 100 10" aria-hidden="true"><rect width="{100 * share:.1f}" height="10"></rect></svg>'


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: set[int]) -> str:
    """A table of cells that are HTML already."""

    def line(cells: Sequence[str], tag: str) -> str:
        marks = [' class="number"' if index in numbers else "" for index in range(len(cells))]
        return "<tr>" + "".join(f"<{tag}{mark}>{one}</{tag}>" for mark, one in zip(marks, cells, strict=True)) + "</tr>"

    head = f"<thead>{line(headers, 'th')}</thead>" if headers else ""
    return f'<div class="wide"><table>{head}<tbody>{"".join(line(row, "td") for row in rows)}</tbody></table></div>'


def _mark(column: ColumnProfile) -> str:
    if column.personal is None:
        return ""
    return f' <span class="badge">personal data? {escape(_words(column.personal))}</span>'


def _words(semantic: object) -> str:
    return "" if semantic is None else str(semantic).replace("_", " ")


def _count(number: int) -> str:
    return f"{number:,}"


def _edge(edge: float, kind: ProfileKind) -> str:
    if kind not in {ProfileKind.DATE, ProfileKind.DATETIME}:
        return _number(edge)
    import numpy as np

    return str(np.datetime64(round(edge), "s")).replace("T", " ")[: 10 if kind is ProfileKind.DATE else 19]


def _number(value: Any) -> str:
    if isinstance(value, float) and abs(value) < 1e15:
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
