from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.pipelines.graph.drawing import sketch
from millwright.pipelines.graph.drawing.sketch import one_line, shown

if TYPE_CHECKING:
    from millwright.pipelines.graph import Graph


def test_every_step_is_a_shape_and_a_condition_is_one_too(graph: Graph) -> None:
    found = {shape.text: shape for shape in sketch(graph).shapes}
    assert list(found) == ["load", "split", "fit", "judge", "judge.passed?", "publish", "tell", "ask", "ask-2"]
    assert found["judge.passed?"].kind == "condition"
    assert [name for name, shape in found.items() if shape.is_mapped] == ["fit"]
    assert [shape.text for shape in sketch(graph).failures] == ["clean_up", "alarm"]


def test_lines_say_what_is_given(graph: Graph) -> None:
    found = {(line.source, line.target): line for line in sketch(graph).lines}
    assert found["load", "split"].text == "rows"
    assert set(found["split", "fit"].text.split(", ")) == {"depot", "rows"}
    assert found["split", "judge"].text == "test"
    assert found["judge", "ask-2"].is_dashed
    assert not found["judge", "ask-2"].text


def test_condition_leads_only_to_the_first_steps_under_it(graph: Graph) -> None:
    drawn = sketch(graph)
    question = next(shape.key for shape in drawn.shapes if shape.kind == "condition")
    answers = {line.target: line.text for line in drawn.lines if line.source == question}
    assert answers == {"publish": "yes", "ask": "no"}
    assert [line.source for line in drawn.lines if line.target == question] == ["judge"]


def test_details_tell_what_a_step_is_given(graph: Graph) -> None:
    details = {shape.key: shape.details for shape in sketch(graph).shapes}
    assert 'source = "a.csv"' in details["load"]
    assert "test ← split[1]" in details["judge"]
    assert "only if judge.passed is True" in details["tell"]
    assert any(line.startswith("for each item of depot") for line in details["fit"])
    assert details["load"][-1].startswith("conftest.py:")


def test_long_values_are_cut() -> None:
    assert len(shown("x" * 500)) == 80
    assert shown({"a": [1]}) == '{"a":[1]}'


def test_text_of_people_is_one_harmless_line() -> None:
    assert one_line("a\n b\x1b[31m") == "a b\\u001b[31m"
