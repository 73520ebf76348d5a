"""Conditions: parts of a pipeline's body that are executed only when a result says so."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.graph.builder import call_site, current_builder
from millwright.pipelines.graph.node import Condition, Link
from millwright.pipelines.graph.output import StepOutput
from millwright.pipelines.hint import describe
from millwright.pipelines.parameter import coerce
from millwright.pipelines.serializers.plain import to_plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.pipelines.graph.builder import GraphBuilder


_UNSAID = object()


@contextmanager
def when(output: Any, /, *, equals: Any = _UNSAID, differs_from: Any = _UNSAID) -> Iterator[None]:
    """Steps called inside the context are executed only when an output has a value; otherwise they are skipped.

    A step that needs an output of a skipped one is skipped, too, unless it takes it through `mw.first`.

    Args:
        output: Of a step: a truth value, or whatever can be compared; a field of it such as `report.passed`.
        equals: The JSON value that it must have; True when nothing is said.
        differs_from: The JSON value that it must not have, in place of `equals`.

    Raises:
        PipelineDefinitionError: This is no pipeline's body. Other mistakes are told with those of the body.

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
    negated = differs_from is not _UNSAID
    wanted = differs_from if negated else True if equals is _UNSAID else equals
    problem = _problem(output, wanted, builder)
    if negated and equals is not _UNSAID:
        problem = problem or "mw.when takes equals= or differs_from=, and was given both; put one context into another."
    if problem or not isinstance(output, StepOutput):
        builder.problems.append(f"{call_site()}: {problem}")
        yield
        return
    link = Link(output.step, output.index, output.field)
    plain = to_plain(coerce(wanted, output.hint))
    with builder.under(Condition(link=link, wanted=plain, negated=negated)):
        yield


def _problem(output: Any, wanted: Any, builder: GraphBuilder) -> str:
    """What is wrong with a condition, in a sentence; empty when nothing is."""
    if not isinstance(output, StepOutput):
        return (
            f"a condition: expected the output of a step, found {output!r:.80}. What is known before the run is tested "
            "with if."
        )
    problem = builder.link_problem(output)
    if problem:
        return f"a condition cannot be tested: {problem}."
    said = f"step '{output.step}' gives {describe(output.hint)}"
    try:
        to_plain(coerce(wanted, output.hint))
    except ValueError:
        return f"a condition: {said}, and it is compared with {wanted!r:.80}. Say what it must be with equals=."
    except TypeError:
        return f"a condition cannot be tested: {said}, and {wanted!r:.80} has no JSON form. Compare in a step."
    return ""
