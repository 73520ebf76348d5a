"""Self-contained HTML pages: one file that opens anywhere, without a network, and can be printed and kept.

All text is escaped, and the page's own content security policy lets only our two scripts run (by their digests) and
nothing be loaded, so that not even a mistake in escaping makes a user's column name into a program.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MissingExtraError
from millwright.evaluation.plots.theme import template
from millwright.evaluation.presentation import evaluation_sections
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment
    from plotly.graph_objects import Figure

    from millwright.evaluation.gates.result import GateReport
    from millwright.evaluation.report import EvaluationReport
    from millwright.evaluation.section import Cell, Section, Table

# Columns of text are kept this many characters apart from being squeezed: the table scrolls instead.
_SHORT_TEXT = 12
_LONG_TEXT = 40
# Pixels above a plot whose title stands outside, and for what is written at its upper edge.
_TOP_MARGIN = 18
_ANNOTATION_HEIGHT = 30


def evaluation_page(
    report: EvaluationReport,
    *,
    leaderboard: Sequence[Mapping[str, Any]] = (),
    gates: GateReport | None = None,
    title: str = "",
) -> str:
    """The evaluation of one model as a page.

    Args:
        report: The evaluation.
        leaderboard: The candidates' cross-validated metrics.
        gates: What the gates said, if they were asked.
        title: What was evaluated; empty: the target's name.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    return html_report(f"Evaluation of {title or report.target}", evaluation_sections(report, leaderboard, gates))


def html_report(title: str, sections: Sequence[Section], *, subtitle: str = "", footer: str = "") -> str:
    """Sections as one self-contained page.

    Args:
        title: The page's heading.
        sections: In order; with more than two, links to them stand on top.
        subtitle: A line below the heading.
        footer: A line at the end: when and by what the page was made.

    Returns:
        HTML text; with figures about 2 MB, for plotly's library is in it (once, packed: browsers since 2023 unpack
        it), else some kilobytes. The same text for the same arguments.

    Raises:
        MissingExtraError: There are figures, and plotly is not installed.
    """
    has_figures = any(section.figures for section in sections)
    plotly = _plotly_library() if has_figures else ""
    javascript = _asset("page.js") if has_figures else ""
    templates = {"light": template(), "dark": template(dark=True)}
    environment = _environment()
    safe = environment.filters["safe_text"]
    return environment.get_template("page.html.jinja").render(
        title=title,
        subtitle=subtitle,
        footer=footer,
        sections=[_section(section, safe) for section in sections],
        policy=_policy([plotly, javascript] if has_figures else []),
        css=safe(_asset("page.css")),
        library=safe(_packed_library() if has_figures else ""),
        javascript=safe(javascript),
        templates=safe(_script_json(templates)),
    )


def _section(section: Section, safe: Any) -> dict[str, Any]:
    return {
        "title": section.title,
        "text": section.text,
        "facts": section.facts,
        "commands": section.commands,
        "figures": [_figure(figure, safe) for figure in section.figures],
        "tables": [_table(table) for table in section.tables],
    }


def _figure(figure: Figure, safe: Any) -> dict[str, Any]:
    content = json.loads(figure.to_json())
    layout = content["layout"]
    layout.pop("template", None)  # the page brings it once, for light and dark
    # The page writes the title itself, so that it wraps at any width and is read by screen readers.
    heading = layout.pop("title", {})
    margin = layout.get("margin", {})
    top = _TOP_MARGIN + (_ANNOTATION_HEIGHT if layout.get("annotations") else 0)
    layout["height"] = int(layout.get("height", 420)) - int(margin.get("t", top)) + top
    layout["margin"] = {**margin, "t": top}
    return {
        "json": safe(_script_json({"data": content["data"], "layout": layout})),
        "title": _unmarked(heading.get("text", "")),
        "subtitle": _unmarked(heading.get("subtitle", {}).get("text", "")),
        "height": layout["height"],
    }


def _unmarked(text: str) -> str:
    """A plotly text as plain text; it was escaped once for plotly already."""
    return html.unescape(re.sub(r"</?b>", "", text.replace("<br>", " ")))


def _table(table: Table) -> dict[str, Any]:
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.headers)
    kinds = [_column_class(column) for column in columns]
    return {"headers": table.headers, "rows": table.rows, "caption": table.caption, "kinds": kinds}


def _column_class(column: Sequence[Cell]) -> str:
    if _is_numeric(column):
        return "number"
    longest = max((len(cell) for cell in column if isinstance(cell, str)), default=0)
    return "long" if longest > _LONG_TEXT else "medium" if longest > _SHORT_TEXT else "short"


def _is_numeric(column: Sequence[Cell]) -> bool:
    known = [cell for cell in column if cell is not None]
    return bool(known) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known)


def _cell_text(cell: str | float) -> str:
    return number(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else str(cell)


def _script_json(value: Any) -> str:
    """JSON that can stand in a script element: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _policy(scripts: Sequence[str]) -> str:
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _plotly_library() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise MissingExtraError("plotly", "sklearn") from error
    # HTML parsers turn carriage returns into line feeds, and the digest must be of what they see.
    library: str = get_plotlyjs().replace("\r\n", "\n").replace("\r", "\n")
    return library


@cache
def _packed_library() -> str:
    """The library as gzip in base64: a data block; the policy knows the digest of what comes out of it.

    Level 9 takes twice as long as 5 for one hundredth less.
    """
    return base64.b64encode(gzip.compress(_plotly_library().encode(), 5, mtime=0)).decode()


@cache
def _asset(name: str) -> str:
    return files("millwright.evaluation").joinpath("template", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(_asset),
    )
    environment.filters["cell"] = _cell_text
    environment.filters["safe_text"] = Markup
    return environment
