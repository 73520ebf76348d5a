"""What a user writes at a step or its parameters to say more than a type can."""

from __future__ import annotations

import re
from dataclasses import dataclass

from millwright.core.errors import PipelineDefinitionError

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)\s*")


@dataclass(frozen=True, slots=True)
class External:
    """Marks a text or path parameter as naming a file (or folder) outside: `Annotated[str, External()]`.

    The file's content is part of the step's cache key, and so is its suffix; its path is not. A relative path is looked
    for in the project's folder, then in the present one; the step receives the absolute path. A URL cannot be looked
    into, so that a step given one is not cached.
    """


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
