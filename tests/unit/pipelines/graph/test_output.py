from __future__ import annotations

import contextlib
import copy
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph.output import StepOutput

if TYPE_CHECKING:
    from collections.abc import Callable

OUTPUT = StepOutput("clean", 0, int, object())


@pytest.mark.parametrize(
    ("use", "what"),
    [
        (bool, "true or false"),
        (lambda o: not o, "true or false"),
        (list, "looped over or unpacked"),
        (lambda o: max(*o), "looped over or unpacked"),
        (len, "length"),
        (lambda o: o["a"], "indexed"),
        (lambda o: 1 in o, "indexed"),
        (lambda o: o(1), "called"),
        (lambda o: o == 1, "compared"),
        (lambda o: o != 1, "compared"),
        (lambda o: o < 1, "compared"),
        (lambda o: o >= 1, "compared"),
        (lambda o: o + 1, "calculated"),
        (lambda o: 1 - o, "calculated"),
        (lambda o: -o, "calculated"),
        (int, "a number"),
        (float, "a number"),
        (range, "a number"),
        (str, "text"),
        (lambda o: f"{o}", "text"),
        (lambda o: o.columns, "attribute 'columns'"),
    ],
)
def test_output_used_like_a_value_is_refused_with_advice(use: Callable[[Any], Any], what: str) -> None:
    with pytest.raises(PipelineDefinitionError, match="The output of step 'clean' was used like a value") as caught:
        use(OUTPUT)
    assert what in caught.value.message
    assert caught.value.hint == "Do that inside a step, and give the output to it."


def test_output_can_be_shown_hashed_and_asked_for_what_it_is() -> None:
    assert repr(OUTPUT) == "<output 0 of step 'clean', not there before the pipeline runs>"
    assert len({OUTPUT, StepOutput("clean", 1, int, None)}) == 2
    assert not hasattr(OUTPUT, "__array__")
    with contextlib.suppress(TypeError):
        assert copy.copy(OUTPUT).step == "clean"
