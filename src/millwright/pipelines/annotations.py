"""What a user writes at a step or its parameters to say more than a type can."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.hint import metadata

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kKmMgGtT]?)(iB|B|i)?\s*")
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)\s*")


@dataclass(frozen=True, slots=True)
class External:
    """Marks a text or path parameter as naming a file (or folder) outside: `Annotated[str, External()]`.

    The file's content is part of the step's cache key, and so is its suffix; its path is not. A relative path is looked
    for in the project's folder, then in the present one; the step receives the absolute path. Of a URL its ETag, time
    of change or version counts; a step given one that tells nothing of these is not cached. At a pipeline's parameter
    it counts for every step that is given it.
    """


class ExternalValue(str):
    """A file, folder or URL outside, as the user wrote it; the step receives the absolute path or the URL as text."""

    __slots__ = ()


def external(path_or_url: str | os.PathLike[str]) -> ExternalValue:
    """Say in a pipeline's body that an argument names a file, folder or URL whose content counts.

        train(mw.external("data.csv"))

    It is what `Annotated[str, External()]` says at the parameter of a step, for steps that don't say it. In a list, all
    items are names of files when one of them is made by this function.

    Args:
        path_or_url: A path, looked for in the project's folder and then in the present one; or a URL.

    Raises:
        PipelineDefinitionError: It is no path; the output of a step is none while the graph is built.
    """
    if not isinstance(path_or_url, str | os.PathLike) or not str(path_or_url):
        raise PipelineDefinitionError(
            f"external expects a path or a URL, found {path_or_url!r}.",
            hint="If a step gives the name, annotate the parameter that takes it: Annotated[str, mw.External()].",
        )
    return ExternalValue(os.fspath(path_or_url))


def declares_file(hint: object) -> bool:
    """Whether a parameter's annotation says that it names a file: `Annotated[str, External()]`."""
    return any(isinstance(mark, External) or mark is External for mark in metadata(hint))


def as_external(value: object) -> object:
    """A parameter's value as `external` makes it where it is a path or URL, or a list with such; others as they are."""
    if isinstance(value, list | tuple):
        return [as_external(item) for item in value]
    return external(value) if isinstance(value, str | os.PathLike) and str(value) else value


def is_external(value: object) -> bool:
    """Whether an argument is made by `external`, or is a list of which an item is."""
    if isinstance(value, list | tuple):
        return any(isinstance(item, ExternalValue) for item in value)
    return isinstance(value, ExternalValue)


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """What a step wants of the machine that executes it; executors that place steps read it, `inline` does not.

    Attributes:
        cpu: Number of cores, fractions allowed.
        memory: Such as `4GiB` or `500MB`; empty when it does not matter.
        gpu: Number of devices.
    """

    cpu: float = 1.0
    memory: str = ""
    gpu: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """What a step that is executed on failure is told.

    Attributes:
        pipeline: The pipeline's name.
        run_id: The run that failed.
        step: The step that failed; empty when none did.
        error: What went wrong, in one line.
    """

    pipeline: str = ""
    run_id: str = ""
    step: str = ""
    error: str = ""


def parse_size(value: str) -> int:
    """Bytes from text such as `4GiB`, `500MB` or `2g`.

    Raises:
        PipelineDefinitionError: It is no size.
    """
    matched = _SIZE.fullmatch(value)
    if matched is None:
        raise PipelineDefinitionError(
            f"Resources: expected an amount of memory, found {value!r}.", hint="Write for example 4GiB or 500MB."
        )
    base = 1000 if matched[3] == "B" and matched[2] else 1024
    return int(float(matched[1]) * base ** " kmgt".index(matched[2].lower() or " "))


def parse_duration(value: str | float, *, what: str) -> float:
    """Seconds from a number of seconds, or from text such as `90s`, `10m`, `1.5h`.

    Args:
        value: What the user wrote.
        what: Whose duration it is, for the message.

    Raises:
        PipelineDefinitionError: It is no duration, or not above zero.
    """
    matched = _DURATION.fullmatch(value) if isinstance(value, str) else None
    seconds = float(matched[1]) * _UNITS_S[matched[2]] if matched else value
    if isinstance(seconds, str) or seconds <= 0:
        raise PipelineDefinitionError(
            f"{what}: expected a duration above zero, found {value!r}.", hint="Write for example 90s, 10m or 1.5h."
        )
    return float(seconds)
