from __future__ import annotations

from millwright.server.pages.element import Badge, Bar, Code, Link, Several, Timespan


def test_cell_tells_the_template_what_it_is():
    cells = (Badge("x"), Bar(0.5, "x"), Code("x"), Link("x", "/"), Several(("x",)), Timespan(0.5, 0.1, "x"))
    assert [cell.kind for cell in cells] == ["badge", "bar", "code", "link", "several", "timespan"]
