from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph.node import Link

if TYPE_CHECKING:
    from collections.abc import Callable


@mw.step
def one() -> int:
    return 1


@mw.step
def many() -> list[int]:
    return [1]


@mw.step
def add(left: int, right: int = 2) -> int:
    return left + right


@mw.step
def named(after: int) -> int:
    return after


def no_argument() -> None:
    add()


def no_list() -> None:
    add.map()


def node(body: Callable[[], Any], name: str = "add") -> Any:
    return mw.pipeline(body).bind({}).node(name)


def problem(body: Callable[[], Any]) -> str:
    with pytest.raises(PipelineDefinitionError) as caught:
        mw.pipeline(body).bind({})
    return caught.value.message


def test_arguments_are_links_or_values_with_defaults() -> None:
    found = node(lambda: add(one()))
    assert found.links == {"left": Link("one", 0)}
    assert found.values == found.plain == {"right": 2}


def test_items_of_lists_are_values_links_or_come_with_an_output() -> None:
    assert node(lambda: add.map([1, 2])).values == {"left": [1, 2], "right": 2}
    assert node(lambda: add.map([one(), one()])).links == {"left[0]": Link("one", 0), "left[1]": Link("one-2", 0)}
    assert node(lambda: add.map(many())).mapped == ("left",)
    assert node(lambda: add.map(1, mw.each([1, 2]))).mapped == ("right",)


def test_first_of_several_outputs_keeps_the_others() -> None:
    found = node(lambda: add(mw.first(one(), one())))
    assert (found.links["left"], found.others["left"]) == (Link("one", 0), (Link("one-2", 0),))
    assert found.needs == ("one", "one-2")


def test_parameter_called_after_is_a_parameter() -> None:
    assert node(lambda: named(after=3), "named").values == {"after": 3}
    assert node(lambda: add(1, after=one())).after == ("one",)  # type: ignore[call-arg]


def test_step_comes_after_all_of_which_another_takes_the_first() -> None:
    assert node(lambda: add(1, after=[mw.first(one(), one())])).after == ("one", "one-2")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (no_argument, "lacks the argument 'left'"),
        (lambda: add(1, 2, 3), "takes 2 arguments and was given 3"),
        (lambda: add("x"), "expects a whole number for 'left', found 'x'"),
        (lambda: add.map("x"), "is mapped over 'left', which is no list: found 'x'"),
        (no_list, "is mapped over nothing"),
        (lambda: add(mw.each([1])), "called once: call it with .map"),
        (lambda: add.map(["x"]), "expects a whole number for 'left', found 'x'"),
        (
            lambda: add.map(mw.each([1, 2]), mw.each([1])),
            "is mapped over lists of different lengths: 2 for 'left', 1 for 'right'",
        ),
        (
            lambda: add.map(mw.each([one(), one()]), mw.each([1, 2, 3])),
            "lists of different lengths: 3 for 'right', 2 for 'left'",
        ),
        (lambda: add(1, after=3), "comes after outputs of steps only, found 3"),
        (lambda: add.map(one()), "expects list\\[int\\] for 'left', and step 'one' gives int"),
    ],
)
def test_mistakes_are_told(body: Callable[[], Any], message: str, bench: Any) -> None:
    with pytest.raises(PipelineDefinitionError, match=message):
        mw.pipeline(body).bind({}, types=bench.runner.types)


def test_all_mistakes_are_told_at_once() -> None:
    def body() -> None:
        add()
        add(1, lost=2)  # type: ignore[call-arg]

    assert "2 mistakes" in problem(body)
