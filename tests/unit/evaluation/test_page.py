from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from millwright.evaluation.evaluate import EvaluationOptions, evaluate
from millwright.evaluation.page import evaluation_page, html_report
from millwright.evaluation.plots.theme import figure, label
from millwright.evaluation.section import Badge, Section, Table, Tone

if TYPE_CHECKING:
    import polars as pl

ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)</script>",
    "{{ 1 }}",
]


class Reader(HTMLParser):
    """What a browser would find."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.scripts: list[str] = []
        self.text: list[str] = []
        self._in_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data
        else:
            self.text.append(data)


def a_section(text: str = "x") -> Section:
    made = figure("Plot", [{"type": "bar", "x": [1], "y": [label(text)], "hovertext": [text]}], subtitle=label(text))
    table = Table(headers=[text, "n"], rows=[[text, 1.5], [Badge(text, Tone.GOOD), None]], caption=text)
    return Section(
        title=text, text=[text], facts=[(text, text), ("n", 3)], commands=[text], figures=[made, made], tables=[table]
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_page_shows_hostile_text_as_text(attack: str):
    harmless = Reader(html_report("x", [a_section()] * 3, subtitle="x", footer="x"))

    page = Reader(html_report(attack, [a_section(attack)] * 3, subtitle=attack, footer=attack))

    assert page.tags == harmless.tags
    assert [name for name, _ in page.attributes] == [name for name, _ in harmless.attributes]
    assert attack in "".join(page.text)


def test_page_holds_plotly_once_and_loads_nothing():
    page = html_report("x", [a_section(), a_section()])

    reader = Reader(page)
    assert sum(len(script) > 1_000_000 for script in reader.scripts) == 1
    assert not any(name in {"src", "href"} for name, value in reader.attributes if not (value or "").startswith("#"))
    assert not {"link", "iframe", "img", "object"} & set(reader.tags)
    assert "url(" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


def test_page_lets_only_its_own_scripts_run():
    reader = Reader(html_report("x", [a_section()]))

    policy = next(
        value or "" for name, value in reader.attributes if name == "content" and "default-src" in (value or "")
    )
    allowed = re.findall(r"'sha256-([^']+)'", policy)
    packed, program = (script for script in reader.scripts if not script.startswith("{"))
    programs = [gzip.decompress(base64.b64decode(packed)).decode(), program]
    assert "default-src 'none'" in policy
    assert allowed == [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in programs]
    assert "Plotly" in programs[0]


def test_page_without_figures_is_small_and_has_no_script():
    page = html_report("x", [Section(title="Only words", text=["Hello."])])

    assert len(page) < 20_000
    assert "script" not in Reader(page).tags
    assert any("script-src 'none'" in (value or "") for _, value in Reader(page).attributes)


def test_page_keeps_the_figures_data_readable_for_its_script():
    reader = Reader(html_report("x", [a_section("</script> & <b>")]))

    (content, _, templates) = (json.loads(script) for script in reader.scripts if script.startswith("{"))
    assert content["data"][0]["hovertext"] == ["</script> & <b>"]
    assert "template" not in content["layout"]
    assert "title" not in content["layout"]
    assert set(templates) == {"light", "dark"}


def test_page_is_the_same_for_the_same_sections():
    assert html_report("x", [a_section()]) == html_report("x", [a_section()])


def test_page_links_to_its_sections_when_there_are_more_than_two():
    assert "nav" not in Reader(html_report("x", [Section(title="a")] * 2)).tags
    page = Reader(html_report("x", [Section(title="a")] * 3))
    assert ("href", "#section-3") in page.attributes
    assert ("id", "section-3") in page.attributes


def test_page_formats_numbers_and_shows_missing_ones_as_a_dash():
    table = Table(headers=["name", "value"], rows=[["a", 1234.5], ["b", None], ["c", 0.12345]])

    page = html_report("x", [Section(title="t", tables=[table])])

    assert '<td class="number">1,234</td>' in page
    assert '<td class="number">0.123</td>' in page
    assert '<span class="none">\u2013</span>' in page


def test_page_keeps_long_columns_wide():
    table = Table(headers=["s", "m", "l"], rows=[["a", "b" * 20, "c" * 60]])

    page = html_report("x", [Section(title="t", tables=[table])])

    assert [f'<td class="{kind}">' in page for kind in ("short", "medium", "long")] == [True] * 3


def test_page_shows_an_empty_table():
    assert "<thead>" in html_report("x", [Section(title="t", tables=[Table(headers=["a"], rows=[])])])


def test_evaluation_page_shows_the_report(binary_model: Any, binary_test: pl.DataFrame):
    report = evaluate(binary_model, binary_test, options=EvaluationOptions(slices=("borough",), draws=100))

    page = evaluation_page(report, leaderboard=[{"candidate": "forest", "accuracy": 0.8}], title="delay <1>")

    text = " ".join(Reader(page).text)
    assert "Evaluation of delay <1>" in text
    assert "Confusion matrix" in text
    assert "Accuracy per candidate" in text


def test_evaluation_page_is_named_after_the_target_by_default(binary_model: Any, binary_test: pl.DataFrame):
    report = evaluate(binary_model, binary_test, options=EvaluationOptions(draws=0, repeats=0))

    assert "<h1>Evaluation of late</h1>" in evaluation_page(report)
