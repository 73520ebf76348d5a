"""Stages of the demonstration: what happened and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class Stage:
    """One stage of the loop.

    Attributes:
        name: Such as `monitor`.
        what: What happened, in one sentence; set while the stage runs.
        seconds: How long it took; None while it runs.
    """

    name: str
    what: str = ""
    seconds: float | None = None


@dataclass(slots=True)
class Stages:
    """The stages so far, told to a listener when each begins and ends."""

    on_change: Callable[[Stage], None]
    done: list[Stage] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Time a stage; what it raises passes through."""
        stage = Stage(name)
        self.on_change(stage)
        started = time.perf_counter()
        yield stage
        stage.seconds = time.perf_counter() - started
        self.done.append(stage)
        self.on_change(stage)
