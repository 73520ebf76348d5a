"""One part of what runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What is run.

    A part is ready with the first line that it prints, which names its URL if it has one.

    Attributes:
        name: For people: `server`, `worker`, `serve`.
        words: Gives the command; an empty one while there is nothing to run. A command that changes while the part
            runs ends it and begins it anew.
        health: Path below its URL that answers 200 while it is well; empty for parts without one.
        idle: Says what it waits for while there is nothing to run.
    """

    name: str
    words: Callable[[], Sequence[str]]
    health: str = ""
    idle: Callable[[], str] = str


class PartState(StrEnum):
    """Where a part stands."""

    IDLE = "idle"  # there is nothing to run yet
    STARTING = "starting"  # its process was started; left with its first line
    READY = "ready"  # it works
    UNWELL = "unwell"  # it does not answer; its process is ended when that lasts
    RESTING = "resting"  # its process died; left when it is started again
    ENDED = "ended"  # it was asked to end, and did


@dataclass(frozen=True, kw_only=True, slots=True)
class PartStatus:
    """A part at a moment.

    Attributes:
        url: Where it answers; empty when nowhere.
        pid: Its process; None when none runs.
        starts: How often its process was started.
        since: When the state began.
        said: Why, for people; may be empty.
    """

    name: str
    state: PartState
    since: datetime
    url: str = ""
    pid: int | None = None
    starts: int = 0
    said: str = field(default="", compare=False)
