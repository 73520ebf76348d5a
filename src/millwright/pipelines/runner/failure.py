"""What went wrong in a step, in a form that crosses processes."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from millwright.core import errors
from millwright.core.errors import MillwrightError, StepFailedError

if TYPE_CHECKING:
    from millwright.pipelines.graph.spec import StepOptions

_CLIENT_ERRORS = 500  # statuses below are the caller's mistakes
TRANSIENT = "transient"  # the note of a failed step that may pass with the same code and input

# Errors of the surroundings: of files, connections, time, killed processes, memory. Libraries have classes of their own
# for them, which share no base, but words in their names.
_OF_SURROUNDINGS = frozenset({"builtins.OSError", "builtins.MemoryError"})
_WORDS = (
    "Timeout",
    "Connect",
    "Network",
    "Transport",
    "Unavailable",
    "Operational",
    "Throttl",
    "RateLimit",
    "Interrupt",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class StepFailure:
    """An error of a step.

    Attributes:
        kind: The exception's class name.
        classes: `module.name` of its class and all bases, for `retry_on`.
        text: What it says, in one line with its class.
        where: `file.py:12` of the innermost line that lies in the project; empty when there is none.
        is_mistake: Whether trying again is no use: what was given is wrong.
        shown: Message, hint and details of an error of Millwright's own, by name; empty for others.
        trace: The traceback as text.
        cause: The exception itself, where it was raised in this process.
    """

    kind: str
    text: str
    classes: tuple[str, ...] = ()
    where: str = ""
    is_mistake: bool = False
    shown: Mapping[str, Any] = field(default_factory=dict)
    trace: str = ""
    cause: BaseException | None = None

    @classmethod
    def of(cls, error: BaseException, project_dir: Path) -> StepFailure:
        """The failure that an exception is."""
        shown: dict[str, Any] = {}
        if isinstance(error, MillwrightError):
            shown = {"message": error.message, "hint": error.hint, "details": error.details}
        return cls(
            kind=type(error).__name__,
            text=said(error),
            classes=_mro(type(error)),
            where=_where(error, project_dir),
            is_mistake=isinstance(error, MillwrightError) and error.http_status < _CLIENT_ERRORS,
            shown=shown,
            trace="".join(traceback.format_exception(error)),
            cause=error,
        )

    @classmethod
    def too_long(cls, seconds: float | None) -> StepFailure:
        """A step was ended since it took longer than it may."""
        return cls(
            kind="TimeoutError", text=f"TimeoutError: took longer than {seconds or 0:g} s", classes=_mro(TimeoutError)
        )

    @classmethod
    def died(cls, text: str) -> StepFailure:
        """The process that executed a step is gone."""
        return cls(kind="ProcessDied", text=text, classes=_mro(ChildProcessError))

    @property
    def is_transient(self) -> bool:
        """Whether the same code may well succeed with the same input, another time."""
        if self.shown:
            return not self.is_mistake
        names = (name.rpartition(".")[2] for name in self.classes)
        return bool(_OF_SURROUNDINGS & set(self.classes)) or any(word in name for name in names for word in _WORDS)

    def is_worth_retrying(self, options: StepOptions) -> bool:
        """Whether a step's settings say that it may pass."""
        if options.retry_on:
            return any(_name(wanted) in self.classes for wanted in options.retry_on)
        return not self.is_mistake

    def raise_(self, step: str) -> NoReturn:
        """Raise it in the form that the user meets.

        Raises:
            MillwrightError: As the step raised it; its details name the step.
            StepFailedError: Its code raised something else.
        """
        if isinstance(self.cause, MillwrightError):
            self.cause.details.setdefault("step", step)
            raise self.cause
        if self.shown:
            kind = getattr(errors, self.kind, MillwrightError)
            details = {**self.shown["details"], "step": self.shown["details"].get("step", step)}
            raise kind(self.shown["message"], hint=self.shown["hint"], details=details)
        raise StepFailedError(
            f"Step '{step}' failed: {self.text}{f' ({self.where})' if self.where else ''}.",
            hint="Correct it and run again: the steps before it are kept.",
            details={"step": step, "error": self.kind, "at": self.where},
        ) from self.cause


def said(error: BaseException) -> str:
    """What an exception says, in one line."""
    if isinstance(error, MillwrightError):
        return error.message
    text = str(error).strip().rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _mro(kind: type) -> tuple[str, ...]:
    return tuple(_name(base) for base in kind.__mro__)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _where(error: BaseException, project_dir: Path) -> str:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.is_relative_to(project_dir) and "site-packages" not in path.parts:
            return f"{path.name}:{frame.lineno}"
    return ""
