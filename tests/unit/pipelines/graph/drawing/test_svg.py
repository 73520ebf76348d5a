from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from hypothesis import given, settings

from millwright.pipelines.graph.drawing import Line, Shape, Sketch, sketch, svg
from unit.pipelines.graph.drawing.conftest import drawing, drawings

if TYPE_CHECKING:
    from millwright.pipelines.graph import Graph

NS = "{http://www.w3.org/2000/svg}"


def _read(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own


def texts(root: ET.Element, kind: str) -> list[str]:
    return ["".join(each.itertext()) for each in root.iter(f"{NS}{kind}")]


def test_everything_is_drawn(graph: Graph) -> None:
    root = _read(svg(sketch(graph)))
    shown = texts(root, "text")
    for name in ("everything", 'source = "a.csv"', "load", "fit", "judge.passed?", "ask-2", "on failure", "alarm"):
        assert name in shown
    assert {"yes", "no", "rows", "test", "version"} <= set(shown)
    assert len(root.findall(f".//{NS}polygon")) == 1
    # 8 steps, 2 more edges behind the mapped one, 2 steps on failure and their frame.
    assert len(root.findall(f".//{NS}rect")) == 8 + 2 + 2 + 1
    assert len(root.findall(f"{NS}path[@class='line dashed']")) == 1


def test_tooltips_tell_what_a_step_and_a_line_are(graph: Graph) -> None:
    told = texts(_read(svg(sketch(graph))), "title")
    assert any(text.startswith("load\n") and 'source = "a.csv"' in text for text in told)
    assert "split → judge: test" in told
    assert "judge → ask-2: before" in told


def test_it_runs_no_script_and_loads_nothing(graph: Graph) -> None:
    text = svg(sketch(graph))
    assert "<script" not in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert "prefers-color-scheme:dark" in text


def test_names_are_texts_and_nothing_else() -> None:
    name = "</text><script>alert('x')</script>&amp;\x00\ud800"
    drawn = Sketch(title=name, params={name: name}, shapes=(Shape(key="a", text=name, details=(name,)),), lines=())
    root = _read(svg(drawn))
    assert root.findall(f".//{NS}script") == []
    assert any("<script>alert('x')</script>&amp;\\u0000?" in text for text in texts(root, "text"))


def test_lines_that_share_a_way_are_drawn_once() -> None:
    chain = [(index, index + 1) for index in range(300)]
    text = svg(drawing(301, *chain, *((0, index) for index in range(2, 301))))
    assert len(text) < 400_000
    assert text.count('marker-end="url(#tip)"') == 599


@settings(deadline=None)
@given(drawings())
def test_everything_lies_inside_the_picture(drawn: Sketch) -> None:
    root = _read(svg(drawn))
    _, _, width, height = (float(each) for each in root.attrib["viewBox"].split())
    for box in root.iter(f"{NS}rect"):
        assert float(box.attrib["x"]) >= 0
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= width
        assert float(box.attrib["y"]) + float(box.attrib["height"]) <= height
    assert len(root.findall(f"{NS}path[@marker-end]")) == len(drawn.lines) + len(drawn.failures) - 1


def test_text_beside_the_last_box_is_inside_the_picture() -> None:
    shapes = (Shape(key="a", text="a"), Shape(key="b", text="b"))
    line = Line(source="a", target="b", text="a_parameter_with_a_long_name")
    root = _read(svg(Sketch(title="t", params={}, shapes=shapes, lines=(line,))))
    label = root.find(f".//{NS}text[@class='label']")
    assert label is not None
    assert float(label.attrib["x"]) + 6.2 * len(line.text) < float(root.attrib["width"])
