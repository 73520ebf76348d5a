"""Conditions: parts of a pipeline's body that are executed only when a result says so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph.builder import current_builder
from millwright.pipelines.graph.node import Condition, Link
from millwright.pipelines.graph.output import StepOutput
from millwright.pipelines.serializers.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def when(output: Any, /, *, equals: Any = True) -> Iterator[None]:
    """Steps called inside the context are executed only when an output is equal to a value; otherwise skipped.

    A step that needs an output of a skipped one is skipped, too, unless it takes it through `mw.first`.

    Args:
        output: Of a step: a truth value, or whatever can be compared; a field of it such as `report.passed`.
        equals: A JSON value.

    Raises:
        PipelineDefinitionError: It is no output of a step, or this is no pipeline's body.

    Example:
        with mw.when(report.passed):
            deploy(version)
    """
    with _under(output, equals, negated=False):
        yield


@contextmanager
def unless(output: Any, /, *, equals: Any = True) -> Iterator[None]:
    """Like `when`, for an output that is not equal to the value."""
    with _under(output, equals, negated=True):
        yield


@contextmanager
def _under(output: Any, equals: Any, *, negated: bool) -> Iterator[None]:
    builder = current_builder()
    if builder is None:
        raise PipelineDefinitionError(
            "mw.when and mw.unless stand in the body of a pipeline.", hint="Inside a step, use if."
        )
    if not isinstance(output, StepOutput):
        raise PipelineDefinitionError(
            f"A condition: expected the output of a step, found {output!r:.80}.",
            hint="What is known before the run is tested with if.",
        )
    problem = builder.link_problem(output)
    if problem:
        raise PipelineDefinitionError(f"A condition cannot be tested: {problem}.")
    link = Link(output.step, output.index, output.field)
    with builder.under(Condition(link=link, wanted=to_plain(equals), negated=negated)):
        yield
