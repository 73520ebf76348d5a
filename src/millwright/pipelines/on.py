"""What starts a pipeline by itself: `@mw.pipeline(on=[mw.on.dataset("schedules"), mw.on.code()])`.

These are declarations: `mw triggers add` and `mw schedules add` register them, and workers act on them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.annotations import Failure, parse_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Asked",
    "Called",
    "CodeChange",
    "Condition",
    "Cron",
    "Failure",
    "NewVersion",
    "Raised",
    "alert",
    "api",
    "code",
    "cron",
    "dataset",
    "drift",
    "webhook",
]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Cron:
    """Certain times.

    Attributes:
        expression: Five fields, `0 2 * * *`, or six with seconds in front.
        tz: The time zone in which they are meant.
    """

    expression: str
    tz: str = "UTC"


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A new version of a dataset that no run of the pipeline itself made."""

    dataset: str


@dataclass(frozen=True, slots=True)
class CodeChange:
    """A change of code that a step of the pipeline reaches: comments, formatting and other code do not count."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert.

    Attributes:
        subject: The endpoint, or the model that an endpoint serves.
        kinds: Only these kinds of alerts; every kind when empty.
        cooldown_s: Seconds after a run was started in which alerts wait.
    """

    subject: str
    kinds: tuple[str, ...] = ()
    cooldown_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Called:
    """A call with a secret token: `POST /api/v1/hooks/TOKEN`."""

    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A call of somebody who may run pipelines: `POST /api/v1/pipelines/NAME/runs`."""


Condition: TypeAlias = Cron | NewVersion | CodeChange | Raised | Called | Asked


def cron(expression: str, *, tz: str = "UTC") -> Cron:
    """Certain times, such as `mw.on.cron("0 2 * * *", tz="Europe/Berlin")`.

    Args:
        expression: Five fields, or six with seconds in front.
        tz: The time zone in which they are meant.
    """
    return Cron(expression, tz)


def dataset(name: str) -> NewVersion:
    """A new version of a dataset, whoever wrote it but the pipeline itself.

    Raises:
        PipelineDefinitionError: The name is none.
    """
    return NewVersion(_named(name, "dataset"))


def code() -> CodeChange:
    """A change of code that a step reaches."""
    return CodeChange()


def alert(subject: str, *, kinds: Sequence[str] = (), cooldown: str | float = "1h") -> Raised:
    """An alert of an endpoint, or of any endpoint that serves a model.

    Args:
        subject: The endpoint's name, or the model's.
        kinds: `drift`, `performance`, `missing_data`; every kind when empty.
        cooldown: Seconds, or text such as `1h`, after a run was started in which alerts wait.

    Raises:
        PipelineDefinitionError: The name is none, or the duration cannot be read.
    """
    listed = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    seconds = parse_duration(cooldown, what="The cool-down of a trigger") if cooldown else 0.0
    return Raised(_named(subject, "endpoint or model"), listed, seconds)


def drift(subject: str, *, cooldown: str | float = "1h") -> Raised:
    """Drift of an endpoint, or of any endpoint that serves a model; see `alert`."""
    return alert(subject, kinds=("drift",), cooldown=cooldown)


def webhook(name: str) -> Called:
    """A call with a secret token, which `mw triggers add` shows once.

    Raises:
        PipelineDefinitionError: The name is none.
    """
    if isinstance(name, str) and not _NAME.fullmatch(name):
        raise PipelineDefinitionError(
            f"Expected the name of a webhook, found {name!r}.", hint="Use letters, digits, dots, - and _."
        )
    return Called(_named(name, "webhook"))


def api() -> Asked:
    """A call of the native API by somebody who may run pipelines."""
    return Asked()


def _named(name: str, what: str) -> str:
    if not isinstance(name, str) or not name.strip():
        raise PipelineDefinitionError(f"Expected the name of a {what}, found {name!r}.")
    return name
