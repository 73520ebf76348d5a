from __future__ import annotations

import pytest

from millwright.server.pages.element import Link, Page, Section, SortLink, Table
from millwright.server.pages.part import (
    ActionForm,
    Box,
    Branch,
    Chart,
    Charts,
    Choice,
    Dot,
    LongText,
    Menu,
    Pager,
    PickTable,
    Picture,
    Scatter,
    SearchForm,
    SpanBar,
    Ticks,
    Tree,
    Waterfall,
)
from millwright.server.pages.rendering import environment, show

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> javascript:x &lt;"


def parts(text):
    choices = [Choice(value=text, label=text, chosen=True)]
    return [
        SearchForm(
            action="/x",
            boxes=[Box(name=text, label=text, value=text, example=text, wide=True)],
            menus=[Menu(name=text, label=text, choices=choices)],
            ticks=Ticks(name=text, label=text, choices=choices, note=text),
            hidden=[(text, text)],
            button=text,
            error=text,
            hint=text,
        ),
        ActionForm(
            action="/x",
            button=text,
            boxes=[Box(name=text, label=text, value=text, example=text, wide=True, required=True)],
            menus=[Menu(name=text, label=text, choices=choices)],
            hidden=[(text, text)],
        ),
        PickTable(
            action="/x",
            name=text,
            values=[text],
            table=Table(headers=[SortLink(text=text, href="/x", sign=text, sort=text)], rows=[[text]]),
            button=text,
        ),
        Pager(links=[Link(text, "/x")]),
        Charts(charts=[Chart(key=text, runs=[(text, text)], source="/x")]),
        Scatter(x=text, y=text, dots=[Dot(name=text, x=text, y=text)]),
        Tree(root=Branch(name="", branches=[Branch(name=text, files=[(Link(text, "/x"), text)])])),
        LongText(text=f"+{text}\n{text}", is_diff=True),
        Picture(source="/x", text=text),
        Waterfall(
            bars=[SpanBar(name=text, note=text, depth=1, start=0, width=1, took=text, failed=True, content=text)]
        ),
    ]


def render(part):
    page = Page(title="x", place="/", sections=[Section(title="x", parts=[part])])
    return environment().get_template("page.html.jinja").render(show(page).context)


@pytest.mark.parametrize("number", range(len(parts(""))))
def test_text_in_a_part_is_escaped(number):
    evil, plain = render(parts(EVIL)[number]), render(parts("x")[number])
    assert "<script" not in evil
    assert "<img src=x" not in evil
    assert "&lt;script&gt;alert(1)" in evil
    assert evil.count("<") == plain.count("<")
    assert evil.count('"') == plain.count('"')


def test_lines_of_a_diff_have_their_class():
    text = LongText(text="diff a\n+++ b\n+x\n-y\n z", is_diff=True)
    assert [kind for _, kind in text.lines] == ["place", "place", "added", "removed", ""]
    assert LongText(text="+x").lines == [("+x", "")]


def test_lines_stay_lines():
    html = render(LongText(text="a\n\n  b"))
    assert '<pre class="text" tabindex="0">a\n\n  b\n</pre>' in html
