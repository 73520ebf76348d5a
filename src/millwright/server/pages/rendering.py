"""Pages as HTML: one template, one stylesheet, everything escaped."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig

from millwright.evaluation.wording import number
from millwright.server.pages.chart import CHART_POLICY, plotly_version
from millwright.server.pages.element import Link, Marked, Page, Section
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from millwright.core.errors import MillwrightError
    from millwright.server.pages.element import Cell, Table

_PLACES = (
    Link("Overview", "/"),
    Link("Data", "/datasets"),
    Link("Features", "/features"),
    Link("Experiments", "/experiments"),
    Link("Pipelines", "/runs"),
    Link("Models", "/models"),
    Link("Rollouts", "/rollouts"),
    Link("Monitoring", "/monitoring"),
    Link("Decisions", "/decisions"),
    Link("Audit", "/audit"),
)
_LONG_TEXT = 40  # characters, from which a column is kept from being squeezed
_TEMPLATE = "page.html.jinja"


def show(page: Page) -> Template:
    """A page as the answer of a handler."""
    headers = {"content-security-policy": CHART_POLICY} if page.draws else {}
    return Template(template_name=_TEMPLATE, context=_context(page), media_type="text/html", headers=headers)


def failure_page(error: MillwrightError) -> Response[Any]:
    """What went wrong, for people with a browser."""
    try:
        phrase = HTTPStatus(error.http_status).phrase
    except ValueError:
        phrase = "Failure"
    section = Section(title=error.message, text=[error.hint] if error.hint else [], details=[("Code", error.code)])
    page = Page(title=phrase, place="", sections=[section], trail=[Link("Overview", "/")])
    html = environment().get_template(_TEMPLATE).render(_context(page))
    headers = {"allow": "GET"} if error.http_status == HTTPStatus.METHOD_NOT_ALLOWED else {}
    return Response(html, status_code=error.http_status, media_type="text/html", headers=headers)


@get("/assets/page.css", media_type="text/css", sync_to_thread=False, include_in_schema=False)
def stylesheet() -> str:
    """The one stylesheet: that of the evaluation pages, and what only these pages have."""
    return css()


@cache
def css() -> str:
    """The stylesheet's text."""
    shared = files("millwright.evaluation").joinpath("template", "page.css").read_text(encoding="utf-8")
    own = files("millwright.server.pages").joinpath("template", "server.css").read_text(encoding="utf-8")
    return f"{shared}\n{own}"


@get("/assets/mark.svg", media_type="image/svg+xml", sync_to_thread=False, include_in_schema=False)
def mark() -> str:
    """The sign in the corner and on the browser's tab."""
    return files("millwright.server.pages").joinpath("template", "mark.svg").read_text(encoding="utf-8")


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """Tells the framework of our templates."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment()))


@cache
def environment() -> Environment:
    """Escapes everything, and refuses names that are not there."""
    made = Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        loader=PackageLoader("millwright.server.pages", "template"),
    )
    made.filters["number"] = number
    made.filters["moment"] = moment
    made.filters["widths"] = widths
    made.filters["tojson_text"] = lambda value: msgspec.json.encode(value).decode()
    made.filters["dots_text"] = lambda dots: msgspec.json.encode([(dot.name, dot.x, dot.y) for dot in dots]).decode()
    made.tests["time"] = lambda value: isinstance(value, datetime)
    return made


def moment(at: datetime) -> str:
    """A time in UTC to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def widths(table: Table) -> list[str]:
    """The class of each column: `number`, `short` or `long`."""
    columns: Sequence[Sequence[Cell]] = list(zip(*table.rows, strict=True)) or [()] * len(table.headers)
    return [_width(column) for column in columns]


def _width(column: Sequence[Cell]) -> str:
    bare = [cell.cell if isinstance(cell, Marked) else cell for cell in column]
    known = [cell for cell in bare if cell is not None]
    if known and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in known):
        return "number"
    texts = [cell for cell in known if isinstance(cell, str)]
    if any(getattr(cell, "kind", "") == "several" for cell in known) or max(map(len, texts), default=0) > _LONG_TEXT:
        return "long"
    return "short"


def _context(page: Page) -> dict[str, Any]:
    return {"page": page, "places": _PLACES, "version": __version__, "plotly": plotly_version() if page.draws else ""}
