from __future__ import annotations

from millwright.exports.monitoring.section import SECTIONS

PANELS = [panel for section in SECTIONS for panel in section.panels]


def test_titles_are_told_apart():
    titles = [panel.title for panel in PANELS]
    assert len(set(titles)) == len(titles)


def test_a_panel_has_no_more_queries_than_letters_that_name_them():
    assert all(1 <= len(panel.queries) <= 26 for panel in PANELS)


def test_lines_of_a_picture_have_names_of_their_own():
    for panel in PANELS:
        legends = [legend for _, legend in panel.queries]
        assert len(set(legends)) == len(legends), panel.title
