from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.errors import MethodNotAllowedError
from millwright.server.pages.element import Badge, Bar, Code, Link, Page, Section, Several, Stage, Table, Tone
from millwright.server.pages.rendering import css, environment, failure_page, show, widths

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def render(page):
    template = show(page)
    return environment().get_template("page.html.jinja").render(template.context)


def everything(text):
    cells = (text, Badge(text), Code(text, text), Link(text, "/x"), Several((text, Badge(text))), Bar(0.5, text))
    return Page(
        title=text,
        subtitle=text,
        place="/",
        badges=[Badge(text)],
        trail=[Link(text, "/x")],
        sections=[
            Section(
                title=text,
                text=[text],
                stages=[Stage(name=text, figure=text, note=text, href="/x")],
                facts=[(text, cell) for cell in cells],
                tables=[
                    Table(headers=[text] * 6, rows=[cells], caption=text),
                    Table(headers=[text], rows=[], empty=text),
                ],
                details=[(text, cell) for cell in cells],
                commands=[text],
            )
        ],
    )


def test_text_is_escaped_wherever_it_stands():
    html = render(everything(EVIL))
    assert "<script" not in html
    assert "<img src=x" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 30
    plain = render(everything("x"))
    assert html.count("<") == plain.count("<")
    assert html.count('"') == plain.count('"')


def test_page_has_one_heading_marks_its_place_and_is_in_a_language():
    html = render(Page(title="Models", place="/models", sections=[]))
    assert html.count("<h1>") == 1
    assert '<a href="/models" aria-current="page">' in html
    assert '<html lang="en">' in html
    assert 'name="viewport"' in html


@pytest.mark.parametrize(
    ("column", "width"),
    [([1, 2.5, None], "number"), ([True], "short"), (["a"], "short"), (["a" * 41], "long"), ([None], "short")],
)
def test_column_is_as_wide_as_its_cells_need(column, width):
    assert widths(Table(headers=["x"], rows=[[cell] for cell in column])) == [width]
    assert widths(Table(headers=["x"], rows=[])) == ["short"]


def test_times_are_in_utc_and_numbers_short():
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    section = Section(title="x", facts=[("a", at), ("b", 0.123456), ("c", None), ("d", True)])
    html = render(Page(title="x", place="", sections=[section]))
    assert '<time datetime="2026-01-02T03:04:05+00:00">2026-01-02 03:04:05</time>' in html
    assert "0.123<" in html
    assert '<span class="none">' in html
    assert "<dd>yes</dd>" in html


def test_failure_page_tells_what_to_do():
    answer = failure_page(MethodNotAllowedError("Expected GET.", hint="Only <read>."))
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "Only &lt;read&gt;." in str(answer.content)


def test_stylesheet_is_light_and_dark_and_fits_a_phone():
    assert "prefers-color-scheme: dark" in css()
    assert "max-width: 640px" in css()
    assert all(f".is-{tone.value}" in css() for tone in Tone if tone is not Tone.NEUTRAL)
