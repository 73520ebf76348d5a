from __future__ import annotations

from enum import Enum

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph.node import Condition, Link


@mw.step
def check() -> bool:
    return True


class Kind(Enum):
    FAST = "fast"
    SLOW = "slow"


@mw.step
def kind() -> Kind:
    return Kind.FAST


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
        (Condition(link=Link("a", 0), wanted=1), True, False),
        (Condition(link=Link("a", 0), wanted=3.0), 3, True),
        (Condition(link=Link("a", 0), wanted="x"), "x", True),
        (Condition(link=Link("a", 0), wanted="x", negated=True), "y", True),
        (Condition(link=Link("a", 0), wanted="x", negated=True), "x", False),
    ],
)
def test_values_are_compared_with_their_types(condition: Condition, value: object, *, expected: bool) -> None:
    assert condition.holds(value) is expected


def test_condition_has_the_type_of_the_output() -> None:
    @mw.step
    def share() -> float:
        return 0.0

    @mw.pipeline
    def demo() -> None:
        with mw.when(share(), equals=1):
            act()
        with mw.when(kind(), differs_from=Kind.FAST):
            act()

    conditions = [node.conditions[0] for node in demo.bind({}).nodes if node.conditions]
    assert [(type(each.wanted), each.wanted) for each in conditions] == [(float, 1.0), (str, "fast")]


def test_mistakes_in_conditions_are_told_at_once_with_their_lines() -> None:
    @mw.pipeline
    def demo(ready: bool = True) -> None:
        with mw.when(act()):
            act()
        with mw.when(ready):
            act()
        with mw.when(kind(), equals="quick"):
            act()
        with mw.when(kind(), equals="fast", differs_from="slow"):
            act()

    with pytest.raises(PipelineDefinitionError) as caught:
        demo.bind({})
    problems = caught.value.details["problems"]
    assert len(problems) == 4
    assert "step 'act' gives int, and it is compared with True" in problems[0]
    assert "expected the output of a step, found True. What is known before the run is tested with if" in problems[1]
    assert "step 'kind' gives tests.Kind, and it is compared with 'quick'" in problems[2]
    assert "takes equals= or differs_from=, and was given both" in problems[3]
    assert all(problem.startswith("test_branch.py:") for problem in problems)


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
