from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import MissingExtraError
from millwright.evaluation.plots.theme import bars_height, figure, label, labels, plain, reference_line, template


def test_figure_has_title_subtitle_and_named_axes():
    made = figure("Title", [], subtitle="One sentence.", x={"title": "across"}, y={"title": "up"})

    assert made.layout.title.text == "<b>Title</b>"
    assert made.layout.title.subtitle.text == "One sentence."
    assert (made.layout.xaxis.title.text, made.layout.yaxis.title.text) == ("across", "up")
    assert made.layout.xaxis.automargin or made.layout.template.layout.xaxis.automargin


def test_figure_wraps_a_long_subtitle_and_makes_room_for_it():
    short, long = figure("T", [], subtitle="a b"), figure("T", [], subtitle="word " * 30)

    assert "<br>" in long.layout.title.subtitle.text
    assert long.layout.margin.t > short.layout.margin.t


def test_figure_names_the_extra_when_plotly_is_not_installed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)

    with pytest.raises(MissingExtraError, match=r"plotly.*millwright\[sklearn\]"):
        figure("T", [])


def test_template_differs_for_light_and_dark_pages():
    assert template()["layout"]["font"]["color"] != template(dark=True)["layout"]["font"]["color"]


@given(st.text(max_size=300))
def test_label_has_at_most_three_short_lines_and_no_mark_up(text: str):
    shown = label(text, 20)

    lines = shown.split("<br>")
    assert 1 <= len(lines) <= 3
    assert not any("<" in line or ">" in line for line in lines)


def test_label_shortens_with_a_sign():
    assert label("word " * 30).endswith("…")
    assert label("   ") == "(blank)"


def test_labels_keep_texts_apart_that_look_alike_when_shortened():
    shown = labels(["word " * 30 + "a", "word " * 30 + "b", "c"])

    assert len(set(shown)) == 3


def test_plain_keeps_users_mark_up_from_working():
    assert plain("<b>x</b> & y") == "&lt;b&gt;x&lt;/b&gt; &amp; y"


def test_bars_height_grows_with_the_number_and_the_lines_of_labels():
    assert bars_height([]) == 240
    assert bars_height(["a"] * 20) < bars_height(["a<br>b<br>c"] * 20)


def test_reference_line_without_a_name_is_not_in_the_legend():
    assert reference_line([0], [1], "")["showlegend"] is False
