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


_UNSAID = object()


@contextmanager
def when(output: Any, /, *, equals: Any = True, differs_from: Any = _UNSAID) -> Iterator[None]:
    """Steps called inside the context are executed only when an output has a value; otherwise they are skipped.

    A step that needs an output of a skipped one is skipped, too, unless it takes it through `mw.first`.

    Args:
        output: Of a step: a truth value, or whatever can be compared; a field of it such as `report.passed`.
        equals: The JSON value that it must have.
        differs_from: The JSON value that it must not have, in place of `equals`.

    Raises:
        PipelineDefinitionError: It is no output of a step, or this is no pipeline's body.

    Example:
        with mw.when(report.passed):
            shipped = deploy(version)
        with mw.when(report.passed, equals=False):
            kept = keep(version)
        tell(mw.first(shipped, kept))
    """
    builder = current_builder()
    if builder is None:
        raise PipelineDefinitionError("mw.when stands in the body of a pipeline.", hint="Inside a step, use if.")
    if not isinstance(output, StepOutput):
        raise PipelineDefinitionError(
            f"A condition: expected the output of a step, found {output!r:.80}.",
            hint="What is known before the run is tested with if.",
        )
    problem = builder.link_problem(output)
    if problem:
        raise PipelineDefinitionError(f"A condition cannot be tested: {problem}.")
    link = Link(output.step, output.index, output.field)
    negated = differs_from is not _UNSAID
    with builder.under(Condition(link=link, wanted=to_plain(differs_from if negated else equals), negated=negated)):
        yield
