from __future__ import annotations

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph.node import Condition, Link


@mw.step
def check() -> bool:
    return True


@mw.step
def act() -> int:
    return 1


def test_conditions_add_up_where_contexts_are_nested() -> None:
    @mw.pipeline
    def demo() -> None:
        one, two = check(), check()
        with mw.when(one):
            act()
            with mw.when(two, equals=False):
                act()
        act()

    found = [node.conditions for node in demo.bind({}).nodes[2:]]
    first, second = Condition(link=Link("check", 0)), Condition(link=Link("check-2", 0), wanted=False)
    assert found == [(first,), (first, second), ()]


@pytest.mark.parametrize(
    ("condition", "value", "expected"),
    [
        (Condition(link=Link("a", 0)), True, True),
        (Condition(link=Link("a", 0)), 1, False),
        (Condition(link=Link("a", 0), wanted="x"), "x", True),
        (Condition(link=Link("a", 0), wanted="x", negated=True), "y", True),
        (Condition(link=Link("a", 0), wanted="x", negated=True), "x", False),
    ],
)
def test_values_are_compared_with_their_types(condition: Condition, value: object, *, expected: bool) -> None:
    assert condition.holds(value) is expected


def test_output_of_another_graph_is_refused() -> None:
    outputs: list[bool] = []

    @mw.pipeline
    def one() -> None:
        outputs.append(check())

    @mw.pipeline
    def other() -> None:
        with mw.when(outputs[0]):
            act()

    one.bind({})
    with pytest.raises(PipelineDefinitionError, match="belongs to another pipeline's graph"):
        other.bind({})
