"""`GET /`: one small page for people: what is served, a form to try it, its columns, the paths, an example to copy."""

from __future__ import annotations

import shlex
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from millwright.deployment.realtime.answer import HTML, Answer
from millwright.deployment.realtime.protocol.example import example_row, is_short
from millwright.deployment.realtime.protocol.form import POLICY, STYLE, render_form, render_script
from millwright.deployment.realtime.route import Route, answers_text
from millwright.models.column import ColumnType
from millwright.models.tensor.value import shown_shape

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from millwright.deployment.realtime.call import Call
    from millwright.deployment.realtime.served_model import ServedModel
    from millwright.models.signature import SignatureColumn

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.25rem .9rem .25rem 0;text-align:left;"
    "border-bottom:1px solid #d8dee4;vertical-align:top}code,pre{font:13px ui-monospace,monospace}"
    "pre{background:#f6f8fa;padding:1rem;white-space:pre-wrap;overflow-wrap:anywhere;border-radius:6px}small{color:#59636e}"
)
_WHOLE_FROM = 100_000  # larger numbers are shown without decimals


def page_route(routes: Callable[[], tuple[Route, ...]]) -> Route:
    """The page's path.

    Args:
        routes: All of the server's paths, asked for when the page is.
    """

    def answer_page(call: Call) -> Answer:
        host = call.header(b"host").decode("ascii", "replace") or "127.0.0.1:8080"
        others = {slot.endpoint: slot.current for slot in call.state.slots[1:]}
        page = render_page(call.served, routes(), host, others).encode()
        return Answer(page, content_type=HTML, headers=((b"content-security-policy", POLICY),))

    return Route(
        path="/", label="page", about="this page", handlers={"GET": answer_page}, describe=answers_text("text/html")
    )


def render_page(
    served: ServedModel, routes: tuple[Route, ...], host: str, others: Mapping[str, ServedModel] | None = None
) -> str:
    """The page, as HTML without outside references; its script is the form's.

    Args:
        served: The version that answers at present.
        routes: The paths to list.
        host: Where the caller reached this server, for the example.
        others: Further models: endpoint → what answers there.
    """
    row = msgspec.json.encode(example_row(served)).decode()
    quoted = "'" + row.replace("'", "'\\''") + "'" if is_short(example_row(served)) else "@row.json"
    curl = f"curl http://{host}/predict -H 'Content-Type: application/json' -d {quoted}"
    paths = "".join(
        f"<tr><td><code>{' '.join(sorted(route.handlers))}</code></td><td><code>{escape(route.path)}</code></td>"
        f"<td>{escape(route.about)}</td></tr>"
        for route in routes
    )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{escape(served.ref)}</title><style>{_STYLE}{STYLE}</style>"
        f"<h1>{escape(served.ref)}</h1>"
        f"<p>Predicts <b>{escape(served.signature.target)}</b> ({escape(str(served.signature.task))}); "
        f"run by {escape(served.predictor.engine)}.</p>"
        f"{_links(served, others or {})}"
        f"<h2>Try it</h2>{render_form(served)}<p>Or from a shell:</p><pre>{escape(curl)}</pre>"
        f"<h2>Input columns</h2>{_columns(served.asked)}"
        f"<h2>Output columns</h2>{_columns(served.signature.outputs)}"
        f"{''.join(_other(number, found, host) for number, found in enumerate((others or {}).items(), 1))}"
        f"<h2>Paths</h2><table>{paths}</table>"
        "<p>All of them, with their bodies and answers: <a href=openapi.json>openapi.json</a></p>"
        f"<small>Served by Millwright</small>{render_script()}</html>"
    )


def _links(served: ServedModel, others: Mapping[str, ServedModel]) -> str:
    """Where on the page each model is, when there are several."""
    if not others:
        return ""
    links = "".join(
        f" · <a href=#model-{number}>{escape(endpoint)}</a>" for number, endpoint in enumerate(others, start=1)
    )
    return f"<nav>Served here: {escape(served.ref)} (below){links}</nav>"


def _other(number: int, found: tuple[str, ServedModel], host: str) -> str:
    """A further model: what it predicts, how it is asked, its columns."""
    endpoint, served = found
    instances = {"instances": [example_row(served)]}
    body = msgspec.json.encode(instances).decode() if is_short(instances) else "@rows.json"
    path = f"v1/models/{quote(endpoint, safe='')}:predict"
    curl = f"curl {shlex.quote(f'http://{host}/{path}')} -H 'Content-Type: application/json' -d {shlex.quote(body)}"
    return (
        f"<h2 id=model-{number}>Also served: {escape(endpoint)} ({escape(served.ref)})</h2>"
        f"<p>Predicts <b>{escape(served.signature.target)}</b> ({escape(str(served.signature.task))}); "
        f"run by {escape(served.predictor.engine)}.</p>"
        f"<h3>Try it</h3>{render_form(served, path=path, name=f'model-{number}-field')}"
        f"<p>Or from a shell:</p><pre>{escape(curl)}</pre>"
        f"<h3>Input columns</h3>{_columns(served.asked)}<h3>Output columns</h3>{_columns(served.signature.outputs)}"
    )


def _columns(columns: tuple[SignatureColumn, ...]) -> str:
    head = "<tr><th>column</th><th>type</th><th>may be missing</th><th>may be null</th><th>seen in training</th></tr>"
    body = "".join(
        f"<tr><td><code>{escape(column.name)}</code></td><td>{escape(_kind(column))}</td>"
        f"<td>{escape(_missing(column))}</td><td>{'yes' if column.nullable else ''}</td>"
        f"<td>{escape(_seen(column))}</td></tr>"
        for column in columns
    )
    return f"<table>{head}{body}</table>"


def _kind(column: SignatureColumn) -> str:
    if column.shape:
        return f"tensor {shown_shape(column.shape)} {column.dtype}"
    return f"{column.type} ({column.dtype})" if column.dtype else str(column.type)


def _missing(column: SignatureColumn) -> str:
    if column.required:
        return ""
    return "yes" if column.default is None else f"yes: then {column.default}"[:80]


def _seen(column: SignatureColumn) -> str:
    if column.categories:
        shown = ", ".join(column.categories[:8])
        return shown + (f", … ({len(column.categories)})" if len(column.categories) > 8 else "")
    # A date's range is kept in days since 1970, which says nothing to people.
    if column.minimum is None or column.maximum is None or column.type is ColumnType.DATE:
        return ""
    return f"{_number(column.minimum)} to {_number(column.maximum)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:,.6g}"
